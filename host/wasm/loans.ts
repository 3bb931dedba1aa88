// Grants and directories that are lent. A loan is between two processes, and kept here: its reference only names it, for whoever takes it back, and opens
// nothing to anybody else, guessed or copied. It ends when its lender takes it back or ends, when its borrower gives it back or ends, and with
// the loan that it was lent on from.
import type { Pid, Process, Ref, Runtime } from "../otp/index.ts";
import type { Grant } from "./grant.ts";
import { HeldGrants, type Holders } from "./held-grants.ts";
import type { OpenDirectory } from "./surroundings.ts";

/** What a loan takes up, towards its lender's memory limit. */
export const LOAN_BYTES = 512;

/** What is lent, in words and as what it is. */
export interface Lent {
  /** A grant, or `directory:NAME:read`, as the log of spawns has it. */
  readonly what: string;
  readonly grant?: Grant;
  readonly directory?: OpenDirectory;
}

export interface Loan extends Lent {
  readonly ref: Ref;
  /** Undefined for the embedder. */
  readonly lender: Process | undefined;
  readonly borrower: Process;
  /** The loan that it is lent on from; undefined when the grant is the lender's own. */
  readonly basis: Loan | undefined;
  readonly lentOn: Set<Loan>;
  /** Nothing may be done by it any more. */
  isOver: boolean;
}

export type WhyRevoked = "taken back" | "given back" | "lender ended" | "lent on";

export class Loans {
  readonly #runtime: Runtime;
  readonly #known = new Map<number, Loan>();
  readonly #holders: Holders = new WeakMap();
  readonly #made = new WeakMap<Process, Set<Loan>>();
  /** Whether any process holds anything beyond what it was spawned with. */
  #isUsed = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** What a process holds beyond what it was spawned with. */
  heldBy(process: Process): HeldGrants | undefined {
    return this.#isUsed ? this.#holders.get(process) : undefined;
  }

  /** The same, made if there is none yet. */
  holder(process: Process): HeldGrants {
    this.#isUsed = true;
    let held = this.#holders.get(process);
    if (held === undefined) {
      held = new HeldGrants();
      this.#holders.set(process, held);
      const { loans } = held;
      process.onExit(() => {
        for (const loan of loans) this.#end(loan);
      });
    }
    return held;
  }

  /** Lends what the lender has to a process that lives. */
  lend(lender: Process | undefined, lent: Lent, borrower: Process, basis: Loan | undefined): Loan {
    const ref = this.#runtime.newRef();
    const loan: Loan = { ...lent, ref, lender, borrower, basis, lentOn: new Set(), isOver: false };
    this.#known.set(ref.number, loan);
    basis?.lentOn.add(loan);
    if (lender !== undefined) this.#madeBy(lender).add(loan);
    lender?.keepBytes(LOAN_BYTES);
    this.holder(borrower).borrow(loan);
    return loan;
  }

  /** A loan to this process. */
  find(ref: Ref, borrower: Process): Loan | undefined {
    const loan = this.#runtime.isOwn(ref) ? this.#known.get(ref.number) : undefined;
    return loan?.borrower === borrower ? loan : undefined;
  }

  /** Ends a loan on behalf of one who has a say in it: its lender, its borrower, or whoever lent it before. False for anybody else. */
  revoke(ref: Ref, by: Process): boolean {
    const loan = this.#runtime.isOwn(ref) ? this.#known.get(ref.number) : undefined;
    if (loan === undefined) return false;
    let isLender = false;
    for (let link: Loan | undefined = loan; link !== undefined; link = link.basis)
      isLender ||= link.lender === by;
    if (!isLender && loan.borrower !== by) return false;
    this.end(loan, isLender ? "taken back" : "given back", by.pid);
    return true;
  }

  /** Ends a loan, and all that were lent on from it; nothing if it is over. `by` is undefined for the embedder. */
  end(loan: Loan, why: WhyRevoked, by: Pid | undefined): void {
    if (!this.#known.has(loan.ref.number)) return;
    this.#end(loan);
    const { events, environment } = this.#runtime;
    const { what: grant, borrower } = loan;
    if (events.audited && borrower.alive)
      events.emitAudited({ type: "revoked", at: environment.now(), pid: borrower.pid, grant, by, why });
    for (const further of loan.lentOn) this.end(further, "lent on", by);
  }

  #end(loan: Loan): void {
    if (!this.#known.delete(loan.ref.number)) return;
    loan.isOver = true;
    const { lender, borrower, basis } = loan;
    basis?.lentOn.delete(loan);
    if (lender !== undefined) {
      this.#made.get(lender)?.delete(loan);
      lender.keepBytes(-LOAN_BYTES);
    }
    this.#holders.get(borrower)?.lose(loan);
  }

  #madeBy(lender: Process): Set<Loan> {
    let made = this.#made.get(lender);
    if (made === undefined) {
      made = new Set();
      this.#made.set(lender, made);
      const loans = made;
      lender.onExit(() => {
        for (const loan of loans) this.end(loan, "lender ended", lender.pid);
      });
    }
    return made;
  }
}
