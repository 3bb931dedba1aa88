// Links: symmetric, at most one between two processes (S44 to S56). Making and breaking one acts on both sides at once, so an unlink
// needs no acknowledgement here; an exit that is under way when a link is broken finds no link and is dropped.
import { Envelope } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";

/** @throws MoonletError noproc when `pid` is dead and `process` does not trap exits (S46), badarg for what is no pid (S49). */
export function link(process: Process, pid: Pid): true {
  const { runtime } = process;
  const peer = runtime.expectPid(pid);
  if (peer === process) return true;
  if (peer !== undefined) {
    connect(process, peer);
    return true;
  }
  // A death that is under way on an existing link: that link is still there, and its exit will come (S44).
  if (hasDyingLink(process, pid)) return true;
  if (pid.node !== runtime.name) {
    runtime.scheduler.signals.push(process, { type: "noLink", from: pid, reason: "noconnection" });
  } else if (process.trapExit) {
    process.deliver(new Envelope("exit", { type: "exit", from: pid, reason: "noproc" }));
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
  if (peer !== undefined) {
    if (process.links?.delete(peer)) {
      peer.links?.delete(process);
      const { events, environment } = process.runtime;
      if (events.active) events.emit({ type: "unlinked", at: environment.now(), pid: process.pid, to: pid });
    }
  } else if (process.links !== undefined) {
    const dying = dyingLink(process, pid);
    if (dying !== undefined) process.links.delete(dying);
  }
  return true;
}

/** Links two living processes. */
export function connect(a: Process, b: Process): void {
  a.links ??= new Set();
  b.links ??= new Set();
  a.links.add(b);
  b.links.add(a);
  const { events, environment } = a.runtime;
  if (events.active) events.emit({ type: "linked", at: environment.now(), pid: a.pid, to: b.pid });
}

function hasDyingLink(process: Process, pid: Pid): boolean {
  return dyingLink(process, pid) !== undefined;
}

/** A linked process that is dead and whose exit has not been delivered yet. */
function dyingLink(process: Process, pid: Pid): Process | undefined {
  if (process.links === undefined || process.runtime.scheduler.signals.length === 0) return undefined;
  for (const peer of process.links) if (!peer.alive && peer.pid.equals(pid)) return peer;
  return undefined;
}
