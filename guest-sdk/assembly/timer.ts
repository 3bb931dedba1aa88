// Timers: messages that are sent later.
import * as abi from "./abi/timer";
import { addressLength, addressPointer, addressText, placeAddress } from "./address";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Ref } from "./ref";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletWrite } from "./term/write";

/** Sends the message in `ms` milliseconds to a Pid or a name. Gives the timer's reference, for `cancelTimer`. */
export function sendAfter<A, T>(ms: f64, to: A, message: T): Ref {
  encoder.begin();
  __moonletWrite<T>(message);
  const size = encoder.length();
  const offset = placeAddress<A>(to);
  const length = abi.send_after(
    ms, addressPointer<A>(to, offset), addressLength<A>(to, offset), encoder.start(), size, inbox(), capacity(),
  );
  return timerRef<A>(length, to, "sendAfter");
}

/** As `sendAfter`; what arrives is a `Timeout` with the timer's reference and the message. */
export function startTimer<A, T>(ms: f64, to: A, message: T): Ref {
  encoder.begin();
  __moonletWrite<T>(message);
  const size = encoder.length();
  const offset = placeAddress<A>(to);
  const length = abi.start(
    ms, addressPointer<A>(to, offset), addressLength<A>(to, offset), encoder.start(), size, inbox(), capacity(),
  );
  return timerRef<A>(length, to, "startTimer");
}

/** Stops a timer: the milliseconds that were left, or -1 when it had fired or been stopped already. */
export function cancelTimer(timer: Ref): f64 {
  return abi.cancel(timer.pointer, timer.byteLength);
}

/** The milliseconds that are left, or -1. */
export function readTimer(timer: Ref): f64 {
  return abi.read(timer.pointer, timer.byteLength);
}

function timerRef<A>(length: i32, to: A, what: string): Ref {
  if (length < 0) failed(length, what + ": a timer for " + addressText<A>(to));
  settle(length);
  return encodedFrom<Ref>(answer(), length);
}
