// Processes that wait to be woken, and the one that spawns them.
import { argument, Pid, receive, send, spawnWith } from "moonlet/guest-sdk";
import { Job } from "./job";

@message export class Ready {}
@message export class Wake { constructor(public add: i32) {} }
@message export class Awake { constructor(public sum: i32) {} }

/** Keeps a sum over its wakings, on its stack and on its heap. */
export function sleeper(collector: Pid): void {
  const sums: i32[] = [0];
  send(collector, new Ready());
  for (let rounds = 0; ; rounds++) {
    sums[0] += receive<Wake>().add;
    send(collector, new Awake(sums[0] + rounds));
  }
}

export function spawnSleepers(): void {
  const job = argument<Job>();
  for (let i = 0; i < job.count; i++) spawnWith<Pid>(sleeper, job.reporter);
}
