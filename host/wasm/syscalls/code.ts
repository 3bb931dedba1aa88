// code.*: a process's program is replaced by another while it lives. The old one is kept until the new one says that it is ready.
import { Atom, encodeTerm, reasonToTerm } from "../../otp/term/index.ts";
import { checkChange } from "../change-request.ts";
import { CODE_CHANGE_FUEL } from "../code-change.ts";
import { descendsFrom } from "../code-references.ts";
import { planWith } from "../guest-plan.ts";
import { loadCode, MAX_CODE_BYTES } from "../load-code.ts";
import { ERROR, type Namespace, type } from "../syscall.ts";

export const code: Namespace = {
  load: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "code",
    waits: true,
    call: (guest, pointer: number, length: number, out: number, cap: number) => {
      if (length >>> 0 > MAX_CODE_BYTES) return ERROR.system_limit;
      return loadCode(guest, guest.memory.copyOut(pointer, length, "code.load"), out, cap);
    },
  },
  change: {
    type: type("i32 i32 i32 i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (
      guest,
      ref: number,
      refLength: number,
      entry: number,
      entryLength: number,
      state: number,
      stateLength: number,
      out: number,
      cap: number,
    ) => {
      const reference = guest.readRef(ref, refLength, "code.change");
      const found = guest.plan.code.find(guest.process, reference);
      if (found === undefined) return ERROR.badarg;
      const { program } = found;
      if (stateLength >>> 0 > guest.limits.messageBytes) return guest.log.refuseMessage(stateLength >>> 0);
      const named = entryLength === 0 ? found.entry : guest.readTerm(entry, entryLength, "code.change");
      const where = named instanceof Atom ? named.name : named;
      if (typeof where !== "string") return ERROR.badarg;
      const change = {
        plan: planWith(guest.plan, program),
        entry: where,
        state: guest.copyTerm(state, stateLength, "code.change (state)"),
        fuel: CODE_CHANGE_FUEL,
        done: () => guest.plan.code.note(reference, { type: "changed" }),
        failed: (reason: unknown) => {
          guest.plan.code.note(reference, { type: "failed", reason });
          return () => guest.answer(encodeTerm(reasonToTerm(reason)), out, cap);
        },
      };
      // Between the call and the next turn the reference can be taken back.
      return guest.changeCodeNext(change, () =>
        guest.plan.code.find(guest.process, reference) === found
          ? checkChange(guest, program, where)
          : "revoked",
      );
    },
  },
  ready: {
    type: type("-> i32"),
    call: (guest) => (guest.confirm() ? 1 : 0),
  },
  lend: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "code",
    call: (guest, ref: number, refLength: number, pid: number, pidLength: number) => {
      const reference = guest.readRef(ref, refLength, "code.lend");
      const borrower = guest.process.runtime.process(guest.readPid(pid, pidLength, "code.lend"));
      if (borrower === undefined) return ERROR.noproc;
      // Whoever runs the code has its own grants: others than descendants could have more than the lender.
      if (borrower !== guest.process && !descendsFrom(borrower, guest.process))
        return guest.log.refuse("code.lend", "lending code to a process that does not descend from it");
      return guest.plan.code.share(guest.process, reference, borrower) ? 0 : ERROR.badarg;
    },
  },
  purge: {
    type: type("i32 i32 -> i32"),
    grant: "code",
    call: (guest, ref: number, refLength: number) =>
      guest.plan.code.purge(guest.process, guest.readRef(ref, refLength, "code.purge")) ? 0 : ERROR.badarg,
  },
};
