// Kills the child of a supervisor, which restarts it, and waits until the new one says that it is up. A new supervisor every hundred
// restarts, because it remembers those that count.
import { argument, atom, exitSignal, monotonicTime, Pid, receive, register, self, send, spawn, Strategy, Supervisor } from "moonlet/guest-sdk";
import { Job } from "./job";

const BATCH = 100;
const NAME = "supervisor_restart";

@message class Up { constructor(public pid: Pid) {} }
@message class Never {}

function child(): void {
  send(NAME, new Up(self()));
  receive<Never>();
}

function supervisor(): void {
  new Supervisor(Strategy.OneForOne, BATCH, 5).child("child", child).run();
}

export function supervisorRestart(): void {
  const job = argument<Job>();
  const kill = atom("kill");
  register(NAME);
  let total: i64 = 0;
  for (let batch = job.count / BATCH; batch > 0; batch--) {
    const supervised = spawn(supervisor);
    let pid = receive<Up>().pid;
    const start = monotonicTime();
    for (let i = 0; i < BATCH; i++) {
      exitSignal(pid, kill);
      pid = receive<Up>().pid;
    }
    total += monotonicTime() - start;
    exitSignal(supervised, kill);
  }
  send(job.reporter, total);
}
