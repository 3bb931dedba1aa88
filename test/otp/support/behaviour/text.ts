// Terms as text, the same as player.erl writes them: pids by their names, requests by their labels, states by what counts.
import { MoonletError } from "../../../../host/otp/error.ts";
import { Exit } from "../../../../host/otp/exit.ts";
import { nameOnNode } from "../../../../host/otp/names.ts";
import { Pid } from "../../../../host/otp/pid.ts";
import { Ref } from "../../../../host/otp/ref.ts";
import {
  Atom,
  atom,
  atomTerm,
  formatTerm,
  ImproperList,
  isTuple,
  reasonToTerm,
  type Tuple,
  tuple,
} from "../../../../host/otp/term/index.ts";
import { erlangForm } from "./forms.ts";

/** What a server keeps: how many callbacks ran, which calls were not answered, what terminate does. */
export interface State {
  readonly count: number;
  readonly waiting: readonly Tuple[];
  readonly end: string;
}

const STACK = atom("stack");

export class Writer {
  readonly #nameOf: (pid: Pid) => string;
  readonly #node: string;

  constructor(nameOf: (pid: Pid) => string, node: string) {
    this.#nameOf = nameOf;
    this.#node = node;
  }

  text(term: unknown): string {
    return formatTerm(this.#plain(reasonToTerm(term)));
  }

  /** What an exception means in Erlang; throws it again if it is none that a client may meet. */
  exception(error: unknown): string {
    if (error instanceof Exit) return `exit ${this.text(error.reason)}`;
    if (!(error instanceof MoonletError)) throw error;
    if (error.code === "E_CALLBACK_FAILED") return `error ${this.#callbackFailed(error.cause as Tuple)}`;
    if (error.code === "E_CODE_CHANGE") return this.text(tuple(atom("error"), error.cause));
    return `error ${error.code}`;
  }

  /** `{callback_failed, Where, {Class, Reason}}`, where an error has no stack. */
  #callbackFailed(cause: Tuple): string {
    const [name, where, thrown] = cause;
    const [kind, reason] = thrown as Tuple;
    const bare = isTuple(reason) && reason[1] === "Error" ? atomTerm(reason[2] as string) : reason;
    return this.text(tuple(name, where, tuple(kind, bare)));
  }

  #plain(term: unknown): unknown {
    if (typeof term === "string") return term === this.#node ? atom("node") : atomTerm(term);
    if (typeof term === "function") return atom("fun");
    if (typeof term !== "object" || term === null) return term;
    if (term instanceof Atom) return term.name === this.#node ? atom("node") : term;
    if (term instanceof Pid) return atomTerm(this.#nameOf(term));
    if (term instanceof Ref || term instanceof ImproperList) return atom("ref");
    if (isTuple(term)) return this.#tuple(term);
    if (Array.isArray(term)) return term.map((part) => this.#plain(part));
    if ("label" in term) return atomTerm(term.label as string);
    if ("waiting" in term) {
      const { count, waiting } = term as State;
      return tuple(atom("state"), count, waiting.length);
    }
    const place = nameOnNode(term);
    if (place !== undefined) return this.#plain(tuple(place.name, place.node));
    const form = erlangForm(term);
    return form === undefined ? this.#message(term) : this.#plain(form);
  }

  #tuple(term: Tuple): unknown {
    const [first, second, third] = term;
    // An error's reason, and one that Erlang gives a stack.
    if (term.length === 3 && first === atom("error") && second === "Error")
      return tuple(atomTerm(third as string), STACK);
    if (
      term.length === 2 &&
      isTuple(first) &&
      Array.isArray(second) &&
      !isTuple(second) &&
      second.length === 0
    )
      return tuple(this.#plain(first), STACK);
    return tuple(...term.map((part) => this.#plain(part)));
  }

  /** JavaScript's forms of what Erlang has tuples for. */
  #message(message: object): unknown {
    const { type, from, ref, pid, reason } = message as {
      readonly type?: string;
      readonly from?: Pid;
      readonly ref?: Ref;
      readonly pid?: unknown;
      readonly reason?: unknown;
    };
    if (type === "exit") return this.#plain(tuple(atom("EXIT"), from, reasonToTerm(reason)));
    if (type !== "down") throw new Error(`no message of a scenario: ${JSON.stringify(message)}`);
    return this.#plain(tuple(atom("DOWN"), ref, atom("process"), pid, reasonToTerm(reason)));
  }
}
