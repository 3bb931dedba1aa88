// What processes do to each other. Each export is one test: it prints what it saw.
import {
  alias, argument, askGrant, atom, call, Call, ChildDirectory, ChildLimits, Caller, cancelTimer, cast, demonitor, Down, exit, Exit, exitSignal, grants, hasGrant, info, isAlive, label, lendGrant, link,
  monitor, Monitored, Pid, print, priority, Priority, readTimer, receive, receiveAny, receiveAnyWithin, receiveCall, receiveCast,
  receiveDown, receiveExitOf, receiveWithin, register, RemoteName, reply, revokeGrant, self, send, sendAfter, serve, Server, sleep, spawn,
  spawnExport, spawnLink, spawnLinkWith, spawnMonitor, spawnMonitorWith, SpawnOptions, spawnWith, startTimer, SubtreeLimits, Term, Timeout, trapExit,
  tryCall, trySend, unalias, unlink, unregister, whereis, yieldTurn, random, monotonicTime, log, Ref,
} from "moonlet/guest-sdk";

@message class Add { constructor(public n: i64) {} }
@message class Reset {}
@message class Job { constructor(public to: Pid, public words: string[]) {} }
@message("hello") class Hello { constructor(public name: string) {} }

function show(reason: Term): void { print(reason.toString()); }

// Spawning

function quiet(): void {}
function forEver(): void { receiveAny(); }
function joins(job: Job): void { send(job.to, job.words.join("-")); }
function doubles(n: i32): void { send("parent", n * 2); }
export function spawns(): void {
  register("parent");
  spawnWith(joins, new Job(self(), ["a", "b"]));
  print(receive<string>());
  spawnLinkWith<i32>(doubles, 21);
  print(receive<i32>().toString());
  const monitored = spawnMonitorWith<i32>(doubles, 4);
  print(receiveDown(monitored.ref)!.reason.toString() + " " + receive<i32>().toString());
  const options = new SpawnOptions();
  options.name = "worker"; options.label = "a worker"; options.priority = Priority.High;
  const worker = spawn(forEver, options);
  const known = info(worker)!;
  print(known.get(atom("registered_name"))!.toString() + " " + known.get(atom("label"))!.toString() + " " + known.get(atom("priority"))!.toString());
  exitSignal(worker, "enough");
  send(spawnExport("exported"), self());
  print(receive<string>());
}
function says(): void { print("said"); }
export function keepsForItself(): void {
  const options = new SpawnOptions();
  options.grants = ["spawn"]; options.env = []; options.directories = [];
  receiveDown(spawnMonitor(says, options).ref);
  options.grants = ["stdio"];
  receiveDown(spawnMonitor(says, options).ref);
  options.directories = [new ChildDirectory("/data")];
  spawn(says, options);
}
export function bounded(): void {
  const options = new SpawnOptions();
  const limits = new ChildLimits();
  limits.timers = 3; limits.memoryBytes = 3000000000;
  limits.subtree = new SubtreeLimits();
  limits.subtree!.processes = 2; limits.subtree!.fuel = 5000000000;
  options.limits = limits;
  const child = spawn(tooMany, options);
  sleep(1);
  print(info(child)!.get(atom("limits"))!.toString());
  print(receiveDown(monitor(child))!.reason.toString());
}
function tooMany(): void {
  receiveAnyWithin(10);
  spawn(forEver);
  spawn(forEver);
}
export function lends(): void {
  const options = new SpawnOptions();
  options.grants = ["stdio"];
  const borrower = spawnWith(usesLoan, self(), options);
  const loan = lendGrant("register:shop", borrower);
  send(borrower, loan);
  receive<string>();
  print(revokeGrant(loan).toString() + " " + revokeGrant(loan).toString());
  print(receiveDown(monitor(borrower))!.reason.toString());
}
function usesLoan(from: Pid): void {
  print(hasGrant("register:shop").toString());
  receive<Ref>();
  print(grants().join(", ") + " " + askGrant("register:shop").toString() + " " + askGrant("kill").toString());
  register("shop");
  send(from, "registered");
  sleep(20);
  unregister("shop");
}
export function exported(): void { send(receive<Pid>(), "exported"); }
export function spawnsNothing(): void { spawnExport("nothing"); }
export function hasArgument(): void { print(argument<Hello>().name); }

// Ending, links and monitors

function fails(): void { exit("boom"); }
export function monitors(): void {
  const one = spawnMonitor(fails);
  const down = receive<Down>();
  print((down.ref == one.ref).toString() + " " + (down.pid! == one.pid).toString() + " " + down.reason.toString());
  const gone = monitor(one.pid);
  print(receive<Down>().reason.toString() + " " + isAlive(one.pid).toString());
  const byName = monitor("nobody");
  print(receiveDown(byName)!.target.at(0).toString());
  const other = spawn(forEver);
  const ref = monitor(other);
  print(demonitor(ref).toString() + " " + demonitor(ref).toString());
  exitSignal(other, "kill");
  print((receiveAnyWithin(0) == null).toString());
}
export function links(): void {
  print(trapExit().toString() + " " + trapExit().toString());
  const child = spawnLink(fails);
  const exitMessage = receive<Exit>();
  print((exitMessage.from == child).toString() + " " + exitMessage.reason.toString());
  const other = spawn(forEver);
  link(other);
  unlink(other);
  exitSignal(other, "x");
  const third = spawn(forEver);
  link(third);
  exitSignal(third, "kill");
  print(receiveExitOf(third, 1000)!.reason.toString());
  print((receiveWithin<Exit>(0) == null).toString());
}
export function linksTheDead(): void { const dead = spawnMonitor(quiet); receiveDown(dead.ref); link(dead.pid); }
export function exitsNormally(): void { exit("normal"); }

// Names and addresses

export function names(): void {
  register("me");
  print((whereis("me")! == self()).toString() + " " + (whereis("you") == null).toString());
  send("me", 1); send(atom("me"), 2); send(new RemoteName("me", "nonode@nohost"), 3); send(self(), 4);
  print(receive<i32>().toString() + receive<i32>().toString() + receive<i32>().toString() + receive<i32>().toString());
  const once = alias(true);
  send(once, "first"); send(once, "second");
  print(receive<string>() + " " + (receiveWithin<string>(0) == null).toString());
  const lasting = alias();
  print(unalias(lasting).toString() + " " + unalias(lasting).toString());
  print(trySend("nobody", 1).toString() + " " + trySend("me", 1).toString());
  unregister("me");
  send("me", 1);
}
export function registersTwice(): void { register("one"); register("two"); }

// Timers

export function timers(): void {
  const late = sendAfter(1000000, self(), "never");
  print((readTimer(late) > 0).toString() + " " + (cancelTimer(late) > 0).toString() + " " + cancelTimer(late).toString());
  sendAfter(1, self(), new Add(5));
  print(receive<Add>().n.toString());
  const ref = startTimer(1, self(), new Hello("later"));
  const timeout = receive<Timeout>();
  print((timeout.ref == ref).toString() + " " + timeout.message.as<Hello>().name);
  sleep(1);
  print((receiveWithin<Add>(1) == null).toString());
}

// Calls

class Counter extends Server {
  total: i64 = 0;
  kept: Caller | null = null;
  handleCall(request: Term, from: Caller): void {
    if (request.is<Add>()) {
      this.total += request.as<Add>().n;
      from.reply(this.total);
    } else if (request.isAtomNamed("crash")) {
      exit("crashed");
    } else if (request.isAtomNamed("stop")) {
      from.reply(atom("stopping"));
      this.stop();
    } else {
      this.kept = from;
    }
  }
  handleCast(message: Term): void {
    if (message.is<Reset>()) this.total = 0;
    const kept = this.kept;
    if (kept) kept.reply("late");
  }
  terminate(reason: Term): void { print("terminated with " + this.total.toString()); }
}
export function counter(): void { serve(new Counter()); }

export function calls(): void {
  const server = spawnMonitor(counter);
  print(call<Add, i64>(server.pid, new Add(2)).toString());
  print(call<Add, i64>(server.pid, new Add(40)).toString());
  cast(server.pid, new Reset());
  print(call<Add, i64>(server.pid, new Add(1)).toString());
  const late = tryCall<string, string>(server.pid, "wait for it", 1);
  print(late.ok.toString() + " " + late.timedOut.toString() + " " + late.reason!.toString());
  cast(server.pid, new Reset());
  const stopping = call<Term, Term>(server.pid, Term.of(atom("stop")));
  const down = receiveDown(server.ref)!;
  print(stopping.toString());
  print(down.reason.toString() + " " + (receiveAnyWithin(0) == null).toString());
  const gone = tryCall<Add, i64>(server.pid, new Add(1));
  print(gone.ok.toString() + " " + gone.reason!.toString() + " " + gone.timedOut.toString());
  const noName = tryCall<Add, i64, string>("nobody", new Add(1));
  print(noName.reason!.toString());
}
export function callsTheCrashing(): void { call<Term, Term>(spawn(counter), Term.of(atom("crash"))); }
export function callsTooLong(): void { call<string, string>(spawn(counter), "wait", 1); }

function answersOne(): void {
  const first = receiveCall<Add>();
  reply(first, first.request.n * 10);
  print(receiveCast<Hello>().name);
}
export function answers(): void {
  const server = spawnMonitor(answersOne);
  print(call<Add, i64>(server.pid, new Add(4)).toString());
  cast(server.pid, new Hello("cast"));
  receiveDown(server.ref);
}

/** Asks what is registered as "javascript", which is no guest. */
export function callsJavaScript(): void {
  print(call<Add, string, string>("javascript", new Add(7)));
  cast("javascript", new Hello("bye"));
}

// The rest

export function others(): void {
  const before = monotonicTime();
  yieldTurn();
  print((monotonicTime() >= before).toString());
  const bytes = random.bytes(4);
  print(bytes.length.toString() + " " + (random.below(10) < 10).toString() + " " + (random.float() < 1).toString());
  label("renamed");
  print(info(self())!.get(atom("label"))!.toString());
  print(priority(Priority.Low).toString() + priority(Priority.Normal).toString());
  log.warn("careful");
}

/** Many messages through one process: its memory must not grow. */
export function churns(): void {
  for (let i = 0; i < 20000; i++) {
    send(self(), new Job(self(), ["some", "words", i.toString()]));
    if (receive<Job>().words.length != 3) exit("wrong");
  }
  print((memory.size() * 64).toString() + " KB");
}
