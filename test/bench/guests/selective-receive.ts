// Asks a process and awaits the reply by its tag, while other messages wait.
import { argument, atom, exitSignal, monotonicTime, receiveCall, receiveResponse, reply, self, send, sendRequest, spawn } from "moonlet/guest-sdk";
import { Job } from "./job";

@message class Waiting { constructor(public n: i32) {} }

function peer(): void {
  while (true) {
    const question = receiveCall<i32>();
    reply<i32, i32>(question, question.request);
  }
}

function ask(waiting: i32): void {
  const job = argument<Job>();
  const asked = spawn(peer);
  for (let n = 0; n < waiting; n++) send(self(), new Waiting(n));
  const start = monotonicTime();
  for (let n = job.count; n > 0; n--) receiveResponse<i32>(sendRequest<i32>(asked, n));
  job.report(start);
  exitSignal(asked, atom("kill"));
}

export function selectiveReceive0(): void { ask(0); }
export function selectiveReceive1000(): void { ask(1000); }
export function selectiveReceive1000000(): void { ask(1000000); }
