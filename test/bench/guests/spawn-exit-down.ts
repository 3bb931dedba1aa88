// Spawns a process that ends at once, and waits for the news of its end; then the next.
import { argument, monotonicTime, receiveDown, spawnMonitor } from "moonlet/guest-sdk";
import { Job } from "./job";

function nothing(): void {}

export function spawnExitDown(): void {
  const job = argument<Job>();
  const start = monotonicTime();
  for (let i = 0; i < job.count; i++) receiveDown(spawnMonitor(nothing).ref);
  job.report(start);
}
