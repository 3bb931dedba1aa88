// registry.*: names for processes.
import { atomTerm } from "../../otp/term/index.ts";
import { attempt, ERROR, type Namespace, type } from "../syscall.ts";

export const registry: Namespace = {
  register: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "register",
    call: (guest, name: number, nameLength: number, pid: number, pidLength: number) => {
      const target = guest.readPid(pid, pidLength, "registry.register");
      const wanted = guest.readName(name, nameLength, "registry.register");
      if (!guest.grants.allows("register", wanted))
        return guest.log.refuseGrant("registry.register", "register", wanted);
      return attempt(guest, () => {
        guest.process.register(wanted, target);
        return 0;
      });
    },
  },
  unregister: {
    type: type("i32 i32 -> i32"),
    grant: "register",
    call: (guest, name: number, length: number) => {
      const wanted = guest.readName(name, length, "registry.unregister");
      if (!guest.grants.allows("register", wanted))
        return guest.log.refuseGrant("registry.unregister", "register", wanted);
      return attempt(guest, () => {
        guest.process.unregister(wanted);
        return 0;
      });
    },
  },
  whereis: {
    type: type("i32 i32 i32 i32 -> i32"),
    call: (guest, name: number, length: number, out: number, cap: number) => {
      const pid = guest.process.whereis(guest.readName(name, length, "registry.whereis"));
      return pid === undefined ? ERROR.noproc : guest.answerTerm(pid, out, cap);
    },
  },
  registered: {
    type: type("i32 i32 -> i32"),
    grant: "observe",
    call: (guest, out: number, cap: number) =>
      guest.answerTerm(guest.process.runtime.registered().map(atomTerm), out, cap),
  },
};
