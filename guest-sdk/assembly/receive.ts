// Receiving: selectively by type, or whatever comes. A message that does not fit stays in the mailbox, in its place.
import { FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Down, Exit } from "./message";
import { Pid } from "./pid";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import { fitsPattern, patternLength, patternPointer } from "./term/pattern";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";

/**
 * Waits for the oldest message that is a T and takes it out of the mailbox. A class marked with `@message` is told by its tag
 * and its number of fields; the process ends with `bad_message` when a field is then of another type.
 */
export function receive<T>(): T {
  const length = abi.receive(patternPointer<T>(), patternLength<T>(), inbox(), capacity(), FOR_EVER);
  if (length < 0) failed(length, "receive");
  return taken<T>(length);
}

/**
 * As `receive`, for at most `ms` milliseconds; null when there was none. With 0 it only looks. T has to be a class: numbers and
 * booleans come as `receiveWithin<Term>`.
 */
export function receiveWithin<T>(ms: u32): T | null {
  const length = abi.receive(patternPointer<T>(), patternLength<T>(), inbox(), capacity(), ms);
  if (length == TIMEOUT) return null;
  if (length < 0) failed(length, "receiveWithin");
  return taken<T>(length);
}

/** Waits for the oldest message, whatever it is. */
export function receiveAny(): Term {
  return receive<Term>();
}

/** As `receiveAny`, for at most `ms` milliseconds; null when there was none. */
export function receiveAnyWithin(ms: u32): Term | null {
  return receiveWithin<Term>(ms);
}

/**
 * Waits for the `Down` of a monitor, for at most `ms` milliseconds (0xffffffff, the default, is for ever); null when it did not
 * come. Costs the same however many other messages wait.
 */
export function receiveDown(ref: Ref, ms: u32 = FOR_EVER): Down | null {
  const length = abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), ms);
  if (length == TIMEOUT) return null;
  if (length < 0) failed(length, "receiveDown");
  return taken<Down>(length);
}

/** As `receiveWithin<Exit>(ms)`, for the exit of one process. */
export function receiveExitOf(pid: Pid, ms: u32): Exit | null {
  // {'EXIT', Pid, ...}: the pid's bytes belong to the prefix.
  const head = patternLength<Exit>();
  const pattern = new StaticArray<u8>(<i32>(head + pid.byteLength - 1));
  const at = changetype<usize>(pattern);
  memory.copy(at, patternPointer<Exit>(), head);
  memory.copy(at + head, pid.pointer + 1, pid.byteLength - 1);
  store<u32>(at, <u32>(head - 4 + pid.byteLength - 1));
  const length = abi.receive(at, pattern.length, inbox(), capacity(), ms);
  if (length == TIMEOUT) return null;
  if (length < 0) failed(length, "receiveExitOf");
  return taken<Exit>(length);
}

/** Lets `ms` milliseconds pass. Messages stay in the mailbox. */
export function sleep(ms: u32): void {
  // No message begins with this byte, since all begin with 131.
  abi.receive(memory.data<u8>([1, 0, 0, 0, 0]), 5, inbox(), capacity(), ms);
}

/**
 * Receives messages of several types, and only those:
 *
 *     const orders = new Selector().on<Deposit>().on<Withdraw>();
 *     while (true) {
 *       const order = orders.receive();
 *       if (order.is<Deposit>()) deposit(order.as<Deposit>());
 *       else withdraw(order.as<Withdraw>());
 *     }
 */
@final
export class Selector {
  private patterns: StaticArray<u8> = new StaticArray<u8>(0);

  /** Adds a type. `Term` makes it take everything. */
  on<T>(): Selector {
    const size = patternLength<T>();
    if (size == 0) {
      // A prefix of nothing fits everything.
      this.add(memory.data<u8>([0, 0, 0, 0]), 4);
    } else {
      this.add(patternPointer<T>(), size);
    }
    return this;
  }

  /** Waits for the oldest message of one of the types. */
  receive(): Term {
    const length = abi.receive(changetype<usize>(this.patterns), this.patterns.length, inbox(), capacity(), FOR_EVER);
    if (length < 0) failed(length, "Selector.receive");
    return taken<Term>(length);
  }

  /** As `receive`, for at most `ms` milliseconds; null when there was none. */
  receiveWithin(ms: u32): Term | null {
    const length = abi.receive(changetype<usize>(this.patterns), this.patterns.length, inbox(), capacity(), ms);
    if (length == TIMEOUT) return null;
    if (length < 0) failed(length, "Selector.receiveWithin");
    return taken<Term>(length);
  }

  private add(pattern: usize, size: usize): void {
    const old = this.patterns;
    const longer = new StaticArray<u8>(old.length + <i32>size);
    memory.copy(changetype<usize>(longer), changetype<usize>(old), old.length);
    memory.copy(changetype<usize>(longer) + old.length, pattern, size);
    this.patterns = longer;
  }
}

/** The message of that length, which a syscall has just given, as a T. */
export function taken<T>(length: i32): T {
  settle(length);
  if (isReference<T>()) {
    if (idof<T>() == idof<Term>()) {
      decoder.open(answer(), length);
      return changetype<T>(decoder.whole<Term>());
    }
  }
  decoder.open(answer(), length);
  return __moonletRead<T>(nameof<T>());
}
