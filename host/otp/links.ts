// Links: symmetric, at most one between two processes (S44 to S56). Making and breaking one acts on both sides at once, so an unlink
// needs no acknowledgement here; an exit that is under way when a link is broken finds no link and is dropped.
import { MoonletError } from "./error.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { SmallMap } from "./small-map.ts";

/** @throws MoonletError noproc when `pid` is dead and `process` does not trap exits (S46), badarg for what is no pid (S49). */
export function link(process: Process, pid: Pid): true {
  const { runtime } = process;
  const peer = runtime.expectPid(pid);
  if (peer === process) return true;
  if (peer !== undefined) {
    connect(process, peer);
  } else if (pid.node !== runtime.name) {
    runtime.scheduler.signals.push(process, { type: "noLink", from: pid, reason: "noconnection" });
  } else if (isLinkedTo(process, pid)) {
    // It is dying: the link is still there, and its exit will come (S44).
  } else if (process.trapExit) {
    process.queueOwn({ type: "noLink", from: pid });
  } else {
    throw new MoonletError("noproc", `cannot link to ${pid}: there is no such process`, {
      hint: "trap exits to get a message instead",
    });
  }
  return true;
}

/** True for any pid (S50). @throws MoonletError badarg for what is no pid. */
export function unlink(process: Process, pid: Pid): true {
  const peer = process.runtime.expectPid(pid);
  if (!isLinkedTo(process, pid)) return true;
  process.links!.delete(pid.number);
  peer?.links?.delete(process.pid.number);
  const { events, environment } = process.runtime;
  if (events.active) events.emit({ type: "unlinked", at: environment.now(), pid: process.pid, to: pid });
  return true;
}

/** Links two living processes. */
export function connect(a: Process, b: Process): void {
  a.links ??= new SmallMap();
  b.links ??= new SmallMap();
  a.links.set(b.pid.number, b);
  b.links.set(a.pid.number, a);
  const { events, environment } = a.runtime;
  if (events.active) events.emit({ type: "linked", at: environment.now(), pid: a.pid, to: b.pid });
}

/** Whether there is a link, be it to a process that is dead and whose exit is still under way. */
function isLinkedTo(process: Process, pid: Pid): boolean {
  return process.links?.get(pid.number)?.pid.equals(pid) === true;
}
