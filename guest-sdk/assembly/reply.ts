// The serving side of `call` and `cast`.
import { TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { send } from "./message";
import { Pid } from "./pid";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import * as encoder from "./term/encoder";
import { LIST } from "./term/tags";
import { Term } from "./term/term";
import { __moonletRead } from "./term/read";
import { __moonletWrite } from "./term/write";
import { placeAddress, addressLength, addressPointer } from "./address";

/** Told of every answer that this process gives, while it is watched. */
let witness: ((to: Caller, reply: Term) => void) | null = null;
/** How many answers it has given. */
let given: i32 = 0;

/** Tells `told` of every answer from now on, or nobody. */
export function watchReplies(told: ((to: Caller, reply: Term) => void) | null): void {
  witness = told;
}

/** How many calls this process has answered. */
export function repliesGiven(): i32 {
  return given;
}

/** Who asked, and under which tag the answer is expected. Can be kept, to reply later, and sent, for another process to reply. */
@final
export class Caller {
  constructor(readonly pid: Pid, readonly tag: Term) {}

  /** Answers. A caller that waits no longer gets nothing. */
  reply<T>(value: T): void {
    encoder.begin();
    encoder.tuple(2);
    __moonletWrite<Term>(this.tag);
    __moonletWrite<T>(value);
    // [alias | Ref]: the answer goes to the alias, which ends when the caller stops to wait.
    const tag = this.tag.pointer;
    if (load<u8>(tag, 1) == LIST && load<u8>(tag, 6) == 119 && load<u8>(tag, 7) == 5) {
      const inner = tag + 13;
      const size = this.tag.byteLength - 13;
      const whole = encoder.length();
      encoder.beginNext();
      encoder.raw(inner, size);
      abi.send(encoder.start() + whole, size + 1, encoder.start(), whole);
    } else {
      abi.send(this.pid.pointer, this.pid.byteLength, encoder.start(), encoder.length());
    }
    given++;
    const told = witness;
    if (told !== null) told(this, Term.of<T>(value));
  }

  __moonletEncode(): void {
    encoder.tuple(2);
    __moonletWrite<Pid>(this.pid);
    __moonletWrite<Term>(this.tag);
  }

  __moonletDecode(): void {
    if (decoder.tuple("caller") != 2) decoder.mismatch("caller", "{Pid, Tag}");
    store<usize>(changetype<usize>(this), changetype<usize>(__moonletRead<Pid>("caller")), offsetof<Caller>("pid"));
    __link(changetype<usize>(this), changetype<usize>(this.pid), false);
    store<usize>(changetype<usize>(this), changetype<usize>(__moonletRead<Term>("caller")), offsetof<Caller>("tag"));
    __link(changetype<usize>(this), changetype<usize>(this.tag), false);
  }
}

/** A request and who made it. With `Call<Term>` requests of several types are told apart by `request.is<T>()`. */
@final
export class Call<Req> {
  constructor(readonly caller: Caller, readonly request: Req) {}

  /** Answers the call. */
  reply<T>(value: T): void {
    this.caller.reply<T>(value);
  }
}

/** Answers a call: `reply(call, value)`. */
export function reply<Req, T>(call: Call<Req>, value: T): void {
  call.caller.reply<T>(value);
}

/** Sends a message that expects no answer, as gen_server:cast: `{'$gen_cast', Message}`. A name that nobody has is no error. */
export function cast<A, T>(to: A, message: T): void {
  encoder.begin();
  encoder.tuple(2);
  encoder.atom("$gen_cast");
  __moonletWrite<T>(message);
  const size = encoder.length();
  const offset = placeAddress<A>(to);
  abi.send(addressPointer<A>(to, offset), addressLength<A>(to, offset), encoder.start(), size);
}

// {'$gen_call', ...} of three and {'$gen_cast', ...} of two, each as its length and the bytes.
/** How messages of `call` begin. */
export function callPattern(): usize {
  return memory.data<u8>([14, 0, 0, 0, 131, 104, 3, 119, 9, 36, 103, 101, 110, 95, 99, 97, 108, 108]);
}

/** How messages of `cast` begin. */
export function castPattern(): usize {
  return memory.data<u8>([14, 0, 0, 0, 131, 104, 2, 119, 9, 36, 103, 101, 110, 95, 99, 97, 115, 116]);
}

export const SERVER_PATTERN_SIZE: usize = 18;
const HEAD: usize = 13;

/** Waits for the oldest call. Its request has to be a Req: the process ends with `bad_message` otherwise. */
export function receiveCall<Req>(): Call<Req> {
  const length = abi.receive(callPattern(), SERVER_PATTERN_SIZE, inbox(), capacity(), 0xffffffff);
  if (length < 0) failed(length, "receiveCall");
  settle(length);
  decoder.open(answer(), length);
  return readCall<Req>();
}

/** As `receiveCall`, for at most `ms` milliseconds; null when there was none. */
export function receiveCallWithin<Req>(ms: u32): Call<Req> | null {
  const length = abi.receive(callPattern(), SERVER_PATTERN_SIZE, inbox(), capacity(), ms);
  if (length == TIMEOUT) return null;
  if (length < 0) failed(length, "receiveCallWithin");
  settle(length);
  decoder.open(answer(), length);
  return readCall<Req>();
}

/** Waits for the oldest cast. */
export function receiveCast<T>(): T {
  const length = abi.receive(castPattern(), SERVER_PATTERN_SIZE, inbox(), capacity(), 0xffffffff);
  if (length < 0) failed(length, "receiveCast");
  settle(length);
  decoder.open(answer(), length);
  decoder.advance(HEAD);
  return __moonletRead<T>("cast");
}

/** Reads a message that is known to begin as a call; the decoder is open at it. */
export function readCall<Req>(): Call<Req> {
  decoder.advance(HEAD);
  const caller = __moonletRead<Caller>("caller");
  return new Call<Req>(caller, __moonletRead<Req>("request"));
}
