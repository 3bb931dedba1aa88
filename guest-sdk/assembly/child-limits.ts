// What a child may use, and what it may use together with all its descendants. -1 is no limit of its own: the child has its parent's.
import * as encoder from "./term/encoder";

/** Limits of one process. A child never has more than its parent, whatever stands here. */
@final
export class ChildLimits {
  /** Bytes of memory, tables and timers. */
  memoryBytes: i64 = -1;
  /** Over its whole life; beyond it the child ends with a trap `fuel_exhausted`. */
  fuel: i64 = -1;
  /** In a second; beyond it the child waits. At least 1. */
  fuelPerSecond: i64 = -1;
  /** Milliseconds after which it ends with a trap `wall_time_exhausted`. */
  wallTimeMs: i64 = -1;
  /** Children that live. */
  children: i64 = -1;
  /** Timers that are pending. */
  timers: i64 = -1;
  /** Objects in its tables. */
  tableEntries: i64 = -1;
  /** Elements of its WebAssembly tables. */
  tableElements: i64 = -1;
  /** Messages that wait. */
  mailbox: i64 = -1;
  /** Their bytes. */
  mailboxBytes: i64 = -1;
  /** Bytes of a message that it sends. */
  messageBytes: i64 = -1;
  /** Files and directories. */
  openResources: i64 = -1;
  /** Lines of the log in a second. */
  logLines: i64 = -1;
  /** What it and all its descendants may use together. */
  subtree: SubtreeLimits | null = null;
}

/** Limits of a process and all its descendants, all together. */
@final
export class SubtreeLimits {
  memoryBytes: i64 = -1;
  fuel: i64 = -1;
  fuelPerSecond: i64 = -1;
  wallTimeMs: i64 = -1;
  /** Processes that live, the first one included. */
  processes: i64 = -1;
  timers: i64 = -1;
  tableEntries: i64 = -1;
  tableElements: i64 = -1;
  mailboxBytes: i64 = -1;
  openResources: i64 = -1;
  logLines: i64 = -1;
}

/** Writes the map of the option `limits`. */
export function placeLimits(limits: ChildLimits): void {
  const own = [
    limits.memoryBytes, limits.fuel, limits.fuelPerSecond, limits.wallTimeMs, limits.mailboxBytes, limits.openResources,
    limits.logLines, limits.timers, limits.tableEntries, limits.tableElements, limits.children, limits.mailbox, limits.messageBytes,
  ];
  const subtree = limits.subtree;
  encoder.map(given(own) + (subtree === null ? 0 : 1));
  place(own, ["memory_bytes", "fuel", "fuel_per_second", "wall_time_ms", "mailbox_bytes", "open_resources", "log_lines", "timers", "table_entries", "table_elements", "children", "mailbox", "message_bytes"]);
  if (subtree === null) return;
  const shared = [
    subtree.memoryBytes, subtree.fuel, subtree.fuelPerSecond, subtree.wallTimeMs, subtree.mailboxBytes, subtree.openResources,
    subtree.logLines, subtree.timers, subtree.tableEntries, subtree.tableElements, subtree.processes,
  ];
  encoder.atom("subtree");
  encoder.map(given(shared));
  place(shared, ["memory_bytes", "fuel", "fuel_per_second", "wall_time_ms", "mailbox_bytes", "open_resources", "log_lines", "timers", "table_entries", "table_elements", "processes"]);
}

function given(amounts: i64[]): u32 {
  let count: u32 = 0;
  for (let i = 0; i < amounts.length; i++) if (amounts[i] >= 0) count++;
  return count;
}

function place(amounts: i64[], names: string[]): void {
  for (let i = 0; i < amounts.length; i++) {
    if (amounts[i] < 0) continue;
    encoder.atom(names[i]);
    encoder.integer(amounts[i]);
  }
}
