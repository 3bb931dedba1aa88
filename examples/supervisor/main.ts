// A supervisor keeps two processes running: it starts them in order, starts one anew when it crashes, and ends them in reverse order.
import {
  atom, call, Caller, exitSignal, Pid, print, receiveDown, serve, Server, sleep, spawnMonitor, Strategy, Supervisor, Term,
  trapExit, tryCall, whereis,
} from "moonlet/guest-sdk";

class Counter extends Server {
  n: i32 = 0;
  constructor(readonly label: string) {
    super();
  }
  init(): void {
    trapExit();
    print(this.label + " starts");
  }
  handleCall(request: Term, from: Caller): void {
    if (request.isAtomNamed("crash")) unreachable();
    from.reply(++this.n);
  }
  terminate(reason: Term): void {
    print(this.label + " ends: " + reason.toString());
  }
}

function first(): void {
  serve(new Counter("first"));
}
function second(): void {
  serve(new Counter("second"));
}

/** If a child crashes, those that were started after it are started anew with it. */
function supervisor(): void {
  new Supervisor(Strategy.RestForOne, 3, 5).named("first", first).named("second", second).run();
}

function count(name: string): string {
  return call<Term, i32, string>(name, Term.of(atom("count"))).toString();
}

export function main(): void {
  const supervised = spawnMonitor(supervisor);
  awaitName("second", null);
  print("counting: " + count("first") + " " + count("first") + " " + count("second"));

  const old = whereis("second")!;
  const crash = tryCall<Term, i32, string>("first", Term.of(atom("crash")));
  print("a crash: " + crash.reason!.at(1).toString());
  awaitName("second", old);
  print("both are new: " + count("first") + " " + count("second"));

  exitSignal(supervised.pid, "shutdown");
  print("the supervisor ends: " + receiveDown(supervised.ref)!.reason.toString());
}

/** Waits until another process than `old` has the name. */
function awaitName(name: string, old: Pid | null): void {
  for (let pid = whereis(name); pid === null || pid == old; pid = whereis(name)) sleep(1);
}
