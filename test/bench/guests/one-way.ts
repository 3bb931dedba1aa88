// One process sends as fast as it can, another receives.
import { argument, monotonicTime, Pid, receive, self, send, spawnWith } from "moonlet/guest-sdk";
import { Job } from "./job";

@message class Item { constructor(public n: i32) {} }
@message class Flood { constructor(public to: Pid, public count: i32) {} }

function flood(order: Flood): void {
  for (let i = 0; i < order.count; i++) send(order.to, new Item(i));
}

export function oneWay(): void {
  const job = argument<Job>();
  const start = monotonicTime();
  spawnWith<Flood>(flood, new Flood(self(), job.count));
  for (let i = 0; i < job.count; i++) receive<Item>();
  job.report(start);
}
