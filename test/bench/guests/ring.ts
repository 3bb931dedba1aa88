// A token goes round a ring of 1,000 processes; it counts the rounds down, and the last one ends the processes.
import { argument, monotonicTime, Pid, receive, self, send, spawnWith } from "moonlet/guest-sdk";
import { Job } from "./job";

const SIZE = 1000;

@message class Token { constructor(public rounds: i32) {} }

function node(next: Pid): void {
  while (true) {
    const token = receive<Token>();
    send(next, token);
    if (token.rounds == 0) return;
  }
}

function round(first: Pid, rounds: i32): void {
  send(first, new Token(rounds));
  receive<Token>();
}

export function ring(): void {
  const job = argument<Job>();
  let first = self();
  for (let i = 1; i < SIZE; i++) first = spawnWith<Pid>(node, first);
  round(first, 1);
  const start = monotonicTime();
  for (let rounds = job.count / SIZE; rounds > 0; rounds--) round(first, rounds);
  job.report(start);
  round(first, 0);
}
