// Requests and replies, as gen_server does them: `{'$gen_call', {Pid, [alias | Ref]}, Request}` one way, `{[alias | Ref], Reply}`
// to the alias the other. So guests, JavaScript servers and Erlang's own understand each other.
import { TIMEOUT } from "./abi/code";
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
  const ref = monitorAs<A>(to, MonitorAlias.ReplyDemonitor);
  const own = self();
  encoder.begin();
  encoder.tuple(3);
  encoder.atom("$gen_call");
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

  let length = abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), timeoutMs);
  if (length == TIMEOUT) {
    demonitor(ref);
    // The reply may have come between the end of the time and the end of the alias.
    length = abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), 0);
    if (length == TIMEOUT) return noReply<Res>(Term.of<Atom>(atom("timeout")));
  }
  if (length < 0) failed(length, "call");
  settle(length);
  if (fitsPattern<Down>(answer(), length)) return noReply<Res>(taken<Down>(length).reason);
  decoder.open(answer(), length);
  decoder.tuple("reply");
  decoder.skip();
  return new CallResult<Res>(true, __moonletRead<Res>("reply"), null);
}

function noReply<Res>(reason: Term): CallResult<Res> {
  if (isReference<Res>()) return new CallResult<Res>(false, changetype<Res>(0), reason);
  else return new CallResult<Res>(false, <Res>0, reason);
}
