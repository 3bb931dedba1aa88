// Exit reasons: JavaScript's form, in which atoms are plain strings, and the term that goes over the wire.
import { Atom, atom, atomTerm } from "./atom.ts";
import { isTuple, Tuple, tuple } from "./tuple.ts";

/** Why a guest trapped. */
export interface TrapReason {
  readonly type: "trap";
  /** E.g. `unreachable`, `out_of_bounds`, `abort`. */
  readonly kind: string;
  readonly message: string;
  /** The guest's frames, innermost first. */
  readonly frames: readonly unknown[];
}

/** An error that a JavaScript process did not catch. */
export interface ErrorReason {
  readonly type: "error";
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of a MoonletError: badarg, noproc and so on. */
  readonly code?: string;
}

/**
 * Any value: atoms are plain strings (`"normal"`, `"shutdown"`), also in the first place of a tuple; a `TrapReason`; an
 * `ErrorReason`; any other term. `["shutdown", T]` is taken for `{shutdown, T}`.
 */
export type ExitReason = unknown;

const PLAIN_ATOM = /^[a-z][A-Za-z0-9_@]{0,254}$/;

/** Whether a reason's string stands for an atom: one that needs no quotes in Erlang, or the empty one. Other strings are text. */
export function isAtomText(text: string): boolean {
  return text === "" || PLAIN_ATOM.test(text);
}

/** A reason from a term: top-level atoms, and the atom that leads a top-level tuple, become strings. `reasonToTerm` reverses it. */
export function reasonFromTerm(term: unknown): ExitReason {
  if (isTuple(term) && term.length > 0) {
    const first = leading(term[0]);
    if (first === term[0]) return term;
    return tuple(first, ...term.slice(1));
  }
  return leading(term);
}

/** Text that reads like an atom becomes bytes, the same binary in Erlang, so that it is not taken for the atom. */
function leading(term: unknown): unknown {
  if (term instanceof Atom && isAtomText(term.name)) return term.name;
  if (typeof term === "string" && isAtomText(term)) return new TextEncoder().encode(term);
  return term;
}

/** The term of a reason: strings become atoms as `isAtomText` says, a trap `{trap, Kind, Message, Frames}`, an error `{error, Name, Message}`. */
export function reasonToTerm(reason: ExitReason): unknown {
  if (typeof reason === "string") return word(reason);
  if (Array.isArray(reason)) return arrayToTerm(reason);
  if (typeof reason !== "object" || reason === null) return reason;
  if (reason instanceof Error) return errorTerm(reason.name, reason.message);
  const { type } = reason as { type?: unknown };
  if (type === "trap") {
    const { kind, message, frames } = reason as TrapReason;
    return tuple(atom("trap"), atomTerm(kind), message, frames);
  }
  if (type === "error") {
    const { name, message } = reason as ErrorReason;
    return errorTerm(name, message);
  }
  return reason;
}

function arrayToTerm(reason: unknown[]): unknown {
  const [first, second] = reason;
  if (reason instanceof Tuple)
    return typeof first === "string" ? tuple(word(first), ...reason.slice(1)) : reason;
  return reason.length === 2 && first === "shutdown" ? tuple(atom("shutdown"), second) : reason;
}

function errorTerm(name: string, message: string): Tuple {
  return tuple(atom("error"), name, message);
}

/** Of the usual ends: those are not looked up each time. */
const USUAL = new Map(
  ["normal", "shutdown", "kill", "killed", "noproc", "noconnection"].map((name) => [name, atom(name)]),
);

function word(text: string): unknown {
  const usual = USUAL.get(text);
  if (usual !== undefined) return usual;
  return isAtomText(text) ? atomTerm(text) : text;
}
