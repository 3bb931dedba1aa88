// Process groups: sets of processes under a name that anyone can look up (OTP: pg). A group is an atom here, given as a string; it
// is there while it has members, and a process that ends leaves all of its groups.
import * as abi from "./abi/group";
import { check } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { self } from "./process";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";

/** A monitor of a group: the members when it was made, and the reference that leads its messages. */
@final
export class GroupMonitor {
  constructor(readonly ref: Ref, readonly members: Pid[]) {}
}

/** From now on the group functions of this process are about another scope. Ends it with `noproc` when the host has not started that. */
export function useGroupScope(scope: string): void {
  place(scope);
  check(abi.scope(encoder.start(), encoder.length()), "useGroupScope");
}

/** All groups that have members; a group that a JavaScript process made may be any term. */
export function groups(): Term[] {
  const length = abi.list(inbox(), capacity());
  check(length, "groups");
  settle(length);
  decoder.open(answer(), length);
  return __moonletRead<Term[]>("groups");
}

/** Adds a process, by default the calling one; each join is one more membership. */
export function joinGroup(group: string, pid: Pid = self()): void {
  place(group);
  check(abi.join(encoder.start(), encoder.length(), pid.pointer, pid.byteLength), "joinGroup");
}

/** Takes one membership away; false if there was none. */
export function leaveGroup(group: string, pid: Pid = self()): bool {
  place(group);
  const result = abi.leave(encoder.start(), encoder.length(), pid.pointer, pid.byteLength);
  check(result, "leaveGroup");
  return result == 1;
}

/** The members, one entry per membership; none for a group that does not exist. No order is promised. */
export function groupMembers(group: string): Pid[] {
  place(group);
  const length = abi.members(encoder.start(), encoder.length(), inbox(), capacity());
  check(length, "groupMembers");
  settle(length);
  decoder.open(answer(), length);
  return __moonletRead<Pid[]>("groupMembers");
}

/** From now on `{Ref, join, Group, Pids}` and `{Ref, leave, Group, Pids}` arrive for each change. */
export function monitorGroup(group: string): GroupMonitor {
  place(group);
  const length = abi.monitor(encoder.start(), encoder.length(), inbox(), capacity());
  check(length, "monitorGroup");
  settle(length);
  decoder.open(answer(), length);
  decoder.tuple("monitorGroup");
  const ref = __moonletRead<Ref>("monitorGroup");
  return new GroupMonitor(ref, __moonletRead<Pid[]>("monitorGroup"));
}

/** All groups of the scope when it was made, and the reference that leads the messages. */
@final
export class ScopeMonitor {
  constructor(
    readonly ref: Ref,
    /** `#{Group => [Pid]}`. */
    readonly groups: Term,
  ) {}
}

/** As `monitorGroup`, for all groups of the scope. */
export function monitorScope(): ScopeMonitor {
  const length = abi.monitor_scope(inbox(), capacity());
  check(length, "monitorScope");
  settle(length);
  decoder.open(answer(), length);
  decoder.tuple("monitorScope");
  const ref = __moonletRead<Ref>("monitorScope");
  return new ScopeMonitor(ref, __moonletRead<Term>("monitorScope"));
}

/** Ends the monitor and removes its waiting messages; false if there was no such monitor. */
export function demonitorGroup(ref: Ref): bool {
  const result = abi.demonitor(ref.pointer, ref.byteLength);
  check(result, "demonitorGroup");
  return result == 1;
}

/** Kills every member; tells how many processes that were. */
export function killGroup(group: string): i32 {
  place(group);
  const result = abi.kill(encoder.start(), encoder.length());
  check(result, "killGroup");
  return result;
}

function place(group: string): void {
  encoder.begin();
  encoder.atom(group);
}
