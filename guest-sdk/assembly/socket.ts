// What sockets of both kinds have in common: how they are named, how they change hands, and how their bytes are read and written.
import { CLOSED, FAILED, NOPROC, SYSTEM_LIMIT } from "./abi/code";
import { read as readMessage } from "./abi/message";
import { active, controlling_process, close as closeSocket } from "./abi/tcp";
import { check, fail, failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";

/** Read at a time when nothing else is asked for. */
export const PIECE_BYTES: u32 = 16384;

/** An address in numbers and a port; on the wire `{Address, Port}`. */
@final
export class Endpoint {
  constructor(readonly address: string, readonly port: i32) {}

  toString(): string {
    return (this.address.includes(":") ? "[" + this.address + "]" : this.address) + ":" + this.port.toString();
  }
}

/** Reads `{Address, Port}` from a term. */
export function endpointOf(term: Term): Endpoint {
  return new Endpoint(term.at(0).text, term.at(1).as<i32>());
}

/** The reference that is the answer of a syscall. */
export function refAt(length: i32): Ref {
  settle(length);
  return encodedFrom<Ref>(answer(), length);
}

/** Why the last syscall failed; the empty text when it did not. */
export function reasonFor(result: i32): string {
  if (result != FAILED) return "";
  const length = readMessage(inbox(), capacity());
  settle(length);
  return encodedFrom<Term>(answer(), length).text;
}

/** Ends the process: with the reason that the host gave, or with what the code stands for. */
export function failedWith(result: i32, what: string): void {
  if (result == FAILED) fail(reasonFor(result), what);
  failed(result, what);
}

/** Gives a socket to another process; false when that is dead or has too many open. */
export function giveSocket(ref: Ref, to: Pid, what: string): bool {
  const result = controlling_process(ref.pointer, ref.byteLength, to.pointer, to.byteLength);
  if (result == NOPROC || result == SYSTEM_LIMIT) return false;
  check(result, what + ": this socket is not this process's, or the other one is no guest");
  return true;
}

/** Nothing is sent to the owner: it asks. */
export const PASSIVE: i32 = 0;
/** One message, then passive. */
export const ONCE: i32 = 1;
/** As long as the owner's mailbox has room. */
export const ALWAYS: i32 = 2;
/** So many more messages, then passive, which the owner is told. */
export const COUNTED: i32 = 3;

export function activate(ref: Ref, mode: i32, count: i32, what: string): void {
  check(active(ref.pointer, ref.byteLength, mode, count), what + ": this socket is not this process's, or there would be more than 32,767");
}

export function closeRef(ref: Ref, what: string): void {
  check(closeSocket(ref.pointer, ref.byteLength), what + ": this socket is not this process's");
}

/** Begins the options of a listening socket in the encoder; `more` pairs follow. */
export function beginOptions(pairs: u32): void {
  encoder.map(pairs);
}

export function placeNumber(name: string, value: i64): void {
  encoder.atom(name);
  encoder.integer(value);
}

/** What a read gave: null for the end and for a connection that is no more. */
export function pieceOf(bytes: Uint8Array, count: i32, what: string): Uint8Array | null {
  if (count == 0 || count == CLOSED) return null;
  check(count, what + ": this socket is not this process's, or nothing came in time");
  return bytes.subarray(0, count);
}
