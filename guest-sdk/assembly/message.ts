// Sending, and the messages that the runtime itself sends.
import * as abi from "./abi/message";
import { addressLength, addressPointer, addressText, bytesOfAddress, isAddressBytes, placeAddress } from "./address";
import { check, failed } from "./fault";
import { Pid } from "./pid";
import { Ref } from "./ref";
import { Atom } from "./term/atom";
import { byteLengthAt } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/**
 * Sends a message. `to` is a Pid, a registered name (string or Atom), an alias (Ref) or a RemoteName; the message is an instance
 * of a class marked with `@message`, or anything else that is a term.
 *
 * Sending to a process that is gone does nothing, as in Erlang. Ends the process with `badarg` when nobody has the name, with
 * `system_limit` when the message is too large or the mailbox takes no more; `trySend` reports these instead.
 */
export function send<A, T>(to: A, message: T): void {
  const result = trySendCode<A, T>(to, message);
  if (result < 0) sendFailed<A>(to, result);
}

function sendFailed<A>(to: A, result: i32): void {
  failed(result, "send: " + addressText<A>(to) + " is no process's name, or takes no more");
}

/** As `send`; false when nobody has the name, the message is too large or the mailbox takes no more. */
export function trySend<A, T>(to: A, message: T): bool {
  return trySendCode<A, T>(to, message) >= 0;
}

/**
 * Sends a message to each of many processes, in their order; it is encoded and copied once, however many they are. How many could not take
 * it because their mailbox takes no more. Ends the process with `system_limit` when the message is too large.
 */
export function sendAll<T>(to: Pid[], message: T): i32 {
  encoder.begin();
  __moonletWrite<T>(message);
  const size = encoder.length();
  const offset = encoder.beginNext();
  __moonletWrite<Pid[]>(to);
  const result = abi.send_all(encoder.start() + offset, encoder.length() - offset, encoder.start(), size);
  if (result < 0) check(result, "sendAll: the message is too large");
  return result;
}

@inline
function trySendCode<A, T>(to: A, message: T): i32 {
  encoder.begin();
  __moonletWrite<T>(message);
  if (isReference<A>()) {
    if (isAddressBytes<A>()) {
      const address = bytesOfAddress<A>(to);
      return abi.send(address, byteLengthAt(address), encoder.start(), encoder.length());
    }
  }
  const size = encoder.length();
  const offset = placeAddress<A>(to);
  return abi.send(addressPointer<A>(to, offset), addressLength<A>(to, offset), encoder.start(), size);
}

/** A linked process ended, and this one traps exits: `{'EXIT', From, Reason}`. */
@message("EXIT")
export class Exit {
  constructor(public from: Pid, public reason: Term) {}
}

/** What was monitored is gone: `{'DOWN', Ref, process, Pid | {Name, Node}, Reason}`. */
@message("DOWN")
export class Down {
  constructor(public ref: Ref, public kind: Atom, public target: Term, public reason: Term) {}

  /** The pid that ended; null for a monitor by name. */
  get pid(): Pid | null {
    return this.target.isPid ? this.target.as<Pid>() : null;
  }
}

/** A timer of `startTimer` fired: `{timeout, Ref, Message}`. */
@message("timeout")
export class Timeout {
  constructor(public ref: Ref, public message: Term) {}
}
