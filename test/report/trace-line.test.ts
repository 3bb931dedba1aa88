// Trace records as lines of text.
import { expect, it } from "vitest";
import { atom, Pid, Ref, tuple } from "../../host/otp/index.ts";
import { TracedTerm, type TraceRecord } from "../../host/otp/trace-record.ts";
import { renderTraceRecord } from "../../host/report/trace-line.ts";

const at = new Date(2026, 10, 21, 8, 21, 7, 314).getTime();
const node = "nonode@nohost";
const pid = new Pid(node, 4, 1);
const to = new Pid(node, 7, 1);
const ref = new Ref(node, 9, 1);
const term = (value: unknown) => new TracedTerm(value, undefined);
const line = (record: TraceRecord, color = false) => renderTraceRecord(record, { color });

it("each kind of record is one aligned line", () => {
  const records: TraceRecord[] = [
    { type: "spawned", at, pid, parent: to, label: "worker", initialCall: "main" },
    { type: "sent", at, pid, to, message: term(tuple(atom("ping"), 1)) },
    { type: "received", at, pid, message: term("text") },
    { type: "called", at, pid: undefined, to, request: term(atom("get")), protocol: "gen" },
    { type: "called", at, pid, to, request: term(atom("get_state")), protocol: "sys" },
    { type: "cast", at, pid, to, request: term([1, 2]) },
    { type: "replied", at, pid, to, reply: term(42), afterMs: 0.25 },
    { type: "linked", at, pid, to },
    { type: "monitored", at, pid, ref, target: { name: "db", node } },
    { type: "registered", at, pid, name: "main" },
    { type: "joined", at, pid, group: atom("pool"), scope: "pg" },
    { type: "exitSent", at, pid, to, reason: "kill" },
    { type: "exited", at, pid, reason: "killed", cause: { type: "signal", from: to } },
    { type: "exited", at, pid, reason: "normal", cause: { type: "self" } },
    { type: "ended", at, why: "limit", count: 100 },
  ];
  expect(records.map((record) => line(record)).join("\n")).toBe(
    [
      '08:21:07.314 <0.4.0>  spawn      by <0.7.0> main "worker"',
      "08:21:07.314 <0.4.0>  send       <0.7.0> {ping,1}",
      '08:21:07.314 <0.4.0>  receive    <<"text">>',
      "08:21:07.314 outside  call       <0.7.0> get",
      "08:21:07.314 <0.4.0>  call       <0.7.0> system get_state",
      "08:21:07.314 <0.4.0>  cast       <0.7.0> [1,2]",
      "08:21:07.314 <0.4.0>  reply      <0.7.0> 42 after 0.250 ms",
      "08:21:07.314 <0.4.0>  link       <0.7.0>",
      "08:21:07.314 <0.4.0>  monitor    db as #Ref<0.0.0.9>",
      "08:21:07.314 <0.4.0>  register   main",
      "08:21:07.314 <0.4.0>  join       pool",
      "08:21:07.314 <0.4.0>  signal     <0.7.0> kill",
      "08:21:07.314 <0.4.0>  exit       killed, by an exit signal from <0.7.0>",
      "08:21:07.314 <0.4.0>  exit       normal",
      "08:21:07.314          end        the limit is reached (100 records)",
    ].join("\n"),
  );
});

it("a trapped exit and a DOWN look as in Erlang", () => {
  const exit = { type: "exit", from: to, reason: "killed" };
  expect(line({ type: "received", at, pid, message: term(exit) })).toContain("{'EXIT',<0.7.0>,killed}");
  const down = { type: "down", ref, pid: { name: "db", node }, reason: "normal" };
  expect(line({ type: "received", at, pid, message: term(down) })).toContain(
    "{'DOWN',#Ref<0.0.0.9>,process,{db,nonode@nohost},normal}",
  );
  expect(line({ type: "received", at, pid, message: term({ type: "down" }) })).toContain(
    '#{type => <<"down">>}',
  );
});

it("what a process sends can neither break the line nor make it long", () => {
  const text = line({ type: "sent", at, pid, to, message: term("\n\x1b[31m".repeat(1000)) });
  expect(text).not.toContain("\n");
  expect(text).not.toContain("\x1b");
  expect(text.length).toBeLessThan(4000);
  expect(line({ type: "registered", at, pid, name: "a\nb" })).not.toContain("\n");
});

it("colour only where it is asked for", () => {
  const record: TraceRecord = { type: "linked", at, pid, to };
  expect(line(record)).not.toContain("\x1b");
  expect(line(record, true)).toContain("\x1b[33mlink");
});
