// Calls to a gen_server, one after the other.
import { argument, atom, call, Caller, exitSignal, monotonicTime, serve, Server, spawn, Term } from "moonlet/guest-sdk";
import { Job } from "./job";

class Echo extends Server {
  total: i64 = 0;
  handleCall(request: Term, from: Caller): void {
    this.total++;
    from.reply(request.as<i32>());
  }
}

function echo(): void { serve(new Echo()); }

export function genServerCall(): void {
  const job = argument<Job>();
  const server = spawn(echo);
  const start = monotonicTime();
  for (let n = job.count; n > 0; n--) call<i32, i32>(server, n);
  job.report(start);
  exitSignal(server, atom("kill"));
}
