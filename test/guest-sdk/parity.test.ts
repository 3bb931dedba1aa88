// Operations of JavaScript's processes in the hands of guests: dictionaries, items, mailboxes, scopes, requests, debugging and the rest.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createHost, type Host, type Program } from "../../host/index.ts";
import * as Sys from "../../host/otp/gen/sys.ts";
import * as GenServer from "../../host/otp/gen-server/index.ts";
import { atom, type Context, type RuntimeEvent, tuple } from "../../host/otp/index.ts";
import { simulate } from "../../host/sim/index.ts";

const file = fileURLToPath(new URL("guests/parity.ts", import.meta.url));
let host: Host;
let program: Program;
const printed: string[] = [];

beforeAll(async () => {
  host = await createHost({
    grants: "all",
    maxProcesses: 50,
    log: { level: "off" },
    write: (_stream, bytes) => printed.push(new TextDecoder().decode(bytes).trimEnd()),
  });
  program = await host.load(file);
}, 120_000);
afterAll(() => host.close());
beforeEach(() => {
  printed.length = 0;
});

async function run(entry: string, args?: unknown): Promise<string[]> {
  expect(await host.exited(host.spawn(program, entry, { args }))).toBe("normal");
  for (const pid of host.runtime.processes()) host.kill(pid);
  return [...printed];
}

/** The same where no machine is too slow for what has to happen in time. */
async function runInVirtualTime(entry: string): Promise<string[]> {
  const write = (_stream: number, bytes: Uint8Array) =>
    void printed.push(new TextDecoder().decode(bytes).trimEnd());
  const { error } = await simulate(
    async (sim) => {
      const pid = sim.spawn(await sim.load(file), entry, { write });
      expect(await sim.exited(pid)).toBe("normal");
    },
    { loader: host, host: { grants: "all" } },
  );
  expect(error).toBeUndefined();
  return [...printed];
}

describe("a guest's process", () => {
  test("has a dictionary, which others can look at", async () => {
    expect(await run("dictionaries")).toEqual([
      'undefined <<"red">>',
      '<<"blue">> undefined',
      '[{<<"colour">>,<<"blue">>},{n,7}]',
      '<<"blue">> [{n,7}]',
    ]);
  });

  test("cannot put more into its dictionary than its memory limit allows", async () => {
    const pid = host.spawn(program, "fillsDictionary", { limits: { memoryBytes: 4_000_000 } });
    expect(await host.exited(pid)).toMatchObject(["system_limit", expect.stringContaining("dictionary.put")]);
  });

  test("learns chosen items of others, and what they know with the grant observe only", async () => {
    expect(await run("items")).toEqual([
      "[{registered_name,idle},{priority,normal},{message_queue_len,2},{label,[]}]",
      "[]",
      "true",
      "[{dictionary,[]},{messages,[]}]",
      "true",
    ]);
    printed.length = 0;
    const other = host.spawn(program, "counter");
    const pid = host.spawn(program, "blinded", {
      args: other,
      grants: ["kill", "register", "spawn", "groups", "stdio", "streams"],
    });
    expect(await host.exited(pid)).toMatchObject(["not_granted", expect.stringContaining("processItems")]);
    expect(printed).toEqual(['[{dictionary,[{1,2}]},{messages,[<<"mine">>]}]']);
    host.kill(other);
  });

  test("is shown no more of what waits than a message may have bytes", async () => {
    const limits = { messageBytes: 1_000_000 };
    const reasons = [false, true].map((args) =>
      host.exited(host.spawn(program, "tooMuch", { args, limits })),
    );
    const says = expect.stringContaining("processItems");
    expect(await Promise.all(reasons)).toMatchObject([
      ["system_limit", says],
      ["badarg", says],
    ]);
    expect(printed[0]).toBe("[{message_queue_len,20}]");
  });

  test("hibernates until there is a message, which it then finds", async () => {
    expect(await runInVirtualTime("sleeper")).toEqual(["woken: true, wake up", "there already"]);
  });

  test("bounds the mailboxes of its children, and they reject, drop or die", async () => {
    expect(await run("mailboxes")).toEqual([
      "true true false",
      "[{message_queue_len,2},{messages_shed,1}]",
      "true true true",
      "[{message_queue_len,2},{messages_shed,1}]",
      "true true true",
      "gone",
    ]);
  });

  test("hears of all groups of a scope", async () => {
    expect(await run("scopes")).toEqual([
      "#{}",
      "true join a",
      "true join b",
      "true leave b",
      "true leave a",
    ]);
  });

  test("learns why a spawn failed, and lives on", async () => {
    expect(await run("spawns")).toEqual(["true already_started true", "system_limit true"]);
  });
});

describe("sys", () => {
  test("logs, counts and watches a guest's server, for another guest", async () => {
    const events: unknown[] = [];
    const stop = host.runtime.subscribe(
      (event: RuntimeEvent) => event.type === "report" && events.push(event.report),
    );
    expect(await run("debugged", host.spawn(program, "counter"))).toEqual([
      "true false",
      "noreply 9",
      "in a call",
      "out 11",
      "{messages_in,3} {messages_out,2} true",
      "2",
      "[] no_statistics",
      "error",
      "ok",
      "100",
    ]);
    stop();
    expect(events).toEqual([]);
  });

  test("logs, counts and traces a guest's server, for JavaScript", async () => {
    const events: RuntimeEvent[] = [];
    const stop = host.runtime.subscribe(
      (event: RuntimeEvent) => event.type === "report" && events.push(event),
    );
    let error: unknown;
    await host.exited(
      host.runtime.spawn(async (self: Context) => {
        const pid = host.spawn(program, "counter");
        try {
          await Sys.trace(self, pid, true);
          await Sys.log(self, pid, true);
          await Sys.statistics(self, pid, true);
          expect(await GenServer.call(self, pid, tuple(atom("add"), 2))).toBe(2);
          expect(await Sys.statistics(self, pid, "get")).toMatchObject({ messagesIn: 1, messagesOut: 1 });
          expect(await Sys.log(self, pid, "get")).toMatchObject([
            [atom("in"), expect.anything()],
            [atom("out"), 2, [self.pid, expect.anything()]],
          ]);
          await Sys.noDebug(self, pid);
          await GenServer.call(self, pid, tuple(atom("add"), 2));
        } catch (caught) {
          error = caught;
        }
        self.exitSignal(pid, "kill");
      }),
    );
    stop();
    if (error !== undefined) throw error;
    expect(events).toMatchObject([
      { report: { type: "trace", event: { type: "in" } } },
      { report: { type: "trace", event: { type: "out", message: 2 } } },
    ]);
  });
});

describe("a guest's behaviours", () => {
  test("a state machine of state functions: calls, enter functions, timeouts, and a state without a function", async () => {
    expect(await run("lights")).toEqual(
      ["red go", "green from red", "green over", "red again", "green from red", "undef"].map((line) =>
        line === "green over" ? 'green <<"over">>' : line,
      ),
    );
  });

  test("a collection of requests gives the answers as they come, and calls to many wait for all", async () => {
    expect(await run("requests")).toEqual([
      "one 1",
      "two crash",
      "true 1",
      "true 0",
      "2 11 11, failed true",
      "0 2, left over: false",
    ]);
  });

  test("a task is killed at once", async () => {
    expect(await run("killedTask")).toEqual(["true"]);
  });

  test("tasks for all items, each within its time", async () => {
    expect(await runInVirtualTime("tasks")).toEqual(["10", "timeout", "bad", "8", "true"]);
  });
});
