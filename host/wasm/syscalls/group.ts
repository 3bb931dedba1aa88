// group.*: process groups (OTP: pg). A group is any term; its members are processes, with multiplicity.
import { encodeTerm, tuple } from "../../otp/term/index.ts";
import { ERROR, errorCode, type Namespace, type } from "../syscall.ts";

export const group: Namespace = {
  join: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    make: (guest) => (name: number, nameLength: number, pid: number, pidLength: number) => {
      const member = guest.readPid(pid, pidLength, "group.join");
      try {
        guest.process.runtime.groups.join(guest.readTerm(name, nameLength, "group.join"), member);
        return 0;
      } catch (error) {
        return errorCode(error);
      }
    },
  },
  leave: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    make: (guest) => (name: number, nameLength: number, pid: number, pidLength: number) => {
      const member = guest.readPid(pid, pidLength, "group.leave");
      try {
        return guest.process.runtime.groups.leave(guest.readTerm(name, nameLength, "group.leave"), member)
          ? 1
          : 0;
      } catch (error) {
        return errorCode(error);
      }
    },
  },
  members: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    make: (guest) => (name: number, length: number, out: number, cap: number) => {
      const members = guest.process.runtime.groups.members(guest.readTerm(name, length, "group.members"));
      return guest.answer(encodeTerm(members), out, cap);
    },
  },
  monitor: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "groups",
    make: (guest) => (name: number, length: number, out: number, cap: number) => {
      const { process } = guest;
      const [ref, members] = process.runtime.groups.monitor(
        process,
        guest.readTerm(name, length, "group.monitor"),
      );
      return guest.answer(encodeTerm(tuple(ref, members)), out, cap);
    },
  },
  demonitor: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    make: (guest) => (ref: number, length: number) => {
      const { process } = guest;
      return process.runtime.groups.demonitor(process, guest.readRef(ref, length, "group.demonitor")) ? 1 : 0;
    },
  },
  kill: {
    type: type("i32 i32 -> i32"),
    grant: "groups",
    make: (guest) => (name: number, length: number) => {
      if (!guest.grants.has("kill")) return ERROR.not_granted;
      const count = guest.process.runtime.killGroup(guest.readTerm(name, length, "group.kill"));
      guest.leaveIfDoomed();
      return count;
    },
  },
};
