// Whether a process can get another program: what is looked at before anything is changed.
import { MoonletError } from "../otp/error.ts";
import { atom, reasonFromTerm, tuple } from "../otp/term/index.ts";
import { GrantSet } from "./grant.ts";
import type { Guest } from "./guest.ts";
import { checkGrants, neededGrants } from "./link.ts";
import type { Program } from "./program.ts";

/** Why not, as an exit reason: `{no_entry, Text}`, `{not_granted, Text}`, busy; undefined when nothing is in the way. */
export function checkChange(guest: Guest, program: Program, entry: string): unknown {
  if (guest.onTrial) return "busy";
  try {
    program.checkEntry(entry);
    // What its own program has to do without, the new one may do without, too.
    const known = neededGrants(guest.program.module).keys();
    checkGrants(program.name, program.module, new GrantSet([...guest.grants, ...known]));
    return undefined;
  } catch (error) {
    if (!(error instanceof MoonletError)) throw error;
    return reasonFromTerm(tuple(atom(error.code.replace(/^E_/, "").toLowerCase()), error.message));
  }
}
