// Kills processes that wait, one after the other, each time waiting for the DOWN. They are spawned by the hundred, outside the time.
import { argument, atom, exitSignal, monotonicTime, Monitored, receive, receiveDown, self, send, spawnMonitorWith, Pid } from "moonlet/guest-sdk";
import { Job } from "./job";
import { Ready, waiter } from "./waiter";

const BATCH = 100;

export function killDown(): void {
  const job = argument<Job>();
  const kill = atom("kill");
  const victims = new Array<Monitored>();
  let total: i64 = 0;
  for (let batch = job.count / BATCH; batch > 0; batch--) {
    victims.length = 0;
    for (let i = 0; i < BATCH; i++) victims.push(spawnMonitorWith<Pid>(waiter, self()));
    for (let i = 0; i < BATCH; i++) receive<Ready>();
    const start = monotonicTime();
    for (let i = 0; i < BATCH; i++) {
      exitSignal(victims[i].pid, kill);
      receiveDown(victims[i].ref);
    }
    total += monotonicTime() - start;
  }
  send(job.reporter, total);
}
