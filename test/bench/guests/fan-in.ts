// A hundred processes send to one.
import { argument, monotonicTime, Pid, receive, self, send, spawnWith } from "moonlet/guest-sdk";
import { Job } from "./job";

const SENDERS = 100;

@message class Item { constructor(public from: Pid, public n: i32) {} }
@message class Start { constructor(public to: Pid, public count: i32) {} }

function sender(receiver: Pid): void {
  send(receiver, self());
  const order = receive<Start>();
  for (let i = 0; i < order.count; i++) send(order.to, new Item(self(), i));
}

export function fanIn(): void {
  const job = argument<Job>();
  const senders = new Array<Pid>();
  for (let i = 0; i < SENDERS; i++) {
    spawnWith<Pid>(sender, self());
    senders.push(receive<Pid>());
  }
  const share = job.count / SENDERS;
  const start = monotonicTime();
  for (let i = 0; i < SENDERS; i++) send(senders[i], new Start(self(), share));
  for (let i = share * SENDERS; i > 0; i--) receive<Item>();
  job.report(start);
}
