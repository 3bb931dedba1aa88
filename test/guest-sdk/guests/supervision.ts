// Supervisors of guests. The test tells them apart by the lines that children print when they start.
import {
  argument, atom, exit, exitSignal, Pid, print, receive, receiveAny, receiveDown, Restart, self, send, sleep, spawnMonitor, Strategy,
  Supervisor, Term, trapExit, whereis,
} from "moonlet/guest-sdk";

@message class Go { constructor(public how: string) {} }

function child(name: string): void {
  print("start " + name);
  const how = receive<Go>().how;
  print("end " + name + " " + how);
  if (how == "crash") exit("crash");
  if (how == "shutdown") exit("shutdown");
}
function a(): void { child("a"); }
function b(): void { child("b"); }
function c(): void { child("c"); }
function stubborn(): void { trapExit(); print("start stubborn"); while (true) receiveAny(); }

function oneForOne(): void { new Supervisor(Strategy.OneForOne, 2, 5).named("a", a).named("b", b).named("c", c).run(); }
function oneForAll(): void { new Supervisor(Strategy.OneForAll, 2, 5).named("a", a).named("b", b).named("c", c).run(); }
function restForOne(): void { new Supervisor(Strategy.RestForOne, 2, 5).named("a", a).named("b", b).named("c", c).run(); }
function kinds(): void {
  new Supervisor(Strategy.OneForOne, 5, 5).named("a", a, Restart.Transient).named("b", b, Restart.Temporary).named("c", c).run();
}
function withStubborn(): void { new Supervisor().named("stubborn", stubborn, Restart.Permanent, 1).named("a", a).run(); }

/** Tells a child to end, and waits until it has been replaced, or for a moment when it will not be. */
function tell(name: string, how: string, replaced: bool = true): void {
  while (whereis(name) == null) sleep(1);
  const old = whereis(name)!;
  send(old, new Go(how));
  while (whereis(name) != null && whereis(name)! == old) sleep(1);
  while (replaced && whereis(name) == null) sleep(1);
  // The others of its strategy start after it.
  for (let i = 0; i < 20; i++) sleep(0);
}

function supervise(run: () => void): Pid {
  const supervisor = spawnMonitor(run);
  while (whereis("a") == null || whereis("c") == null) sleep(1);
  return supervisor.pid;
}

export function restartsOne(): void { supervise(oneForOne); tell("b", "crash"); }
export function restartsAll(): void { supervise(oneForAll); tell("b", "crash"); while (whereis("c") == null) sleep(1); }
export function restartsRest(): void { supervise(restForOne); tell("b", "crash"); while (whereis("c") == null) sleep(1); }

export function givesUp(): void {
  const supervisor = spawnMonitor(oneForOne);
  tell("a", "crash"); tell("a", "crash"); tell("a", "crash", false);
  print("supervisor " + receiveDown(supervisor.ref)!.reason.toString() + " " + (whereis("c") == null).toString());
}

export function restartsByKind(): void {
  supervise(kinds);
  tell("a", "shutdown", false); tell("b", "crash", false); tell("c", "normally");
}

export function endsInOrder(): void {
  const supervisor = spawnMonitor(withStubborn);
  while (whereis("a") == null) sleep(1);
  const stubbornOne = whereis("stubborn")!;
  exitSignal(supervisor.pid, "shutdown");
  print("supervisor " + receiveDown(supervisor.ref)!.reason.toString() + " " + (whereis("stubborn") == null).toString());
}
