// Supervisors of guests with every kind of child, and guests that manage supervisors.
import {
  argument, atom, Atom, AutoShutdown, Caller, ChildSpec, countChildren, deleteChild, exit, getChildSpec, Pid, print, receive, receiveAny, register,
  Restart, restartChild, send, serve, Server, Shutdown, spawn, spawnLink, startChild, startChildFrom, startDynamicChild, StartResult,
  Strategy, Supervisor, Term, terminateChild, trapExit, parseTerm, whichChildren, whereis, self, sleep, start, SpawnOptions
} from "moonlet/guest-sdk";

class Worker extends Server {
  constructor(readonly name: string) { super(); }
  init(): void {
    if (this.name == "refuses") this.stopWith("not_today");
    if (this.name == "ignored") this.ignore();
  }
  handleCall(request: Term, from: Caller): void {
    if (request.isAtomNamed("who")) from.reply(this.name);
    else exit(request);
  }
}

export function worker(): void { serve(new Worker("exported")); }
export function named(): void { serve(new Worker(argument<string>())); }
function one(): void { serve(new Worker("one")); }
function two(name: string): void { serve(new Worker(name)); }
function plain(): void { receiveAny(); }
function stubborn(): void { trapExit(); while (true) receiveAny(); }

/** A server, one with an argument, a plain function. */
export function tree(): void {
  new Supervisor(Strategy.OneForOne, 1, 5)
    .add(ChildSpec.server("one", one))
    .add(ChildSpec.serverWith<string, string>("two", two, "zwei").restarting(Restart.Transient).within(100))
    .add(ChildSpec.of<Atom>(atom("three"), plain).restarting(Restart.Temporary).within(Shutdown.BrutalKill))
    .run();
}

export function dynamic(): void {
  new Supervisor(Strategy.Dynamic, 2, 5).add(ChildSpec.serverKind<string, string>("kind", two).restarting(Restart.Transient)).run();
}

export function anySignificant(): void {
  new Supervisor().endingWith(AutoShutdown.AnySignificant)
    .add(ChildSpec.server("one", one).restarting(Restart.Transient).asSignificant())
    .add(ChildSpec.server("plain", one))
    .run();
}

export function allSignificant(): void {
  new Supervisor().endingWith(AutoShutdown.AllSignificant)
    .add(ChildSpec.server("one", one).restarting(Restart.Temporary).asSignificant())
    .add(ChildSpec.server("two", one).restarting(Restart.Transient).asSignificant())
    .add(ChildSpec.server("plain", one))
    .run();
}

/** A significant child that may come back for ever is a mistake. */
export function badSignificant(): void {
  new Supervisor().endingWith(AutoShutdown.AnySignificant).add(ChildSpec.server("one", one).asSignificant()).run();
}

function inner(): void {
  new Supervisor().add(ChildSpec.server("leaf", one)).add(ChildSpec.of("stubborn", stubborn).within(20)).run();
}
export function nested(): void {
  new Supervisor().add(ChildSpec.supervisor("inner", inner)).add(ChildSpec.server("beside", one)).run();
}

export function failsToStart(): void {
  new Supervisor().add(ChildSpec.server("one", one)).add(ChildSpec.serverWith<string, string>("bad", two, "refuses")).run();
}

/** A child that another process makes: here a JavaScript one, which answers with a pid. */
@message class Make { constructor(public from: Pid) {} }
@message class Made { constructor(public pid: Pid | null) {} }
export function adopts(): void {
  new Supervisor(Strategy.OneForOne, 5, 5).add(ChildSpec.starting("made", () => {
    send("factory", new Make(self()));
    const pid = receive<Made>().pid;
    return new StartResult(pid, pid === null ? Term.of("not now") : null);
  })).run();
}

function told(result: StartResult): string {
  if (result.ok) return "ok";
  return result.isIgnored ? "ignored" : result.reason!.toString();
}
function said(result: Term | null): string {
  return result === null ? "ok" : result.toString();
}

/** Manages the guest's supervisor whose pid is its argument. */
export function manager(): void {
  const supervisor = argument<Pid>();
  const counts = countChildren(supervisor);
  print("counts " + counts.specs.toString() + " " + counts.active.toString() + " " + counts.supervisors.toString() + " " + counts.workers.toString());
  const listed = whichChildren(supervisor);
  for (let i = 0; i < listed.length; i++) print(listed[i].id.toString() + " " + (listed[i].pid !== null).toString());
  print("terminate " + said(terminateChild(supervisor, "one")));
  print("delete two " + said(deleteChild(supervisor, "two")));
  print("restart " + told(restartChild(supervisor, "one")));
  print("restart again " + told(restartChild(supervisor, "one")));
  print("terminate " + said(terminateChild(supervisor, "one")) + ", delete " + said(deleteChild(supervisor, "one")));
  print("nobody " + said(terminateChild(supervisor, "one")));
  print("start " + told(startChild(supervisor, ChildSpec.serverWith<string, string>("four", two, "vier"))));
  print("refused " + startChild(supervisor, ChildSpec.serverWith<string, string>("five", two, "refuses")).reason!.at(0).toString());
  print("ignored " + told(startChild(supervisor, ChildSpec.serverWith<string, string>("six", two, "ignored"))));
  print("exported " + told(startChild(supervisor, ChildSpec.exported("seven", "worker"))));
  print("a map " + told(startChildFrom(supervisor, parseTerm("#{id => eight, start => {me, named, [<<\"acht\">>]}, shutdown => brutal_kill}"))));
  print("spec " + getChildSpec(supervisor, atom("eight"))!.toString());
  print("no spec " + (getChildSpec(supervisor, "nine") === null).toString());
}

/** Manages a dynamic supervisor, whoever wrote it. */
export function dynamicManager(): void {
  const supervisor = argument<Pid>();
  const first = startDynamicChild<Pid, string>(supervisor, "Ada");
  const second = startDynamicChild<Pid, string>(supervisor, "Joe");
  print("started " + told(first) + " " + told(second));
  print("refused " + told(startDynamicChild<Pid, string>(supervisor, "refuses")));
  print("listed " + whichChildren(supervisor).length.toString() + " active " + countChildren(supervisor).active.toString());
  print("terminate " + said(terminateChild(supervisor, first.pid!)) + " " + said(terminateChild(supervisor, first.pid!)));
  print("restart " + told(restartChild(supervisor, second.pid!)) + ", delete " + said(deleteChild(supervisor, "kind")));
  print("left " + countChildren(supervisor).workers.toString());
}

/** Looks at a specification of JavaScript's supervisor, and adds a child to it. */
export function specReader(): void {
  const supervisor = argument<Pid>();
  const spec = getChildSpec(supervisor, "one")!;
  print(spec.isMap.toString() + " " + spec.get(atom("restart"))!.toString());
  print("added " + told(startChild(supervisor, ChildSpec.exported("three", "worker"))));
  print(said(terminateChild(supervisor, "three")));
}
