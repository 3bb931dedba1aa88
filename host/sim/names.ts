// Causal addresses: a process is named by its spawn path (P.2.1 is the first child of the second process spawned from outside), a
// reference by the process in whose events it first shows up (P.2!3). They stay the same when something elsewhere changes.
import { type Pid, Ref } from "../otp/index.ts";

/** The address of the world outside: the scenario. */
export const OUTSIDE = "P";

/** What is known of a process by name, also after its death. */
export interface NamedProcess {
  readonly pid: Pid;
  readonly address: string;
  /** The last that was known. */
  label: string | undefined;
  name: string | undefined;
  /** Children so far. */
  children: number;
  /** References first seen in its events so far. */
  references: number;
  /** A guest, not a JavaScript function; known from its first slice on. */
  isGuest: boolean;
  /** Visible events so far. */
  events: number;
}

export class Names {
  readonly #byNumber = new Map<number, NamedProcess>();
  readonly #byAddress = new Map<string, NamedProcess>();
  readonly #references = new Map<number, string>();
  readonly #isOwn: (id: Pid | Ref) => boolean;
  #roots = 0;

  /** `isOwn` tells pids and references of this world from foreign ones. */
  constructor(isOwn: (id: Pid | Ref) => boolean) {
    this.#isOwn = isOwn;
  }

  /** Gives a new process its address. */
  spawned(pid: Pid, parent: Pid | undefined, label: string | undefined): void {
    const above = parent && this.find(parent);
    const address = above ? `${above.address}.${++above.children}` : `${OUTSIDE}.${++this.#roots}`;
    const named: NamedProcess = {
      pid,
      address,
      label,
      name: undefined,
      children: 0,
      references: 0,
      isGuest: false,
      events: 0,
    };
    this.#byNumber.set(pid.number, named);
    this.#byAddress.set(address, named);
  }

  find(pid: Pid): NamedProcess | undefined {
    return this.#isOwn(pid) ? this.#byNumber.get(pid.number) : undefined;
  }

  at(address: string): NamedProcess | undefined {
    return this.#byAddress.get(address);
  }

  /** All processes there ever were, in the order of their spawning. */
  all(): Iterable<NamedProcess> {
    return this.#byNumber.values();
  }

  /** `P.2.1`; what Erlang prints for a pid of elsewhere. */
  ofPid(pid: Pid): string {
    return this.find(pid)?.address ?? `${pid.node}${pid}`;
  }

  /** `<P.2.1>` or `#P.2!3`, for terms; `subject` is the process in whose event the identity shows up. */
  ofIdentity(id: Pid | Ref, subject: Pid | undefined): string {
    return id instanceof Ref ? `#${this.ofRef(id, subject)}` : `<${this.ofPid(id)}>`;
  }

  ofRef(ref: Ref, subject: Pid | undefined): string {
    if (!this.#isOwn(ref)) return `${ref.node}${ref}`;
    let name = this.#references.get(ref.number);
    if (name === undefined) {
      const owner = subject && this.find(subject);
      name = owner ? `${owner.address}!${++owner.references}` : `${OUTSIDE}!${this.#references.size + 1}`;
      this.#references.set(ref.number, name);
    }
    return name;
  }
}
