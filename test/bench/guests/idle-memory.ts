// Many processes that have run and wait; reports when all of them do.
import { argument, Pid, receive, receiveAny, self, send, spawnWith } from "moonlet/guest-sdk";
import { Job } from "./job";
import { Ready, waiter } from "./waiter";

export function idleMemory(): void {
  const job = argument<Job>();
  for (let i = 0; i < job.count; i++) spawnWith<Pid>(waiter, self());
  for (let i = 0; i < job.count; i++) receive<Ready>();
  send(job.reporter, job.count);
  receiveAny();
}
