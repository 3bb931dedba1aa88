// One entry per behaviour of the backend; the test that uses each is named in guest.test.ts.
import {
  argument, atom, groupMembers, joinGroup, killGroup, leaveGroup, monitorGroup, Call, Down, Exit, exit, exitSignal, isAlive, link, log, monitor, Pid, receive, receiveAny, receiveCall, receiveDown,
  receiveExitOf, receiveWithin, register, reply, self, send, sendAfter, sleep, spawn, spawnExport, spawnLink, spawnMonitor, spawnWith, Term, trapExit,
  openStream, StreamReader, StreamWriter, unregister, whereis,
} from "moonlet/guest-sdk";

@message class Ping { constructor(public from: Pid, public n: i32) {} }
@message class Pong { constructor(public n: i32) {} }
@message class Report { constructor(public text: string) {} }
@message class Add { constructor(public n: i32) {} }
@message class Big { constructor(public bytes: Uint8Array) {} }
@message class Body { constructor(public stream: StreamReader) {} }
@message class Listener { constructor(public pid: Pid) {} }

/** Answers pings for ever. */
export function pong(): void {
  while (true) {
    const ping = receive<Ping>();
    send(ping.from, new Pong(ping.n));
  }
}

/** Plays three rounds with a child, then tells its listener. */
export function ping(): void {
  const listener = receive<Listener>().pid;
  const child = spawn(pong);
  let sum = 0;
  for (let i = 1; i <= 3; i++) {
    send(child, new Ping(self(), i));
    sum += receive<Pong>().n;
  }
  send(listener, new Report("sum " + sum.toString()));
}

export function spin(): void {
  while (true) {}
}

let depth = 0;
function descend(n: i32): i32 {
  depth++;
  if (n == 0) unreachable();
  return descend(n - 1) * depth + descend(n - 2);
}

export function crash(): void {
  descend(2);
}

export function assertion(): void {
  assert(false, "two and two are five");
}

export function recurse(): void {
  endless(0);
}
function endless(n: i32): i32 {
  return endless(n + 1) + n;
}

/** Allocates until there is no more memory. */
export function hog(): void {
  const kept: StaticArray<u8>[] = [];
  while (true) kept.push(new StaticArray<u8>(65536));
}

/** A counter that is called. */
export function counter(): void {
  let total = 0;
  while (true) {
    const call = receiveCall<Add>();
    total += call.request.n;
    reply(call, total);
  }
}

/** Monitors a child that crashes, and reports the reason. */
export function watcher(): void {
  const listener = receive<Listener>().pid;
  const child = spawnMonitor(crash);
  const down = receiveDown(child.ref);
  send(listener, new Report(down!.reason.toString()));
}

/** Traps exits, links to a child that exits, and reports what comes. */
export function trapper(): void {
  const listener = receive<Listener>().pid;
  trapExit(true);
  const child = spawnLink(() => { exit(atom("enough")); });
  send(listener, new Report(receiveExitOf(child, 1000)!.reason.toString()));
}

/** Dies of its linked child. */
export function victim(): void {
  spawnLink(() => { exit(atom("infectious")); });
  receiveAny();
}

/** Registers itself and reports what whereis says before and after. */
export function named(): void {
  const listener = receive<Listener>().pid;
  register("the_name", self());
  const found = whereis("the_name");
  unregister("the_name");
  send(listener, new Report((found !== null).toString() + " " + (whereis("the_name") === null).toString()));
}

/** Waits for a message that comes later, and for one that does not. */
export function timers(): void {
  const listener = receive<Listener>().pid;
  sendAfter(1000, self(), new Pong(7));
  const late = receiveWithin<Pong>(5000);
  const never = receiveWithin<Pong>(5000);
  send(listener, new Report((late === null ? "nothing" : late.n.toString()) + " " + (never === null).toString()));
}

/** Sends a message of a megabyte to its listener. */
export function large(): void {
  const listener = receive<Listener>().pid;
  const bytes = new Uint8Array(1 << 20);
  bytes[1 << 19] = 42;
  send(listener, new Big(bytes));
}

/** Receives a message larger than any buffer of the SDK, and reports its size. */
export function receiveLarge(): void {
  const listener = receive<Listener>().pid;
  const big = receive<Big>();
  send(listener, new Report(big.bytes.length.toString() + " " + big.bytes[1 << 19].toString()));
}

function doubled(n: i32): void {
  exit(atom("got_" + (n * 2).toString()));
}

/** Spawns a child with an argument, and reports its end. */
export function withArgument(): void {
  const listener = receive<Listener>().pid;
  trapExit(true);
  const child = spawnWith<i32>(doubled, 21);
  link(child);
  send(listener, new Report(receiveExitOf(child, 1000)!.reason.toString()));
}

/** Ends with its own argument as the reason. */
export function echoArgument(): void {
  exit(argument<Term>());
}

/** Kills a child with exit/2 and reports whether it is alive. */
export function killer(): void {
  const listener = receive<Listener>().pid;
  const child = spawn(spin);
  const ref = monitor(child);
  exitSignal(child, atom("kill"));
  const down = receiveDown(ref);
  send(listener, new Report(down!.reason.toString() + " " + isAlive(child).toString()));
}

/** Keeps what it is not looking for in the mailbox. */
export function selective(): void {
  const listener = receive<Listener>().pid;
  const wanted = receive<Pong>();
  const first = receive<Add>();
  send(listener, new Report(wanted.n.toString() + " " + first.n.toString()));
}

/** Calls `exit` on itself with a reason of its own. */
export function leave(): void {
  exit(atom("tired"));
}

/** Builds a group, looks at it, and kills it. */
export function groups(): void {
  const listener = receive<Listener>().pid;
  const watched = monitorGroup("workers");
  const workers: Pid[] = [];
  for (let i = 0; i < 3; i++) {
    workers.push(spawn(pong));
    joinGroup("workers", workers[i]);
  }
  leaveGroup("workers", workers[0]);
  const before = groupMembers("workers").length;
  const ref = monitor(workers[2]);
  const killed = killGroup("workers");
  receiveDown(ref);
  send(listener, new Report(
    watched.members.length.toString() + " " + before.toString() + " " + killed.toString() + " " + isAlive(workers[0]).toString(),
  ));
}

/** Sums the bytes of a stream that it is given. */
export function summer(): void {
  const listener = receive<Listener>().pid;
  const stream = receive<Body>().stream;
  let sum = 0;
  let count = 0;
  while (true) {
    const bytes = stream.read(1000);
    if (bytes === null) break;
    count += bytes.length;
    for (let i = 0; i < bytes.length; i++) sum += bytes[i];
  }
  send(listener, new Report(count.toString() + " " + sum.toString()));
}

/** Writes ten times what the stream holds to a child of its own. */
export function streamer(): void {
  const listener = receive<Listener>().pid;
  const child = spawn(summer);
  const stream = openStream(1000);
  send(child, new Listener(listener));
  stream.reader.give(child);
  send(child, new Body(stream.reader));
  const bytes = new Uint8Array(10000);
  bytes.fill(1);
  stream.writer.write(bytes);
  stream.writer.close();
}

/** Reads from a stream whose writer dies. */
export function brokenStream(): void {
  const stream = openStream(100);
  const child = spawnWith<i32>(dyingWriter, 0);
  stream.writer.give(child);
  send(child, stream.writer);
  stream.reader.read();
  stream.reader.read();
}
function dyingWriter(_: i32): void {
  const writer = receive<StreamWriter>();
  writer.write(new Uint8Array(5));
  exit(atom("oops"));
}
