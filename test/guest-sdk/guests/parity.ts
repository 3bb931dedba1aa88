// What guests can do as JavaScript processes can: an entry for each operation, which prints what it saw.
import {
  abcast, argument, atom, Atom, call, Caller, cast, dictionary, Event, EventType, exit, groupMembers, hibernate, info, isAlive, joinGroup, leaveGroup,
  MailboxPolicy, mapTasksWithin, monitorScope, monotonicMs, multiCall, Pid, print, processItems, receive, receiveAny, receiveAnyWithin, receiveDown, receiveWithin,
  RequestCollection, self, send, sendAfter, sendRequest, serve, Server, sleep, spawn, spawnMonitor, SpawnOptions, start, StateFunctions, stopServer, sys,
  Shutdown, shutdownTask, startTask, Term, Time, trySend, trySpawn, Labelled, monitor, exitSignal, register, spawnExport, StartResult, parseTerm
} from "moonlet/guest-sdk";

export function dictionaries(): void {
  print(dictionary.put("colour", "red").toString() + " " + dictionary.put("colour", "blue").toString());
  dictionary.put(atom("n"), 7);
  print(dictionary.get("colour").toString() + " " + dictionary.get("nothing").toString());
  print(dictionary.all().toString());
  print(dictionary.erase("colour").toString() + " " + dictionary.all().toString());
}

/** Puts more and more until it may not. */
export function fillsDictionary(): void {
  for (let i = 0; ; i++) dictionary.put(i, new Uint8Array(100000));
}

function idle(): void {
  dictionary.put("secret", 42);
  register("idle");
  receiveAny();
  sleep(1000000);
}
export function items(): void {
  const pid = spawn(idle);
  sleep(1);
  send(pid, "first");
  sleep(1);
  send(pid, "second");
  send(pid, "third");
  print(processItems(pid, ["registered_name", "priority", "message_queue_len", "label"])!.toString());
  print(processItems(self(), [])!.toString());
  const known = processItems(pid, ["status", "current_function", "initial_call", "parent", "memory", "reductions"])!;
  for (let i = 0; i < known.length; i++) if (known.at(i).at(1) == parseTerm("[]")) print("missing " + known.at(i).toString());
  print((known.at(3).at(1).as<Pid>() == self()).toString());
  const other = spawn(() => { receiveAny(); });
  print(processItems(other, ["dictionary", "messages"])!.toString());
  exitSignal(other, "kill");
  while (isAlive(other)) sleep(1);
  print((processItems(other, ["status"]) === null).toString());
}

/** Without the grant observe only its own. */
export function blinded(): void {
  dictionary.put(1, 2);
  send(self(), "mine");
  print(processItems(self(), ["dictionary", "messages"])!.toString());
  processItems(argument<Pid>(), ["messages"]);
}

export function sleeper(): void {
  sendAfter(5, self(), "wake up");
  const since = monotonicMs();
  hibernate();
  print("woken: " + (monotonicMs() - since >= 4).toString() + ", " + receiveAnyWithin(0)!.text);
  send(self(), "there already");
  hibernate();
  print(receiveAny().text);
}

function never(): void { sleep(1000000); }
function bounded(policy: MailboxPolicy): Pid {
  const options = new SpawnOptions();
  options.mailbox = 2;
  options.mailboxPolicy = policy;
  return spawn(never, options);
}
export function mailboxes(): void {
  const rejecting = bounded(MailboxPolicy.Reject);
  const dropping = bounded(MailboxPolicy.Drop);
  const killed = bounded(MailboxPolicy.Kill);
  const pids = [rejecting, dropping, killed];
  for (let i = 0; i < 3; i++) {
    print(trySend(pids[i], 1).toString() + " " + trySend(pids[i], 2).toString() + " " + trySend(pids[i], 3).toString());
    const known = processItems(pids[i], ["message_queue_len", "messages_shed"]);
    print(known === null ? "gone" : known.toString());
  }
}

export function scopes(): void {
  const watch = monitorScope();
  print(watch.groups.toString());
  const one = spawn(never);
  joinGroup("a", one);
  joinGroup("b");
  leaveGroup("b");
  exitSignal(one, "kill");
  for (let i = 0; i < 4; i++) {
    const message = receiveAny();
    print((message.at(0) == Term.of(watch.ref)).toString() + " " + message.at(1).toString() + " " + message.at(2).toString());
  }
}

export function spawns(): void {
  const options = new SpawnOptions();
  options.name = "taken";
  const first = trySpawn(never, options);
  const second = trySpawn(never, options);
  print(first.ok.toString() + " " + second.reason!.at(0).toString() + " " + (second.reason!.at(1).as<Pid>() == first.pid!).toString());
  let count = 0;
  let result = trySpawn(never);
  while (result.ok) {
    count++;
    result = trySpawn(never);
  }
  print(result.reason!.toString() + " " + (count > 0).toString());
}

@message class Add { constructor(public n: i64) {} }
class Counter extends Server {
  n: i64 = 0;
  constructor() {
    super();
    this.knowDebug("count", (state: Term, event: Term, pid: Term): Term => {
      const n = state.as<i64>();
      return n == 1 ? Term.of(atom("done")) : Term.of(n - 1);
    });
  }
  handleCall(request: Term, from: Caller): void {
    if (request.isAtomNamed("never")) return;
    if (request.isAtomNamed("crash")) exit("crash");
    this.n += request.as<Add>().n;
    from.reply(this.n);
  }
  handleCast(message: Term): void { this.n = message.as<i64>(); }
  getState(): Term { return Term.of(this.n); }
  codeChange(oldVersion: Term, state: Term, extra: Term): void { this.n = extra.as<i64>(); }
}
export function counter(): void { serve(new Counter()); }

export function debugged(): void {
  const pid = argument<Pid>();
  sys.statistics(pid, true);
  sys.log(pid, true, 3);
  print(sys.install(pid, "count", 2).toString() + " " + sys.install(pid, "nothing", 2).toString());
  call<Add, i64>(pid, new Add(2));
  cast(pid, 9);
  call<Add, i64>(pid, new Add(2));
  const events = sys.getLog(pid);
  for (let i = 0; i < events.length; i++) print(events[i].at(0).toString() + " " + (events[i].at(0).isAtomNamed("in") ? "a call" : events[i].at(1).toString()));
  const counts = sys.getStatistics(pid);
  print(counts.at(3).toString() + " " + counts.at(4).toString() + " " + (counts.at(2).at(1).as<i64>() > 0).toString());
  print(sys.getStatus(pid).at(3).at(3).length.toString());
  sys.noDebug(pid);
  print(sys.getStatus(pid).at(3).at(3).toString() + " " + sys.getStatistics(pid).toString());
  print(sys.changeCode(pid, 1, 100).at(0).toString());
  sys.suspend(pid);
  print(sys.changeCode(pid, 1, 100).toString());
  sys.resume(pid);
  print(sys.getState(pid).toString());
}

class Light extends StateFunctions {
  seen: string[] = [];
  constructor() {
    super("red");
    this.inState<Light>("red", (light: Light, event: Event) => light.red(event));
    this.inState<Light>("green", (light: Light, event: Event) => light.green(event));
    this.onEnter<Light>("green", (light: Light, previous: Term) => light.turnsGreen(previous));
  }
  red(event: Event): void {
    if (event.type == EventType.Call) return this.postpone();
    this.seen.push("red " + event.content.toString());
    this.nextState("green");
    if (event.content.isAtomNamed("lost")) this.nextState("blue");
  }
  turnsGreen(previous: Term): void {
    this.seen.push("green from " + previous.toString());
    if (this.seen.length == 2) this.stateTimeout(5, "over");
  }
  green(event: Event): void {
    if (event.type == EventType.Call) return event.reply(this.seen);
    this.seen.push("green " + event.content.toString());
    this.nextState("red");
  }
}
export function light(): void { new Light().run(); }
export function lights(): void {
  const pid = spawn(light);
  const asked = sendRequest<Atom, Pid>(pid, atom("seen"));
  cast(pid, atom("go"));
  while (!sys.getState(pid).at(0).isAtomNamed("green")) sleep(1);
  while (!sys.getState(pid).at(0).isAtomNamed("red")) sleep(1);
  cast(pid, atom("again"));
  const seen = call<Atom, string[]>(pid, atom("seen"));
  for (let i = 0; i < seen.length; i++) print(seen[i]);
  const watched = monitor(pid);
  cast(pid, atom("back"));
  cast(pid, atom("lost"));
  cast(pid, atom("anything"));
  print(receiveDown(watched)!.reason.at(0).toString());
}

export function requests(): void {
  const one = spawn(counter);
  const two = spawn(counter);
  const all = new RequestCollection<string, i64>();
  all.add(sendRequest<Add, Pid>(one, new Add(1)), "one");
  all.add(sendRequest<Atom, Pid>(two, atom("crash")), "two");
  all.add(sendRequest<Atom, Pid>(one, atom("never")), "three");
  for (let i = 0; i < 2; i++) {
    const next = all.receive(1000)!;
    print(next.label + " " + (next.result.ok ? next.result.value.toString() : next.result.reason!.toString()));
  }
  print((all.wait(2) === null).toString() + " " + all.size.toString());
  print((all.receive(2) === null).toString() + " " + all.size.toString());
  const three = spawn(counter);
  const gone = spawnMonitor(() => {});
  receiveDown(gone.ref);
  abcast([one, three], 10);
  const told = multiCall<Add, i64>([one, gone.pid, three], new Add(1));
  print(told.replies.length.toString() + " " + told.replies[0].toString() + " " + told.replies[1].toString() + ", failed " + (told.failed[0] == gone.pid).toString());
  const late = multiCall<Atom, i64>([one, three], atom("never"), 3);
  print(late.replies.length.toString() + " " + late.failed.length.toString() + ", left over: " + (receiveAnyWithin(0) !== null).toString());
}

export function tasks(): void {
  const outcomes = mapTasksWithin<i32, i32>((n: i32): i32 => {
    if (n == 0) sleep(1000000);
    if (n == 1) exit("bad");
    return n * 2;
  }, [5, 0, 1, 4], 20, 2);
  for (let i = 0; i < outcomes.length; i++) print(outcomes[i].ok ? outcomes[i].value.toString() : outcomes[i].reason!.toString());
  print((receiveAnyWithin(0) === null).toString());
}

function slowly(n: i32): i32 {
  sleep(1000000);
  return n;
}
/** A task that is killed at once. */
export function killedTask(): void {
  print((shutdownTask<i32>(startTask<i32, i32>(slowly, 1), Shutdown.BrutalKill) === null).toString());
}

/** Asks for its messages when there are too many bytes of them, and for more items than there are. */
export function tooMuch(): void {
  for (let i = 0; i < 20; i++) send(self(), new Uint8Array(100000));
  print(processItems(self(), ["message_queue_len"])!.toString());
  const many: string[] = [];
  for (let i = 0; i < 33; i++) many.push("status");
  if (argument<bool>()) processItems(self(), many);
  else processItems(self(), ["messages"]);
}
