// Guests that never wait, and one that does: it tells how long a message was under way until it ran.
import { argument, monotonicTime, Pid, receive, send } from "moonlet/guest-sdk";

/** `at` is a reading of the host's monotonic clock in nanoseconds. */
@message class Sent { constructor(public at: i64) {} }

let rounds: i64 = 0;

export function spinner(): void {
  while (true) rounds++;
}

export function latecomer(): void {
  const reporter = argument<Pid>();
  while (true) {
    const sent = receive<Sent>();
    send(reporter, monotonicTime() - sent.at);
  }
}
