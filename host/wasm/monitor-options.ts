// A monitor's options as Erlang writes them (OTP reference manual, erlang:monitor/3).
import type { MonitorOptions } from "../otp/index.ts";
import { Atom, isTuple } from "../otp/term/index.ts";

const ALIASES = ["explicit_unalias", "demonitor", "reply_demonitor"] as const;

/** `[{alias, demonitor}, {tag, Tag}]`; undefined for what is no such list. */
export function monitorOptionsOf(term: unknown): MonitorOptions | undefined {
  if (!Array.isArray(term) || isTuple(term)) return undefined;
  let options: MonitorOptions = {};
  for (const option of term) {
    if (!isTuple(option) || option.length !== 2 || !(option[0] instanceof Atom)) return undefined;
    const [{ name }, value] = option as unknown as [Atom, unknown];
    if (name === "tag") {
      options = { ...options, tag: value };
    } else if (name === "alias" && value instanceof Atom) {
      const alias = ALIASES.find((known) => known === value.name);
      if (alias === undefined) return undefined;
      options = { ...options, alias };
    } else {
      return undefined;
    }
  }
  return options;
}
