// What a guest may do beyond computing, messaging, linking and timing. Default: nothing.
import { MoonletError } from "../otp/error.ts";
import { suggestion } from "./did-you-mean.ts";

/** Each grant and what it opens. */
export const GRANTS = {
  spawn: "spawn processes of its own program",
  register: "register and unregister names",
  groups: "join, leave, list and monitor process groups",
  tables: "make tables, and use those that are open to them",
  kill: "send exit signals to other processes, suspend and resume them",
  observe: "list all processes, registered names and tables, and look into other processes",
  stdio: "write to standard output and standard error",
  stdin: "read standard input",
} as const;

export type Grant = keyof typeof GRANTS;
/** A list of grants, or "all". */
export type Grants = "all" | readonly Grant[];

const ALL = Object.keys(GRANTS) as Grant[];

/** The grants as a set. Throws E_UNKNOWN_GRANT naming what is not one. */
export function grantSet(grants: "all" | readonly string[] = []): ReadonlySet<Grant> {
  if (grants === "all") return new Set(ALL);
  for (const grant of grants) {
    if (!(grant in GRANTS)) {
      throw new MoonletError("E_UNKNOWN_GRANT", `unknown grant "${grant}".${suggestion(grant, ALL)}`, {
        hint: `The grants are: ${ALL.join(", ")}.`,
      });
    }
  }
  return new Set(grants as readonly Grant[]);
}
