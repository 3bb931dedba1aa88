// Timers: messages that come later, can be looked at and stopped; and a clock that ticks by sending itself the next tick.
import {
  cancelTimer, monotonicMs, print, readTimer, receive, receiveWithin, self, sendAfter, startTimer, Timeout,
} from "moonlet/guest-sdk";

@message class Tick { constructor(public n: i32) {} }

export function main(): void {
  const began = monotonicMs();
  sendAfter(10, self(), new Tick(1));
  for (let n = 1; n < 4; n++) {
    print("tick " + receive<Tick>().n.toString());
    sendAfter(10, self(), new Tick(n + 1));
  }
  receive<Tick>();
  print("four ticks took 40 ms or more: " + (monotonicMs() - began >= 39).toString());

  const egg = startTimer(5, self(), "the egg is done");
  const timeout = receive<Timeout>();
  print((timeout.ref == egg).toString() + ": " + timeout.message.text);

  const far = startTimer(60_000, self(), "never");
  print("more than half a minute is left: " + (readTimer(far) > 30_000).toString());
  print("stopped in time: " + (cancelTimer(far) > 0).toString());
  print("stopped twice: " + cancelTimer(far).toString());
  print("nothing comes: " + (receiveWithin<Timeout>(5) === null).toString());
}
