// Programs that guests know by a reference. A reference is good in the process that it was made for and in those that it was lent to, and
// nowhere else: one that was guessed opens nothing.
import type { Process, Ref, Runtime } from "../otp/index.ts";
import { CODE_CHANGE_ENTRY } from "./code-change.ts";
import type { Program } from "./program.ts";

export interface CodeReference {
  readonly ref: Ref;
  readonly program: Program;
  /** Where it takes a process over when nothing else is said. */
  readonly entry: string;
}

export type ChangeOutcome =
  | { readonly type: "changed" }
  | { readonly type: "failed"; readonly reason: unknown };

interface Known extends CodeReference {
  /** Who loaded it and may lend it; undefined for the embedder. */
  readonly owner: Process | undefined;
  readonly borrowers: WeakSet<Process>;
  /** What came of the last change to it. */
  outcome: ChangeOutcome | undefined;
  /** Takes it off the owner's list of things to clean up. */
  unhook: () => void;
}

export class CodeReferences {
  readonly #known = new Map<number, Known>();

  /** A reference for the process that has loaded a program; it ends with that process. `forgotten` is called when it does. */
  own(owner: Process, program: Program, forgotten: () => void): Ref {
    const known = this.#make(owner.runtime, program, CODE_CHANGE_ENTRY, owner);
    const unhook = owner.onExit(() => this.drop(known.ref));
    known.unhook = () => {
      unhook();
      forgotten();
    };
    return known.ref;
  }

  /** A reference for one process, from the embedder; it ends with that process. */
  lend(borrower: Process, program: Program, entry = CODE_CHANGE_ENTRY): Ref {
    const known = this.#make(borrower.runtime, program, entry, undefined);
    known.borrowers.add(borrower);
    known.unhook = borrower.onExit(() => this.drop(known.ref));
    return known.ref;
  }

  /** Lets another process use what this one has loaded; false for what it has not loaded. */
  share(owner: Process, ref: Ref, borrower: Process): boolean {
    const known = this.#find(owner.runtime, ref);
    if (known?.owner !== owner) return false;
    known.borrowers.add(borrower);
    return true;
  }

  /** Forgets what a process has loaded; those who run it go on. False for what it has not loaded. */
  purge(owner: Process, ref: Ref): boolean {
    return this.#find(owner.runtime, ref)?.owner === owner && this.drop(ref);
  }

  /** Nobody can use the reference any more. */
  drop(ref: Ref): boolean {
    const known = this.#known.get(ref.number);
    known?.unhook();
    return this.#known.delete(ref.number);
  }

  /** What it names, if the process may use it. */
  find(process: Process, ref: Ref): CodeReference | undefined {
    const known = this.#find(process.runtime, ref);
    return known && (known.owner === process || known.borrowers.has(process)) ? known : undefined;
  }

  /** Takes down what came of a change by this reference. */
  note(ref: Ref, outcome: ChangeOutcome): void {
    const known = this.#known.get(ref.number);
    if (known) known.outcome = outcome;
  }

  /** What came of the last one; undefined when there was none. */
  outcomeOf(ref: Ref): ChangeOutcome | undefined {
    return this.#known.get(ref.number)?.outcome;
  }

  #find(runtime: Runtime, ref: Ref): Known | undefined {
    return runtime.isOwn(ref) ? this.#known.get(ref.number) : undefined;
  }

  #make(runtime: Runtime, program: Program, entry: string, owner: Process | undefined): Known {
    const ref = runtime.newRef();
    const known: Known = {
      ref,
      program,
      entry,
      owner,
      borrowers: new WeakSet(),
      outcome: undefined,
      unhook: () => {},
    };
    this.#known.set(ref.number, known);
    return known;
  }
}

/** Whether `process` descends from `other`, as far as those in between are alive. */
export function descendsFrom(process: Process, other: Process): boolean {
  let { parent } = process;
  while (parent !== undefined) {
    if (parent.equals(other.pid)) return true;
    parent = process.runtime.process(parent)?.parent;
  }
  return false;
}
