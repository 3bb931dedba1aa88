// Two processes hand a message to and fro.
import { argument, atom, exitSignal, monotonicTime, Pid, receive, self, send, spawn } from "moonlet/guest-sdk";
import { Job } from "./job";

@message class Ping { constructor(public from: Pid, public n: i32) {} }
@message class Pong { constructor(public n: i32) {} }

function pong(): void {
  while (true) {
    const ping = receive<Ping>();
    send(ping.from, new Pong(ping.n));
  }
}

export function pingPong(): void {
  pings(argument<Job>());
}

/** As many round trips as the job says. */
export function pings(job: Job): void {
  const peer = spawn(pong);
  const start = monotonicTime();
  for (let i = 0; i < job.count; i++) {
    send(peer, new Ping(self(), i));
    receive<Pong>();
  }
  job.report(start);
  exitSignal(peer, atom("kill"));
}
