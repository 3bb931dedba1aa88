// grant.*: what a guest may do, asked for, lent and taken back while it runs.
import { encodeTerm } from "../../otp/term/index.ts";
import { type Grant, readGrant } from "../grant.ts";
import { Guest } from "../guest.ts";
import { type Lent, LOAN_BYTES, type Loan } from "../loans.ts";
import { ERROR, type Namespace, type } from "../syscall.ts";

/** Fuel of a question to the embedder. */
const ASK_UNITS = 2000;
/** Fuel of opening a directory that is there already. */
const OPEN_UNITS = 1600;
/** Fuel of looking at one more loan. */
const UNITS_PER_LOAN = 8;
/** Characters of a grant. */
const MOST_CHARACTERS = 512;

/** What is to be lent, and the loan that it comes from; or an error code. Undefined for what is neither a grant nor a directory. */
function lendable(
  guest: Guest,
  pointer: number,
  length: number,
): { readonly lent: Lent; readonly basis: Loan | undefined } | number | undefined {
  if (length >>> 0 > MOST_CHARACTERS) return undefined;
  const { loans } = guest.plan;
  const text = guest.memory.text(pointer, length, "grant.lend");
  const [, name, mode] = /^directory:(.+):(read|write)$/s.exec(text) ?? [];
  if (name !== undefined && (mode === "read" || mode === "write")) {
    const own = guest.surroundings.directories.find(
      (directory) => directory.guest === name && (mode === "read" || directory.mode === "write"),
    );
    const basis = own ? undefined : loans.heldBy(guest.process)?.directoryLoan(name, mode);
    const found = own ?? basis?.directory;
    if (found === undefined) return guest.log.refuse("grant.lend", `the ${text.replace(":", " ")}`);
    return { lent: { what: text, directory: { ...found, mode } }, basis };
  }
  const grant = readGrant(text);
  if (grant === undefined) return undefined;
  if (!guest.grants.covers(grant)) return guest.log.refuseWhole("grant.lend", grant);
  const basis = guest.ownGrants.covers(grant) ? undefined : loans.heldBy(guest.process)?.loanFor(grant);
  return { lent: { what: grant, grant }, basis };
}

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
      const { process, plan } = guest;
      const wanted = lendable(guest, pointer, length);
      const borrower = process.runtime.process(guest.readPid(to, toLength, "grant.lend"));
      if (wanted === undefined || borrower === process) return ERROR.badarg;
      if (typeof wanted === "number") return wanted;
      if (borrower === undefined) return ERROR.noproc;
      if (borrower.body !== undefined && !(borrower.body instanceof Guest)) return ERROR.badarg;
      if (!process.hasRoom(LOAN_BYTES)) {
        process.tellLimit("memoryBytes", LOAN_BYTES);
        return ERROR.system_limit;
      }
      // What is looked for among what both have is found the later the more there is.
      const held =
        (plan.loans.heldBy(process)?.loans.size ?? 0) + (plan.loans.heldBy(borrower)?.loans.size ?? 0);
      guest.charge(held * UNITS_PER_LOAN);
      const loan = plan.loans.lend(process, wanted.lent, borrower, wanted.basis);
      guest.log.gave(borrower.pid, "lent", [loan.what]);
      return guest.answer(encodeTerm(loan.ref), out, cap);
    },
  },
  open: {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) => {
      const loan = guest.plan.loans.find(guest.readRef(ref, length, "grant.open"), guest.process);
      if (loan?.directory === undefined) return ERROR.badarg;
      guest.charge(OPEN_UNITS);
      return guest.wasi.openLent(loan.directory, loan) ?? ERROR.system_limit;
    },
  },
  revoke: {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) =>
      guest.plan.loans.revoke(guest.readRef(ref, length, "grant.revoke"), guest.process) ? 1 : 0,
  },
};
