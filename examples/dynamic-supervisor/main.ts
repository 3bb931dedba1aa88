// A supervisor of visitors who come and go: children of one kind, started on demand. Beside it one that ends with its most important child.
import {
  atom, Atom, AutoShutdown, call, Caller, ChildSpec, countChildren, exit, getChildSpec, Pid, print, receiveDown,
  Restart, restartChild, serve, Server, Shutdown, spawnMonitor, startChild, startDynamicChild, Strategy, Supervisor,
  Term, terminateChild, tryCall, whichChildren,
} from "moonlet/guest-sdk";

class Visitor extends Server {
  constructor(readonly name: string) {
    super();
  }
  init(): void {
    if (this.name == "Mallory") this.stopWith("not_welcome");
  }
  handleCall(request: Term, from: Caller): void {
    if (request.isAtomNamed("leave")) return this.replyAndStop(from, "goodbye", "normal");
    if (request.isAtomNamed("stumble")) exit("stumbled");
    from.reply(this.name);
  }
}

function visitor(name: string): void {
  serve(new Visitor(name));
}

function lobby(): void {
  new Supervisor(Strategy.Dynamic, 5, 1)
    .add(ChildSpec.serverKind<string, string>("visitor", visitor).restarting(Restart.Transient).within(100))
    .run();
}

/** The guide is significant: when the tour is over, so is everything else. */
function tour(): void {
  new Supervisor(Strategy.OneForOne)
    .endingWith(AutoShutdown.AnySignificant)
    .add(ChildSpec.serverWith<string, string>("guide", visitor, "Vera").restarting(Restart.Transient).asSignificant())
    .add(ChildSpec.supervisor("lobby", lobby))
    .run();
}

function ask(pid: Pid, what: string): string {
  return call<Atom, string>(pid, atom(what));
}

function childOf(supervisor: Pid, id: string): Pid {
  const children = whichChildren(supervisor);
  for (let i = 0; i < children.length; i++) if (children[i].id == Term.of(id)) return children[i].pid!;
  return unreachable();
}

export function main(): void {
  const watched = spawnMonitor(tour);
  const counts = countChildren(watched.pid);
  print("a tour of " + counts.workers.toString() + " worker and " + counts.supervisors.toString() + " supervisor");
  const visitors = childOf(watched.pid, "lobby");

  const ada = startDynamicChild(visitors, "Ada").pid!;
  const joe = startDynamicChild(visitors, "Joe").pid!;
  print(ask(ada, "who") + " and " + ask(joe, "who") + " have come");
  print("Mallory: " + startDynamicChild(visitors, "Mallory").reason!.toString());

  // Who leaves is gone, who stumbles gets up again: another process for the same visitor.
  print("Joe says " + ask(joe, "leave"));
  tryCall<Atom, string>(ada, atom("stumble"));
  const left = whichChildren(visitors);
  print("left: " + left.length.toString() + ", " + ask(left[0].pid!, "who") + ", another process: " + (left[0].pid! != ada).toString());
  print("sent away: " + (terminateChild(visitors, left[0].pid!) === null).toString());
  print("active: " + countChildren(visitors).active.toString());

  // One more child for the tour, while it runs.
  const bus = ChildSpec.serverWith<string, string>("bus", visitor, "the bus").within(Shutdown.BrutalKill);
  print("the bus: " + ask(startChild(watched.pid, bus).pid!, "who"));
  print("parked: " + (terminateChild(watched.pid, "bus") === null).toString());
  print("kept as: " + getChildSpec(watched.pid, "bus")!.get(atom("shutdown"))!.toString());
  print("on the road again: " + restartChild(watched.pid, "bus").ok.toString());

  ask(childOf(watched.pid, "guide"), "leave");
  print("the tour ends: " + receiveDown(watched.ref)!.reason.toString());
}
