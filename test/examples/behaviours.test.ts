// The examples of one behaviour each: what they print, and that they end by themselves.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHost, type Host, type Program } from "../../host/index.ts";

let host: Host;
let program: Program;
let printed = "";

beforeAll(async () => {
  host = await createHost({
    grants: "all",
    log: { level: "off" },
    write: (_stream, bytes) => {
      printed += new TextDecoder().decode(bytes);
    },
  });
  program = await host.load(fileURLToPath(new URL("guests/all.ts", import.meta.url)));
}, 120_000);
afterAll(() => host.close());

async function run(entry: string): Promise<string> {
  printed = "";
  expect(await host.exited(host.spawn(program, entry))).toBe("normal");
  expect(host.runtime.processes()).toEqual([]);
  return printed;
}

test("a supervisor starts its children anew, and ends them in reverse order", async () => {
  const told = await run("supervisor");
  expect(told.split("\n").slice(0, 4)).toEqual([
    "first starts",
    "second starts",
    "counting: 1 2 1",
    "a crash: unreachable",
  ]);
  expect(told.split("\n").slice(4)).toEqual([
    "second ends: shutdown",
    "first starts",
    "second starts",
    "both are new: 1 1",
    "second ends: shutdown",
    "first ends: shutdown",
    "the supervisor ends: shutdown",
    "",
  ]);
});

test("a server answers calls, now and later, and system messages", async () => {
  expect(await run("genServer")).toBe(`the account is open
100 in, 30 out: 70
500 out: insufficient_funds
above 1000: 1070
sys sees 1070
suspended, it answers no calls: timeout
resumed: 7
the account closes (normal) with 7
`);
});

test("a state machine postpones, enters its states and times out", async () => {
  expect(await run("genStatem")).toBe(`the door is locked
alarm: wrong code
sys sees {locked,[1]}
too slow: 1 digits are forgotten
the door is open
the visitor hears come_in
so does the next: come_in
the door is locked
`);
});

test("an event manager's handlers come and go", async () => {
  expect(await run("genEvent")).toBe(`printer: 4.0 degrees
adding a handler: ok
frost alarm!
printer: -2.0 degrees
printer: -6.0 degrees
handlers: [average,printer]
average: 0.0
values when it was deleted: 3
asking it once more: {error,bad_module}
`);
});

test("tasks are awaited one by one, together, a few at a time, or given up", async () => {
  expect(await run("task")).toBe(`one: 5000050000
all: MANY! AT! ONCE!
item 0: TWO!
item 1: failed, nothing_to_shout
item 2: A TIME!
not yet: true
given up: true
`);
});

test("tables are shared, searched and inherited", async () => {
  expect(await run("tables")).toBe(`apples: 200, pears: 100
new plums: true, new apples: false
figs: 0, taken plums: 3
I inherit scores: the game is over
keys in order: 0 10 20 30
page: [{7,<<"Joe">>},{28,<<"Robert">>}]
page: [{63,<<"Mike">>}]
30: Mike
20: Robert
10: Joe
0: Ada
removed: 2
left: 2
`);
});

test("a stream's writer waits for its reader, who learns of the end", async () => {
  expect(await run("streams")).toBe("read 792 bytes, 100 lines\nwrote 792 bytes\n");
});

test("a group is joined, spoken to, left and killed", async () => {
  expect(await run("groups")).toBe(`members: 2
heard by Ada and Joe
killed: 1
room: join
room: join
room: leave
room: leave
members: 0
`);
});

test("timers send later, are read and stopped", async () => {
  expect(await run("timers")).toBe(`tick 1
tick 2
tick 3
four ticks took 40 ms or more: true
true: the egg is done
more than half a minute is left: true
stopped in time: true
stopped twice: -1.0
nothing comes: true
`);
});

test("monitors tell of an end, links share it", async () => {
  expect(await run("linksAndMonitors")).toBe(`a monitor: out_of_coffee
a link: out_of_coffee
trapped: out_of_coffee, from the child: true
killed: killed
is it gone: true, a monitor that has fired is over: true
with a tag of one's own: <<"my worker">> shutdown
`);
});

test("a process is spawned with options, looked at, stopped and let go on", async () => {
  expect(await run("processes")).toBe(`done: 49
[{registered_name,worker},{label,<<"squares numbers">>},{priority,high},{status,waiting},{message_queue_len,0}]
its dictionary: [{dictionary,[{<<"jobs">>,1}]}]
its parent is this one: true
its group leader is this one: true
processes: 2
once more: already_started
suspended: [{status,suspended},{message_queue_len,1}]
resumed: 64
a priority of its own: true
killed: killed, alive: false
and now: it is gone
`);
});

test("a mailbox gives what is asked for, and takes as much as it may", async () => {
  expect(await run("mailbox")).toBe(`a bill: 12
a letter: hello
a letter: it is me
a bill: 30
no bill within 5 ms: true
what nobody asked for: {flyer,<<"buy!">>}
nothing is left: true
true true false, 1 shed
true true true, 1 shed
true true true, it is gone
`);
});

test("names are found, aliases are good for ever, for once, or as long as a monitor", async () => {
  expect(await run("names")).toBe(`found: true
names: oracle
answer 1, answer 2
taken back: true
nobody hears it now: true
once: answer 4, then nothing: true
no answer in time: true
it ends: normal
the late answer is gone: true
without a name: false
`);
});

test("a dynamic supervisor's children come and go, and a significant one ends the whole tree", async () => {
  expect(await run("dynamicSupervisor")).toBe(`a tour of 1 worker and 1 supervisor
Ada and Joe have come
Mallory: not_welcome
Joe says goodbye
left: 1, Ada, another process: true
sent away: true
active: 0
the bus: the bus
parked: true
kept as: brutal_kill
on the road again: true
the tour ends: shutdown
`);
});

test("several servers are asked at the same time", async () => {
  expect(await run("requests")).toBe(`not yet: true
tea: 6
quick: 18
slow: 12
given up: 0 are left
milk: 1 answer, 20; gone: 1
nothing lies about: true
`);
});

test("a machine of state functions postpones, enters and times out", async () => {
  expect(await run("stateFunctions")).toBe(`insert a coin
paying, after idle
more, please
sys sees {paying,1}
too slow: 1 back
insert a coin
paying, after idle
here is your coffee
insert a coin
sys sees {idle,1}
`);
});
