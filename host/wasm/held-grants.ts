// What a process holds beyond the grants that it was spawned with: what it has asked for and got, and what is lent to it. Its children get the
// former and never the latter.
import type { Process } from "../otp/index.ts";
import { type Grant, type GrantName, GrantSet } from "./grant.ts";
import type { Loan } from "./loans.ts";

/** Of loans that are over, so many are remembered, so that a use of one is answered with what became of it. */
const MOST_LOST = 16;

export class HeldGrants {
  readonly #asked: Grant[] = [];
  readonly #loans = new Set<Loan>();
  /** How many of them are of each grant: a thousand loans of the same one are looked at as one. */
  readonly #borrowed = new Map<Grant, number>();
  #lost: Loan[] = [];
  #base: GrantSet | undefined = undefined;
  #own: GrantSet | undefined = undefined;
  #all: GrantSet | undefined = undefined;

  get loans(): ReadonlySet<Loan> {
    return this.#loans;
  }

  /** What is the process's own: what it was spawned with, and what it has asked for. */
  own(base: GrantSet): GrantSet {
    this.#look(base);
    this.#own ??= this.#asked.length === 0 ? base : new GrantSet([...base, ...this.#asked]);
    return this.#own;
  }

  /** All that it may use. */
  all(base: GrantSet): GrantSet {
    this.#look(base);
    this.#all ??= new GrantSet([...this.own(base), ...this.#borrowed.keys()]);
    return this.#all;
  }

  /** The embedder has given what the process asked for. */
  gain(grant: Grant): void {
    this.#asked.push(grant);
    this.#change();
  }

  borrow(loan: Loan): void {
    this.#loans.add(loan);
    this.#lost = this.#lost.filter((lost) => !isCovered(loan, lost.grant));
    this.#count(loan.grant, 1);
  }

  lose(loan: Loan): void {
    if (!this.#loans.delete(loan)) return;
    this.#lost = [...this.#lost, loan].slice(-MOST_LOST);
    this.#count(loan.grant, -1);
  }

  /** A loan that is in force and covers the grant. */
  loanFor(grant: Grant): Loan | undefined {
    const covers = new Map<Grant, boolean>();
    for (const loan of this.#loans) {
      if (loan.grant === undefined) continue;
      const known = covers.get(loan.grant) ?? isCovered(loan, grant);
      if (known) return loan;
      covers.set(loan.grant, known);
    }
    return undefined;
  }

  /** The loan of a directory of that name, for writing where that is asked for. */
  directoryLoan(name: string, mode: "read" | "write"): Loan | undefined {
    for (const loan of this.#loans) {
      const { directory } = loan;
      if (directory?.guest === name && (mode === "read" || directory.mode === "write")) return loan;
    }
    return undefined;
  }

  /** The last loan that would have let it do this, and is over. */
  lostFor(name: GrantName, argument: string | undefined): Loan | undefined {
    return this.#lost.findLast(({ grant }) => {
      if (grant === undefined) return false;
      const set = new GrantSet([grant]);
      return argument === undefined ? set.opens(name) : set.allows(name, argument);
    });
  }

  #count(grant: Grant | undefined, more: 1 | -1): void {
    if (grant === undefined) return;
    const count = (this.#borrowed.get(grant) ?? 0) + more;
    if (count > 0) this.#borrowed.set(grant, count);
    else this.#borrowed.delete(grant);
    if (count === 0 || (count === 1 && more === 1)) this.#change();
  }

  /** The program's plan, and with it what it was spawned with, is another after a change of code. */
  #look(base: GrantSet): void {
    if (this.#base === base) return;
    this.#base = base;
    this.#change();
  }

  #change(): void {
    this.#own = undefined;
    this.#all = undefined;
  }
}

function isCovered({ grant }: Loan, other: Grant | undefined): boolean {
  return grant !== undefined && other !== undefined && new GrantSet([grant]).covers(other);
}

/** What processes hold, by process: one may be lent something before it has run for the first time. */
export type Holders = WeakMap<Process, HeldGrants>;
