// The environment variables that a host's guests may see.
import type { Variables } from "./options.ts";
import { MoonletError } from "./otp/error.ts";

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Names with their values, or the values that `known` has; a name that it has not got is left out, as it is in a shell. */
export function readVariables(
  given: Variables = [],
  known: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const pairs = isNames(given) ? given.map((name) => [name, known[name]] as const) : Object.entries(given);
  if (pairs.length === 0) return NOTHING;
  const found = new Map<string, string>();
  for (const [name, value] of pairs) {
    assertName(name);
    if (value === undefined) continue;
    if (typeof value !== "string" || value.includes("\0")) {
      throw new MoonletError("E_GRANT", `the environment variable "${name}" is no text without NUL`);
    }
    found.set(name, value);
  }
  return found;
}

/** A part of `whole`, or of its names with other values. @throws MoonletError E_NOT_GRANTED. */
export function narrowVariables(
  given: Variables,
  whole: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  for (const name of isNames(given) ? given : Object.keys(given)) {
    if (whole.has(name)) continue;
    throw new MoonletError(
      "E_NOT_GRANTED",
      `the environment variable "${name}" was asked for, but the host itself has not got it`,
      { hint: `Add "${name}" to the env of createHost.` },
    );
  }
  return readVariables(given, Object.fromEntries(whole));
}

function isNames(given: Variables): given is readonly string[] {
  return Array.isArray(given);
}

function assertName(name: string): void {
  if (typeof name === "string" && name !== "" && !/[=\0]/.test(name)) return;
  throw new MoonletError("E_GRANT", `"${name}" cannot be the name of an environment variable`);
}
