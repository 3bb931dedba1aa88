// The messages of OTP's behaviours, exactly as on a BEAM, so that a guest or an Erlang node can be on either side
// (gen.erl, gen_server.erl, sys.erl).
import type { Context } from "../context.ts";
import type { ExitMessage } from "../envelope.ts";
import { MoonletError } from "../error.ts";
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import type { Runtime } from "../runtime.ts";
import { type Atom, atom } from "../term/atom.ts";
import { reasonToTerm } from "../term/reason.ts";
import { ImproperList, isTuple, type Tuple, tuple } from "../term/tuple.ts";

export const GEN_CALL = atom("$gen_call");
export const GEN_CAST = atom("$gen_cast");
export const SYSTEM = atom("system");
export const OK = atom("ok");
export const ERROR = atom("error");
/** What a server's handleInfo gets when the time of its last return is over (S151). */
export const TIMEOUT = atom("timeout");
const ALIAS = atom("alias");

/** Who is waiting for an answer: `{Pid, Tag}`. Give it to `reply`, at once or later, here or in another process (S132). */
export type From = Tuple;

/** The tag of a request that is answered over an alias: `[alias | Ref]`. */
export function aliasTag(ref: Ref): ImproperList {
  return new ImproperList([ALIAS], ref);
}

/** The alias behind a tag: `[alias | Ref]`, also as the head of a longer list. */
export function aliasOf(tag: unknown): Ref | undefined {
  if (Array.isArray(tag) && !isTuple(tag)) return aliasOf(tag[0]);
  if (!(tag instanceof ImproperList)) return undefined;
  if (tag.heads.length === 1 && tag.heads[0] === ALIAS && tag.tail instanceof Ref) return tag.tail;
  return aliasOf(tag.heads[0]);
}

/** Whether a message answers the request with this reference: `{Ref, Reply}` or `{[alias | Ref], Reply}`. */
export function isReplyTo(message: unknown, ref: Ref): message is Tuple {
  if (!isTuple(message) || message.length !== 2) return false;
  const [tag] = message;
  return tag instanceof Ref
    ? tag.equals(ref)
    : tag instanceof ImproperList && aliasOf(tag)?.equals(ref) === true;
}

/** Answers a call. Never fails: the caller may be gone (S132). */
export function reply(self: Context | Runtime, from: From, value: unknown): void {
  const [to, tag] = from;
  try {
    self.send((aliasOf(tag) ?? to) as Pid | Ref, tuple(tag, value));
  } catch (error) {
    if (!(error instanceof MoonletError)) throw error;
  }
}

/** Whether a message is `{Label, {Pid, Tag}, Request}`. */
export function isRequest(message: unknown, label: Atom): message is Tuple {
  return isTuple(message) && message.length === 3 && message[0] === label && isFrom(message[1]);
}

function isFrom(value: unknown): value is From {
  return isTuple(value) && value.length === 2;
}

export function isCast(message: unknown): message is Tuple {
  return isTuple(message) && message.length === 2 && message[0] === GEN_CAST;
}

export function isExit(message: unknown): message is ExitMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    (message as ExitMessage).type === "exit" &&
    (message as ExitMessage).from instanceof Pid
  );
}

/** A reason as a part of a longer one, where only a term says the same. */
export function nested(reason: unknown): unknown {
  return typeof reason === "string" ? reason : reasonToTerm(reason);
}
