// Tracing chosen processes: what is shown, of whom, and when it ends.
import { describe, expect, it } from "vitest";
import * as GenServer from "../../host/otp/gen-server/index.ts";
import { Runtime } from "../../host/otp/runtime.ts";
import { atom } from "../../host/otp/term/atom.ts";
import { encodeTerm } from "../../host/otp/term/encode.ts";
import { ImproperList, tuple } from "../../host/otp/term/tuple.ts";
import type { TraceOptions } from "../../host/otp/trace.ts";
import { TracedTerm, type TraceRecord } from "../../host/otp/trace-record.ts";
import { wireOf } from "../../host/otp/trace-wire.ts";
import { scripted } from "./support/scripted-body.ts";
import { TestEnvironment } from "./support/test-environment.ts";
import { waiter, world } from "./support/world.ts";

const badarg = expect.objectContaining({ code: "badarg" });

/** A record with its terms, and without its time. */
function plain(record: TraceRecord): Record<string, unknown> {
  const { at, ...rest } = record;
  expect(at).toBeTypeOf("number");
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, value instanceof TracedTerm ? value.value : value]),
  );
}

/** A world in which a trace is running; `types` are its records' so far. */
function traced(options: Partial<TraceOptions> = {}) {
  const made = world();
  const records: TraceRecord[] = [];
  const begin = (more: Partial<TraceOptions> = {}) =>
    made.runtime.trace({ limit: 1000, ...options, ...more }, (record) => records.push(record));
  return { ...made, records, begin, types: () => records.map((record) => record.type) };
}

describe("what a trace shows", () => {
  it("sends, receives, links, names, groups, exits of everybody, in the order in which they happen", async () => {
    const { runtime, environment, records, begin } = traced();
    const other = runtime.spawn(waiter, { name: "other" });
    await environment.settle();
    begin();
    const pid = runtime.spawn(async function main(self) {
      self.link(other);
      const ref = self.monitor(other);
      self.demonitor(ref);
      self.unlink(other);
      self.register("me");
      self.unregister("me");
      self.join("g");
      self.leave("g");
      self.send(self.pid, "mine");
      await self.receive();
      self.exitSignal(other, "kill");
    });
    await environment.settle();
    expect(records.map(plain)).toMatchObject([
      { type: "spawned", pid, initialCall: "main" },
      { type: "linked", pid, to: other },
      { type: "monitored", pid, target: other },
      { type: "unlinked", pid, to: other },
      { type: "registered", pid, name: "me" },
      { type: "unregistered", pid, name: "me" },
      { type: "joined", pid, group: "g", scope: "pg" },
      { type: "left", pid, group: "g" },
      { type: "sent", pid, to: pid, message: "mine" },
      { type: "received", pid, message: "mine" },
      { type: "exitSent", pid, to: other, reason: "kill" },
      { type: "exited", pid: other, reason: "killed", cause: { type: "signal", from: pid } },
      { type: "exited", pid, reason: "normal" },
    ]);
  });

  it("of calls, casts and replies of a gen_server what they carry, once, and how long a reply took", async () => {
    const { runtime, environment, records, begin } = traced();
    const server = runtime.spawn(
      async (self) => {
        for (;;) {
          const message = await self.receive();
          if (!Array.isArray(message) || message.length !== 3) continue;
          await self.sleep(5);
          const [caller, tag] = message[1];
          self.send(tag instanceof ImproperList ? tag.tail : caller, tuple(tag, "answer"));
        }
      },
      { name: "server" },
    );
    await environment.settle();
    begin({ what: ["sends", "receives", "calls"] });
    const client = runtime.spawn(async (self) => {
      GenServer.cast(self, server, "noted");
      await GenServer.call(self, server, "question");
    });
    await environment.advance(100);
    expect(records.map(plain)).toEqual([
      { type: "cast", pid: client, to: server, request: "noted" },
      { type: "called", pid: client, to: server, request: "question", protocol: "gen" },
      { type: "replied", pid: server, to: client, reply: "answer", afterMs: 5 },
    ]);
  });

  it("only what was asked for", async () => {
    const { runtime, environment, types, begin } = traced({ what: ["exits"] });
    begin();
    const pid = runtime.spawn(waiter);
    runtime.send(pid, "hello");
    runtime.kill(pid);
    await environment.settle();
    expect(types()).toEqual(["exitSent", "exited"]);
  });

  it("without calls among what was asked for, a call as the message that it is", async () => {
    const { runtime, environment, records, begin } = traced({ what: ["sends"] });
    begin();
    const pid = runtime.spawn(waiter);
    runtime.send(pid, tuple(atom("$gen_cast"), 1));
    await environment.settle();
    expect(records.map(plain)).toMatchObject([{ type: "sent", message: tuple(atom("$gen_cast"), 1) }]);
  });

  it("terms of guests, decoded when they are looked at and not before", () => {
    let decoded = 0;
    const decoder = {
      decode: () => {
        decoded++;
        return tuple("whole", "part");
      },
    };
    const bytes = encodeTerm("x");
    const term = new TracedTerm(bytes, decoder, 1);
    expect(decoded).toBe(0);
    expect([term.value, term.value, decoded]).toEqual(["part", "part", 1]);
    const broken = {
      decode: () => {
        throw new Error("no term");
      },
    };
    expect(new TracedTerm(bytes, broken).value).toBe(bytes);
  });

  it("a message between guests is recognised by its bytes", async () => {
    const runtime = new Runtime({ environment: new TestEnvironment() });
    const pid = runtime.spawnBody(
      scripted(() => ({ type: "waiting" })),
      { readsEncoded: true },
    );
    const records: TraceRecord[] = [];
    runtime.trace({ limit: 10 }, (record) => records.push(record));
    const ref = runtime.newRef();
    const from = tuple(pid, new ImproperList([atom("alias")], ref));
    runtime.sendEncoded(pid, encodeTerm(tuple(atom("$gen_call"), from, "request")));
    runtime.sendEncoded(pid, encodeTerm(tuple(from[1], "reply")));
    expect(records.map(plain)).toMatchObject([
      { type: "called", request: "request" },
      { type: "replied", reply: "reply", afterMs: 0 },
    ]);
  });
});

describe("the wire form of a message", () => {
  const runtime = new Runtime({ environment: new TestEnvironment() });
  const pid = runtime.spawn(waiter);
  const ref = runtime.newRef();
  const alias = new ImproperList([atom("alias")], ref);
  it.each([
    [
      "a call",
      tuple(atom("$gen_call"), tuple(pid, ref), 1),
      { form: "call", protocol: "gen", ref: ref.number },
    ],
    [
      "a call over an alias",
      tuple(atom("$gen_call"), tuple(pid, alias), 1),
      { form: "call", protocol: "gen", ref: ref.number },
    ],
    [
      "a system message",
      tuple(atom("system"), tuple(pid, alias), atom("get_state")),
      { form: "call", protocol: "sys", ref: ref.number },
    ],
    [
      "a call with a tag of its own",
      tuple(atom("$gen_call"), tuple(pid, 1), 1),
      { form: "call", protocol: "gen", ref: undefined },
    ],
    ["a cast", tuple(atom("$gen_cast"), [1]), { form: "cast" }],
    ["a reply", tuple(ref, "x"), { form: "reply", ref: ref.number }],
    ["a reply over an alias", tuple(alias, "x"), { form: "reply", ref: ref.number }],
    ["text", "$gen_call", undefined],
    ["a list", [atom("$gen_cast"), 1], undefined],
    ["another tuple", tuple(atom("ping"), pid), undefined],
    ["three elements with a reference", tuple(ref, 1, 2), undefined],
    ["a call without caller", tuple(atom("$gen_call"), 1, 2), undefined],
  ])("of %s is recognised in values and in bytes", (_, message, expected) => {
    expect(wireOf(message, false)).toEqual(expected);
    expect(wireOf(encodeTerm(message), true)).toEqual(expected);
  });

  it("of bytes that end early or are anything is nothing, and never an error", () => {
    const whole = encodeTerm(tuple(atom("$gen_call"), tuple(pid, alias), 1));
    // Without the last word of the reference, which is not looked at, and the request.
    const header = whole.length - 6;
    for (let length = 0; length < header; length++) {
      const wire = wireOf(whole.subarray(0, length), true);
      expect(wire === undefined || (wire.form === "call" && wire.ref === undefined)).toBe(true);
    }
  });
});

describe("whom a trace is about", () => {
  it("processes by pid, name, label or group, and nobody else", async () => {
    const { runtime, environment, records, begin } = traced();
    const byPid = runtime.spawn(waiter);
    const named = runtime.spawn(waiter, { name: "named" });
    const labelled = runtime.spawn(waiter, { label: "labelled" });
    const member = runtime.spawn(waiter);
    const other = runtime.spawn(waiter);
    runtime.groups.join("g", member);
    await environment.settle();
    begin({ pids: [byPid], names: ["named"], labels: ["labelled"], groups: ["g"], what: ["exits"] });
    for (const pid of [byPid, named, labelled, member, other]) runtime.kill(pid);
    const exited = records.filter((record) => record.type === "exited");
    expect(exited.map((record) => record.pid)).toEqual([byPid, named, labelled, member]);
  });

  it("who was chosen once stays so: a name given up, a group left", async () => {
    const { runtime, records, begin } = traced({ names: ["name"], groups: ["g"], what: ["names", "exits"] });
    begin();
    const pid = runtime.spawn(waiter, { name: "name" });
    const late = runtime.spawn(waiter);
    runtime.unregister("name");
    runtime.groups.join("g", late);
    runtime.groups.leave("g", late);
    runtime.kill(pid);
    runtime.kill(late);
    const kinds = (of: unknown) =>
      records.filter((record) => record.type !== "ended" && record.pid === of).map(({ type }) => type);
    expect(kinds(pid)).toEqual(["registered", "unregistered", "exited"]);
    expect(kinds(late)).toEqual(["joined", "left", "exited"]);
  });

  it("a send belongs to its sender, a receive to its receiver, a call to both", async () => {
    const { runtime, environment, types, begin } = traced({ what: ["sends", "receives", "calls"] });
    const receiver = runtime.spawn(async (self) => {
      for (;;) await self.receive();
    });
    await environment.settle();
    begin({ pids: [receiver] });
    runtime.spawn((self) => {
      self.send(receiver, "plain");
      self.send(receiver, tuple(atom("$gen_cast"), 1));
    });
    await environment.settle();
    expect(types().sort()).toEqual(["cast", "received"]);
  });

  it("children of the chosen are shown when they are spawned", async () => {
    const { runtime, environment, records, begin } = traced({ what: ["spawns"], labels: ["parent"] });
    begin();
    const parent = runtime.spawn((self) => void self.spawn(waiter), { label: "parent" });
    runtime.spawn(waiter);
    await environment.settle();
    expect(records.map(plain)).toMatchObject([{ pid: parent }, { parent }]);
  });
});

describe("the end of a trace", () => {
  it("comes after so many records, with one that says so, and nothing after it", async () => {
    const { runtime, types, records, begin } = traced({ limit: 3, what: ["spawns"] });
    const trace = begin();
    for (let i = 0; i < 10; i++) runtime.spawn(waiter);
    expect(types()).toEqual(["spawned", "spawned", "spawned", "ended"]);
    expect(records.at(-1)).toMatchObject({ why: "limit", count: 3 });
    expect([trace.active, trace.count]).toEqual([false, 3]);
    expect(runtime.events.active).toBe(false);
  });

  it("comes when there are too many within a time, and not while there are few", async () => {
    const { runtime, environment, records, types, begin } = traced({ what: ["spawns"] });
    begin({ limit: { count: 2, perMs: 100 } });
    for (let i = 0; i < 5; i++) {
      runtime.spawn(waiter);
      runtime.spawn(waiter);
      environment.spend(100);
    }
    expect(types()).toHaveLength(10);
    for (let i = 0; i < 5; i++) runtime.spawn(waiter);
    expect(types()).toHaveLength(13);
    expect(records.at(-1)).toMatchObject({ type: "ended", why: "rate", count: 12 });
    expect(runtime.events.active).toBe(false);
  });

  it("comes with stop, once", () => {
    const { runtime, records, begin } = traced();
    const trace = begin();
    trace.stop();
    trace.stop();
    runtime.spawn(waiter);
    expect(records).toMatchObject([{ type: "ended", why: "stopped", count: 0 }]);
  });

  it("comes when the sink throws, whose error is raised apart from the processes", async () => {
    const { runtime, environment } = world();
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", onError);
    try {
      const types: string[] = [];
      const trace = runtime.trace({ limit: 10 }, ({ type }) => {
        types.push(type);
        if (type === "spawned") throw new Error("sink");
      });
      runtime.spawn(waiter);
      runtime.spawn(waiter);
      await environment.settle();
      expect([types, trace.active]).toEqual([["spawned", "ended"], false]);
      expect(errors).toEqual([new Error("sink")]);
    } finally {
      process.removeListener("unhandledRejection", onError);
      for (const listener of others) process.on("unhandledRejection", listener);
    }
  });

  it("a limit that is none is refused, and so is anything unknown", () => {
    const { runtime } = world();
    for (const limit of [
      undefined,
      0,
      -1,
      1.5,
      Number.POSITIVE_INFINITY,
      { count: 1, perMs: 0 },
      { count: 0, perMs: 1 },
    ]) {
      expect(() => runtime.trace({ limit: limit as number }, () => {})).toThrow(badarg);
    }
    expect(() => runtime.trace({ limit: 1, what: ["everything" as never] }, () => {})).toThrow(badarg);
    expect(() => runtime.trace({ limit: 1, pids: ["name" as never] }, () => {})).toThrow(badarg);
    expect(runtime.events.active).toBe(false);
  });
});

describe("a trace", () => {
  it("does not see what its own sink causes", () => {
    const { runtime } = world();
    const pid = runtime.spawn(waiter);
    let count = 0;
    runtime.trace({ limit: 100 }, () => {
      count++;
      runtime.send(pid, "log");
    });
    runtime.send(pid, "hello");
    expect(count).toBe(1);
  });

  it("leaves out what does not match, which does not count", () => {
    const { runtime, records, begin } = traced({ what: ["spawns"], limit: 2 });
    begin({ match: (record) => record.type === "spawned" && record.label === "wanted" });
    for (const label of ["a", "wanted", "b", "wanted"]) runtime.spawn(waiter, { label });
    expect(records).toMatchObject([{ label: "wanted" }, { label: "wanted" }, { type: "ended" }]);
  });

  it("runs beside others", () => {
    const { runtime, types, begin } = traced({ what: ["spawns"] });
    begin({ limit: 1 });
    begin({ limit: 2 });
    runtime.spawn(waiter);
    runtime.spawn(waiter);
    expect(types()).toEqual(["spawned", "ended", "spawned", "spawned", "ended"]);
  });
});
