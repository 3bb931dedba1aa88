// Requests and replies, as gen_server does them: `{'$gen_call', {Pid, [alias | Ref]}, Request}` one way, `{[alias | Ref], Reply}`
// to the alias the other. So guests, JavaScript servers and Erlang's own understand each other.
import { FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import { addressLength, addressPointer, addressText, placeAddress } from "./address";
import { fail, failed, raise } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { demonitor, MonitorAlias, monitorAs, self } from "./process";
import { Ref } from "./ref";
import { Atom, atom } from "./term/atom";
import * as decoder from "./term/decoder";
import * as encoder from "./term/encoder";
import { fitsPattern } from "./term/pattern";
import { Term } from "./term/term";
import { Down } from "./message";
import { __moonletRead } from "./term/read";
import { __moonletWrite } from "./term/write";
import { taken } from "./receive";

/** Milliseconds, as in gen_server. */
export const DEFAULT_CALL_TIMEOUT: u32 = 5000;

/** What became of a call. */
@final
export class CallResult<Res> {
  constructor(
    /** Whether a reply came. */
    readonly ok: bool,
    private readonly reply: Res,
    /** Why there is none: the atom timeout, or the server's exit reason (noproc when there was no server). Null when ok. */
    readonly reason: Term | null,
  ) {}

  /** The reply. Ends the process when there is none. */
  get value(): Res {
    if (!this.ok) fail("badarg", "CallResult.value: the call failed with " + this.reason!.toString());
    return this.reply;
  }

  get timedOut(): bool {
    const reason = this.reason;
    return reason !== null && reason.isAtomNamed("timeout");
  }
}

/**
 * Asks a server and waits for its reply. `to` is a Pid or a name. As in Erlang, the caller ends when the server does first
 * (with `{Reason, Text}`) or when `timeoutMs` is over (with `{timeout, Text}`); `tryCall` reports these instead.
 *
 *     const total = call<Add, i64>(counter, new Add(2));
 */
export function call<Req, Res, A = Pid>(to: A, request: Req, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Res {
  const result = tryCall<Req, Res, A>(to, request, timeoutMs);
  if (!result.ok) {
    encoder.begin();
    encoder.tuple(2);
    __moonletWrite<Term>(result.reason!);
    encoder.text("call to " + addressText<A>(to) + " failed");
    raise();
  }
  return result.value;
}

/** As `call`, but tells what happened. A reply that comes too late is dropped. */
export function tryCall<Req, Res, A = Pid>(
  to: A, request: Req, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT,
): CallResult<Res> {
  if (isReference<A>()) {
    if (idof<A>() == idof<Pid>()) {
      // It would wait for itself.
      if (changetype<Pid>(to) == self()) return noReply<Res>(Term.of<Atom>(atom("calling_self")));
    }
  }
  return receiveResponse<Res>(sendRequest<Req, A>(to, request), timeoutMs);
}

/**
 * Sends a request and does not wait. What it gives names the request; the answer is fetched later with `receiveResponse`,
 * `waitResponse` or `checkResponse`. Never fails: a server that is not there is found in the answer.
 */
export function sendRequest<Req, A = Pid>(to: A, request: Req): Ref {
  return sendAs<Req, A>("$gen_call", to, request);
}

/** The same under another label than a server's; the empty one stands for this process's own pid, as gen_event has it. */
export function sendAs<Req, A>(labelled: string, to: A, request: Req): Ref {
  const ref = monitorAs<A>(to, MonitorAlias.ReplyDemonitor);
  const own = self();
  encoder.begin();
  encoder.tuple(3);
  if (labelled.length == 0) __moonletWrite<Pid>(own);
  else encoder.atom(labelled);
  encoder.tuple(2);
  __moonletWrite<Pid>(own);
  encoder.list(1);
  encoder.atom("alias");
  __moonletWrite<Ref>(ref);
  __moonletWrite<Req>(request);
  const size = encoder.length();
  const offset = placeAddress<A>(to);
  // A name that nobody has is not an error here: the monitor reports noproc.
  abi.send(addressPointer<A>(to, offset), addressLength<A>(to, offset), encoder.start(), size);
  return ref;
}

/** Waits for the answer to a request; when the time is over the request is given up, and a late answer is dropped. */
export function receiveResponse<Res>(ref: Ref, timeoutMs: u32 = FOR_EVER): CallResult<Res> {
  let length = abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), timeoutMs);
  if (length == TIMEOUT) {
    demonitor(ref);
    // The reply may have come between the end of the time and the end of the alias.
    length = abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), 0);
    if (length == TIMEOUT) return noReply<Res>(Term.of<Atom>(atom("timeout")));
  }
  return response<Res>(length);
}

/** Waits for the answer to a request, by default not at all; null when it is not there, and the request still stands. */
export function waitResponse<Res>(ref: Ref, timeoutMs: u32 = 0): CallResult<Res> | null {
  const length = abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), timeoutMs);
  return length == TIMEOUT ? null : response<Res>(length);
}

/** Whether a message that was received in another way is the answer to this request; null when it is not. */
export function checkResponse<Res>(message: Term, ref: Ref): CallResult<Res> | null {
  if (message.is<Down>() && message.at(1) == Term.of<Ref>(ref)) {
    return noReply<Res>(message.as<Down>().reason);
  }
  if (!message.isTuple || message.length != 2) return null;
  encoder.begin();
  encoder.list(1);
  encoder.atom("alias");
  __moonletWrite<Ref>(ref);
  const size = encoder.length();
  const tag = message.at(0);
  if (tag.byteLength != size || memory.compare(tag.pointer, encoder.start(), size) != 0) return null;
  decoder.open(message.pointer, message.byteLength);
  decoder.tuple("reply");
  decoder.skip();
  return new CallResult<Res>(true, __moonletRead<Res>("reply"), null);
}

/** What was received over a request's reference. */
export function response<Res>(length: i32): CallResult<Res> {
  if (length < 0) failed(length, "call");
  settle(length);
  if (fitsPattern<Down>(answer(), length)) return noReply<Res>(taken<Down>(length).reason);
  decoder.open(answer(), length);
  decoder.tuple("reply");
  decoder.skip();
  return new CallResult<Res>(true, __moonletRead<Res>("reply"), null);
}

/** The result of a call that failed. */
export function noReply<Res>(reason: Term): CallResult<Res> {
  if (isReference<Res>()) return new CallResult<Res>(false, changetype<Res>(0), reason);
  else return new CallResult<Res>(false, <Res>0, reason);
}
