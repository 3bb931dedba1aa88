// Monitors: one direction, any number, each with its own reference and exactly one DOWN (S57 to S72).
import { ALIAS_BYTES, attachAlias, detachAlias } from "./aliases.ts";
import { type DownMessage, Envelope, type NameOnNode } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import { nameOf, nameOnNode } from "./names.ts";
import { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { type MonitorRef, Ref } from "./ref.ts";
import { SmallMap } from "./small-map.ts";
import type { Atom } from "./term/atom.ts";
import { heldBytes } from "./term/held-bytes.ts";
import { isTuple } from "./term/tuple.ts";

/** When an alias that comes with a monitor ends: by unalias only; with the monitor; with the monitor or the first message over it. */
export type MonitorAlias = "explicit_unalias" | "demonitor" | "reply_demonitor";

/** A pid, a registered name, or a name on a node. */
export type MonitorTarget = Pid | string | Atom | NameOnNode | readonly unknown[];

export interface MonitorOptions {
  /** Makes the reference an alias of the monitoring process, too (S79 to S81). Default none. */
  readonly alias?: MonitorAlias;
  /** Stands in place of "down" as the `type` of the message, and of 'DOWN' in a guest (S65). Default none. */
  readonly tag?: unknown;
}

export interface DemonitorOptions {
  /** Removes a DOWN that was already received (S68). Default false. */
  readonly flush?: boolean;
  /** Makes the result say whether the monitor was still active (S70). Default false. */
  readonly info?: boolean;
}

export interface Monitor {
  readonly ref: MonitorRef;
  readonly watcher: Process;
  /** undefined when there was nobody. */
  readonly target: Process | undefined;
  /** As it appears in the DOWN. */
  readonly item: Pid | NameOnNode;
  readonly options: MonitorOptions;
  /** What it takes up of its watcher's memory limit. */
  readonly bytes: number;
}

/** What a monitor takes up, without its tag. */
const MONITOR_BYTES = 240;

function ownBytes({ tag }: MonitorOptions): number {
  return MONITOR_BYTES + (tag === undefined ? 0 : heldBytes(tag));
}

/** What a monitor takes up of its watcher's memory limit, with the alias that comes with it. */
export function monitorBytes(options: MonitorOptions): number {
  return ownBytes(options) + (options.alias === undefined ? 0 : ALIAS_BYTES);
}

/** @throws MoonletError badarg for what cannot be monitored, and for unknown options, system_limit for a watcher that has no room. */
export function monitor(watcher: Process, target: MonitorTarget, options: MonitorOptions = {}): MonitorRef {
  checkOptions(options);
  const { runtime } = watcher;
  if (target instanceof Pid) {
    const process = runtime.process(target);
    if (process !== undefined) return attach(watcher, process, target, options).ref;
    const made = attach(watcher, undefined, target, options);
    const reason = target.node === runtime.name ? "noproc" : "noconnection";
    // Asynchronous, as on the BEAM: an immediate `timeoutMs: 0` does not see it (S60).
    runtime.scheduler.signals.push(watcher, { type: "down", monitor: made, reason });
    return made.ref;
  }
  const item = namedItem(runtime.name, target);
  const made = attach(
    watcher,
    item.node === runtime.name ? runtime.named(item.name) : undefined,
    item,
    options,
  );
  // For a name the DOWN is there for the very next receive (S60).
  // `Differs from OTP:` a name on another node gives noconnection, as on a BEAM with distribution; one without raises badarg.
  if (made.target === undefined) {
    const reason = item.node === runtime.name ? "noproc" : "noconnection";
    watcher.queueOwn({ type: "down", monitor: made, reason });
  }
  return made.ref;
}

/** Monitors a living process. Monitoring oneself gives a reference and does nothing (S63). */
export function attach(
  watcher: Process,
  target: Process | undefined,
  item: Pid | NameOnNode,
  options: MonitorOptions,
): Monitor {
  const ref = watcher.runtime.newRef();
  const bytes = ownBytes(options);
  const made: Monitor = { ref, watcher, target, item, options, bytes };
  if (target === watcher) return made;
  // All of it or nothing.
  if (options.alias !== undefined) watcher.expectBytes(monitorBytes(options));
  watcher.takeBytes(bytes);
  watcher.monitors ??= new SmallMap();
  watcher.monitors.set(ref.number, made);
  if (target !== undefined) {
    target.monitoredBy ??= new SmallMap();
    target.monitoredBy.set(ref.number, made);
  }
  if (options.alias !== undefined) attachAlias(watcher, ref, options.alias);
  const { events, environment } = watcher.runtime;
  if (events.active)
    events.emit({ type: "monitored", at: environment.now(), pid: watcher.pid, ref, target: item });
  return made;
}

/** @throws MoonletError badarg for what is no reference (S72). */
export function demonitor(watcher: Process, ref: MonitorRef, options: DemonitorOptions = {}): boolean {
  if (!(ref instanceof Ref))
    throw new MoonletError("badarg", `demonitor needs a reference, not ${String(ref)}`);
  for (const option of Object.keys(options)) {
    if (option === "flush" || option === "info") continue;
    throw new MoonletError("badarg", `unknown option "${option}" of demonitor`, {
      hint: "use flush and info",
    });
  }
  const made = watcher.runtime.isOwn(ref) ? watcher.monitors?.get(ref.number) : undefined;
  if (made !== undefined) {
    drop(made);
    if (made.options.alias === "demonitor" || made.options.alias === "reply_demonitor")
      detachAlias(watcher, ref);
  } else if (options.flush === true) {
    // The DOWN of a monitor that was active cannot have come, so that there is nothing to flush; a forged one stays then.
    if (watcher.hasOwnSignals) watcher.handleOwnSignals();
    flush(watcher, ref);
  }
  return options.info === true ? made !== undefined : true;
}

/** Takes a monitor away from both sides. */
export function drop(monitor: Monitor): void {
  if (monitor.watcher.monitors?.delete(monitor.ref.number)) monitor.watcher.releaseBytes(monitor.bytes);
  monitor.target?.monitoredBy?.delete(monitor.ref.number);
}

/** Ends a monitor with its DOWN; nothing if it was removed while that was under way (S67). */
export function deliverDown(monitor: Monitor, reason: unknown): void {
  const { ref, watcher, item, options } = monitor;
  if (!watcher.monitors?.delete(ref.number)) return;
  watcher.releaseBytes(monitor.bytes);
  if (options.alias === "demonitor" || options.alias === "reply_demonitor") detachAlias(watcher, ref);
  const type = (options.tag === undefined ? "down" : options.tag) as "down";
  const value: DownMessage = { type, ref, pid: item, reason };
  watcher.deliver(new Envelope("down", value, ref));
}

function flush(watcher: Process, ref: Ref): void {
  const { mailbox } = watcher;
  if (mailbox.removeTagged(ref, (e) => e.kind === "down")) return;
  // What looks like a DOWN of this monitor is one (S69).
  mailbox.removeSince(0, (e) => e.kind === "message" && looksLikeDown(e.value, ref));
}

function looksLikeDown(value: unknown, ref: Ref): boolean {
  if (isTuple(value)) return value.length === 5 && ref.equals(value[1]);
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    value.type === "down" &&
    "ref" in value &&
    ref.equals(value.ref)
  );
}

function namedItem(node: string, target: unknown): NameOnNode {
  const item = nameOnNode(target);
  if (item !== undefined) return item;
  const name = nameOf(target);
  if (name === undefined) {
    throw new MoonletError("badarg", `cannot monitor ${String(target)}`, {
      hint: "monitor a pid or a registered name",
    });
  }
  return { name, node };
}

const ALIASES: readonly unknown[] = ["explicit_unalias", "demonitor", "reply_demonitor", undefined];

function checkOptions(options: MonitorOptions): void {
  if (ALIASES.includes(options.alias)) return;
  throw new MoonletError("badarg", `unknown kind of alias ${JSON.stringify(options.alias)}`, {
    hint: "use explicit_unalias, demonitor or reply_demonitor",
  });
}
