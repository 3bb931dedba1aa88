// Aliases: references that can be sent to until they end (S73 to S82).
import { MoonletError } from "./error.ts";
import { drop, type MonitorAlias } from "./monitors.ts";
import type { Process } from "./process.ts";
import { type Alias, Ref } from "./ref.ts";
import { SmallMap } from "./small-map.ts";

/** When an alias ends: by unalias; with the first message over it; or with its monitor, see `MonitorAlias`. */
export type AliasMode = "reply" | MonitorAlias;

/** What one takes up. */
export const ALIAS_BYTES = 160;

/** An active alias. */
export interface AliasEntry {
  readonly process: Process;
  readonly mode: AliasMode;
}

/** A new alias of the process. @throws MoonletError system_limit. */
export function alias(process: Process, mode: AliasMode): Alias {
  const ref = process.runtime.newRef();
  attachAlias(process, ref, mode);
  return ref;
}

/** Makes a reference an alias of the process. @throws MoonletError system_limit when its memory limit leaves no room for it. */
export function attachAlias(process: Process, ref: Ref, mode: AliasMode): void {
  process.takeBytes(ALIAS_BYTES);
  const entry: AliasEntry = { process, mode };
  process.runtime.aliases.set(ref.number, entry);
  process.aliases ??= new SmallMap();
  process.aliases.set(ref.number, entry);
}

/** Ends an alias, if it is one. */
export function detachAlias(process: Process, ref: Ref): void {
  process.runtime.aliases.delete(ref.number);
  if (process.aliases?.delete(ref.number)) process.releaseBytes(ALIAS_BYTES);
}

/** True if it was active and the process's own. @throws MoonletError badarg for what is no reference. */
export function unalias(process: Process, ref: Alias): boolean {
  if (!(ref instanceof Ref)) throw new MoonletError("badarg", `unalias needs an alias, not ${String(ref)}`);
  if (!process.runtime.isOwn(ref) || !process.aliases?.has(ref.number)) return false;
  detachAlias(process, ref);
  return true;
}

/** Whom a message to this reference reaches; ends aliases that are for one message. */
export function useAlias(aliases: SmallMap<AliasEntry>, ref: Ref): Process | undefined {
  const entry = aliases.get(ref.number);
  if (entry === undefined) return undefined;
  const { process, mode } = entry;
  if (mode === "reply" || mode === "reply_demonitor") {
    detachAlias(process, ref);
    const monitor = process.monitors?.get(ref.number);
    if (mode === "reply_demonitor" && monitor !== undefined) drop(monitor);
  }
  return process;
}

/** Ends all aliases of a process. */
export function dropAll(process: Process): void {
  if (process.aliases === undefined) return;
  for (const number of process.aliases.keys()) process.runtime.aliases.delete(number);
  process.aliases = undefined;
}
