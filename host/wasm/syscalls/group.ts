// group.*: process groups (OTP: pg). A group is any term; its members are processes, with multiplicity. A guest that is granted some groups
// only, by name, uses those of the default scope and no other.
import { type Groups, Pid } from "../../otp/index.ts";
import { Atom, tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { attempt, ERROR, type Namespace, type } from "../syscall.ts";

const scopes = new WeakMap<Guest, Groups>();

/** The groups of the scope that the guest has chosen. */
function groupsOf(guest: Guest): Groups {
  return scopes.get(guest) ?? guest.process.runtime.groups;
}

/** Does `act` with a group, if it is one that is open to the guest. */
function withGroup(
  guest: Guest,
  pointer: number,
  length: number,
  call: string,
  act: (group: unknown) => number,
): number {
  const term = guest.readTerm(pointer, length, call);
  if (guest.grants.has("groups")) return act(term);
  const name = term instanceof Atom ? term.name : term;
  if (typeof name !== "string") return guest.log.refuse(call, 'the grant "groups"');
  return guest.grants.allows("groups", name) ? act(term) : guest.log.refuseGrant(call, "groups", name);
}

/** Does `act`, if all groups are open to the guest. */
function withAll(guest: Guest, call: string, act: () => number): number {
  return guest.grants.has("groups") ? act() : guest.log.refuse(call, 'the grant "groups"');
}

/** A membership is kept for its process, at the cost of that one's memory limit: nobody makes a stranger a member, or takes that away. */
function hasStranger({ process }: Guest, members: unknown): boolean {
  const pids: unknown[] = Array.isArray(members) ? members : [members];
  return pids.some((pid) => {
    const member = pid instanceof Pid ? process.runtime.process(pid) : undefined;
    return member !== undefined && !member.family?.equals(process.family);
  });
}

export const group: Namespace = {
  scope: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number) =>
      withAll(guest, "group.scope", () => {
        const groups = guest.process.runtime.scope(guest.readName(name, length, "group.scope"));
        if (groups === undefined) return ERROR.noproc;
        scopes.set(guest, groups);
        return 0;
      }),
  },
  list: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, out: number, cap: number) =>
      withAll(guest, "group.list", () => guest.answerTerm(groupsOf(guest).groups(), out, cap)),
  },
  join: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, nameLength: number, pid: number, pidLength: number) => {
      const members = guest.readTerm(pid, pidLength, "group.join") as Pid;
      if (hasStranger(guest, members)) return guest.log.refuse("group.join", "a process of another family");
      return withGroup(guest, name, nameLength, "group.join", (wanted) =>
        attempt(guest, () => {
          groupsOf(guest).join(wanted, members);
          return 0;
        }),
      );
    },
  },
  leave: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, nameLength: number, pid: number, pidLength: number) => {
      const members = guest.readTerm(pid, pidLength, "group.leave") as Pid;
      if (hasStranger(guest, members)) return guest.log.refuse("group.leave", "a process of another family");
      return withGroup(guest, name, nameLength, "group.leave", (wanted) =>
        attempt(guest, () => (groupsOf(guest).leave(wanted, members) ? 1 : 0)),
      );
    },
  },
  members: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number, out: number, cap: number) =>
      withGroup(guest, name, length, "group.members", (wanted) =>
        guest.answerTerm(groupsOf(guest).members(wanted), out, cap),
      ),
  },
  monitor: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number, out: number, cap: number) =>
      withGroup(guest, name, length, "group.monitor", (wanted) =>
        attempt(guest, () => {
          const [ref, members] = groupsOf(guest).monitor(guest.process, wanted);
          return guest.answerTerm(tuple(ref, members), out, cap);
        }),
      ),
  },
  monitor_scope: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, out: number, cap: number) =>
      withAll(guest, "group.monitor_scope", () =>
        attempt(guest, () => {
          const [ref, groups] = groupsOf(guest).monitorScope(guest.process);
          return guest.answerTerm(tuple(ref, groups), out, cap);
        }),
      ),
  },
  demonitor: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, ref: number, length: number) => {
      const monitor = guest.readRef(ref, length, "group.demonitor");
      return groupsOf(guest).demonitor(guest.process, monitor) ? 1 : 0;
    },
  },
  kill: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number) => {
      if (!guest.grants.has("kill")) return guest.log.refuseGrant("group.kill", "kill");
      const count = withGroup(guest, name, length, "group.kill", (wanted) => groupsOf(guest).kill(wanted));
      guest.leaveIfDoomed();
      return count;
    },
  },
};
