// grant.*: what a guest may do, asked for, lent and taken back while it runs.
import { encodeTerm } from "../../otp/term/index.ts";
import { type Grant, readGrant } from "../grant.ts";
import { Guest } from "../guest.ts";
import { LOAN_BYTES } from "../loans.ts";
import { ERROR, type Namespace, type } from "../syscall.ts";

/** Fuel of a question to the embedder. */
const ASK_UNITS = 2000;
/** Characters of a grant. */
const MOST_CHARACTERS = 512;

function grantAt(guest: Guest, pointer: number, length: number, call: string): Grant | undefined {
  if (length >>> 0 > MOST_CHARACTERS) return undefined;
  return readGrant(guest.memory.text(pointer, length, call));
}

export const grant: Namespace = {
  has: {
    type: type("i32 i32 -> i32"),
    call: (guest, pointer: number, length: number) => {
      const wanted = grantAt(guest, pointer, length, "grant.has");
      if (wanted === undefined) return ERROR.badarg;
      return guest.grants.covers(wanted) ? 1 : 0;
    },
  },
  list: {
    type: type("i32 i32 -> i32"),
    call: (guest, out: number, cap: number) => guest.answer(encodeTerm([...guest.grants]), out, cap),
  },
  ask: {
    type: type("i32 i32 -> i32"),
    waits: true,
    call: (guest, pointer: number, length: number) => {
      const wanted = grantAt(guest, pointer, length, "grant.ask");
      if (wanted === undefined) return ERROR.badarg;
      if (guest.grants.covers(wanted)) return 1;
      const { ask } = guest.services;
      if (ask === undefined) return guest.log.refuse("grant.ask", `the grant "${wanted}"`);
      guest.charge(ASK_UNITS);
      const { process, program } = guest;
      const { pid, label } = process;
      let isGiven = false;
      const asking = ask({ pid, label, program: program.name, grant: wanted }).then((answer) => {
        isGiven = answer;
      });
      return guest.waitFor(asking, () => {
        if (!isGiven) return guest.log.refuse("grant.ask", `the grant "${wanted}"`);
        guest.gain(wanted);
        return 1;
      });
    },
  },
  lend: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    call: (
      guest,
      pointer: number,
      length: number,
      to: number,
      toLength: number,
      out: number,
      cap: number,
    ) => {
      const wanted = grantAt(guest, pointer, length, "grant.lend");
      const { process, plan } = guest;
      const borrower = process.runtime.process(guest.readPid(to, toLength, "grant.lend"));
      if (wanted === undefined || borrower === process) return ERROR.badarg;
      if (!guest.grants.covers(wanted)) return guest.log.refuseWhole("grant.lend", wanted);
      if (borrower === undefined) return ERROR.noproc;
      if (borrower.body !== undefined && !(borrower.body instanceof Guest)) return ERROR.badarg;
      if (!process.hasRoom(LOAN_BYTES)) {
        process.tellLimit("memoryBytes", LOAN_BYTES);
        return ERROR.system_limit;
      }
      const basis = guest.ownGrants.covers(wanted) ? undefined : plan.loans.heldBy(process)?.loanFor(wanted);
      const loan = plan.loans.lend(process, wanted, borrower, basis);
      guest.log.gave(borrower.pid, "lent", [wanted]);
      return guest.answer(encodeTerm(loan.ref), out, cap);
    },
  },
  revoke: {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) =>
      guest.plan.loans.revoke(guest.readRef(ref, length, "grant.revoke"), guest.process) ? 1 : 0,
  },
};
