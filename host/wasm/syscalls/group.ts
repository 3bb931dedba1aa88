// group.*: process groups (OTP: pg). A group is any term; its members are processes, with multiplicity.
import type { Groups, Pid } from "../../otp/index.ts";
import { encodeTerm, tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { attempt, ERROR, type Namespace, type } from "../syscall.ts";

const scopes = new WeakMap<Guest, Groups>();

/** The groups of the scope that the guest has chosen. */
function groupsOf(guest: Guest): Groups {
  return scopes.get(guest) ?? guest.process.runtime.groups;
}

export const group: Namespace = {
  scope: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number) => {
      const groups = guest.process.runtime.scope(guest.readName(name, length, "group.scope"));
      if (groups === undefined) return ERROR.noproc;
      scopes.set(guest, groups);
      return 0;
    },
  },
  list: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, out: number, cap: number) => guest.answer(encodeTerm(groupsOf(guest).groups()), out, cap),
  },
  join: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, nameLength: number, pid: number, pidLength: number) => {
      const members = guest.readTerm(pid, pidLength, "group.join") as Pid;
      return attempt(guest, () => {
        groupsOf(guest).join(guest.readTerm(name, nameLength, "group.join"), members);
        return 0;
      });
    },
  },
  leave: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, nameLength: number, pid: number, pidLength: number) => {
      const members = guest.readTerm(pid, pidLength, "group.leave") as Pid;
      return attempt(guest, () => {
        return groupsOf(guest).leave(guest.readTerm(name, nameLength, "group.leave"), members) ? 1 : 0;
      });
    },
  },
  members: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number, out: number, cap: number) => {
      const members = groupsOf(guest).members(guest.readTerm(name, length, "group.members"));
      return guest.answer(encodeTerm(members), out, cap);
    },
  },
  monitor: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    call: (guest, name: number, length: number, out: number, cap: number) => {
      const { process } = guest;
      const [ref, members] = groupsOf(guest).monitor(process, guest.readTerm(name, length, "group.monitor"));
      return guest.answer(encodeTerm(tuple(ref, members)), out, cap);
    },
  },
  monitor_scope: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    call: (guest, out: number, cap: number) => {
      const [ref, groups] = groupsOf(guest).monitorScope(guest.process);
      return guest.answer(encodeTerm(tuple(ref, groups)), out, cap);
    },
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
      if (!guest.grants.has("kill")) return ERROR.not_granted;
      const count = groupsOf(guest).kill(guest.readTerm(name, length, "group.kill"));
      guest.leaveIfDoomed();
      return count;
    },
  },
};
