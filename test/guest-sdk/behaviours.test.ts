// The library's behaviours and tables against JavaScript's: guests serve JavaScript's clients, and ask JavaScript's servers.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createHost, type Host, type Program } from "../../host/index.ts";
import * as Sys from "../../host/otp/gen/sys.ts";
import { handled, handledCall } from "../../host/otp/gen-event/handler.ts";
import * as GenEvent from "../../host/otp/gen-event/index.ts";
import * as GenServer from "../../host/otp/gen-server/index.ts";
import { atom, type Context, type Pid, tuple } from "../../host/otp/index.ts";
import * as Ets from "../../host/otp/table/index.ts";

let host: Host;
let program: Program;
const printed: string[] = [];

beforeAll(async () => {
  host = await createHost({
    grants: "all",
    log: { level: "off" },
    write: (_stream, bytes) => printed.push(new TextDecoder().decode(bytes).trimEnd()),
  });
  program = await host.load(fileURLToPath(new URL("guests/behaviours.ts", import.meta.url)));
}, 120_000);
afterAll(() => host.close());
beforeEach(() => {
  printed.length = 0;
});

/** Runs a JavaScript process to its end; what it throws fails the test. */
async function inProcess(run: (self: Context) => Promise<unknown>): Promise<void> {
  let error: unknown;
  const pid = host.runtime.spawn(async (self) => {
    await run(self).catch((caught) => {
      error = caught;
    });
  });
  await host.exited(pid);
  if (error !== undefined) throw error;
}

async function run(entry: string): Promise<string[]> {
  expect(await host.exited(host.spawn(program, entry))).toBe("normal");
  return [...printed];
}

const add = (n: number) => tuple(atom("add"), n);

describe("a guest's server", () => {
  test("answers gen_server's clients: calls, casts, continues, timeouts, everything else", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "counter");
      expect(await GenServer.call(self, pid, add(2))).toBe(2);
      GenServer.cast(self, pid, 40);
      expect(await GenServer.call(self, pid, add(2))).toBe(42);
      expect(await GenServer.call(self, pid, atom("continue"))).toBe(atom("ok"));
      expect(await GenServer.call(self, pid, add(0))).toBe(1042);
      self.send(pid, tuple(atom("$gen_call"), "nobody"));
      self.send(pid, tuple(atom("system"), 1, 2));
      expect(await GenServer.call(self, pid, atom("later"))).toBe(atom("soon"));
      await self.sleep(30);
      expect(printed).toEqual([`info {'$gen_call',<<"nobody">>}`, "info {system,1,2}", "timeout"]);
      self.exitSignal(pid, "kill");
    }));

  test("cancels its timeout for good when a message comes first", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "counter");
      await GenServer.call(self, pid, atom("later"));
      await GenServer.call(self, pid, add(1));
      await self.sleep(30);
      expect(printed).toEqual([]);
      self.exitSignal(pid, "kill");
    }));

  test("replies after terminate when it stops with a reply (S145), and ends with the reason", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "counter");
      const ref = self.monitor(pid);
      expect(await GenServer.call(self, pid, atom("stop"))).toBe("stopped");
      expect(printed).toEqual(["terminate enough"]);
      expect(await self.receiveTagged(ref)).toMatchObject({ type: "down", reason: "enough" });
    }));

  test("answers system messages by itself (S156 to S162)", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "counter");
      await GenServer.call(self, pid, add(3));
      expect(await Sys.getState(self, pid)).toBe(3);
      expect(await Sys.system(self, pid, tuple(atom("replace_state"), 10), "replace_state")).toBe(10);
      const refused = (await Sys.system(self, pid, tuple(atom("replace_state"), "ten"), "x")) as unknown[];
      expect(refused[0]).toBe(atom("error"));
      await Sys.suspend(self, pid);
      await Sys.suspend(self, pid);
      const request = GenServer.sendRequest(self, pid, add(1));
      expect(await Sys.getStatus(self, pid)).toEqual(
        tuple(atom("status"), pid, tuple(atom("module"), atom("gen_server")), [
          [],
          atom("suspended"),
          expect.anything(),
          [],
          10,
        ]),
      );
      expect(await GenServer.waitResponse(self, request, 10)).toEqual({ type: "timeout" });
      await Sys.changeCode(self, pid, 1, 2);
      await Sys.resume(self, pid);
      expect(await GenServer.receiveResponse(self, request)).toEqual({ type: "reply", reply: 11 });
      await expect(Sys.changeCode(self, pid, 1, 2)).rejects.toMatchObject({ code: "E_CODE_CHANGE" });
      expect(await Sys.system(self, pid, atom("dance"), "dance")).toEqual(
        tuple(atom("error"), tuple(atom("unknown_system_msg"), atom("dance"))),
      );
      await Sys.trace(self, pid, true);
      await Sys.noDebug(self, pid);
      await GenServer.stop(self, pid, { reason: "shutdown" });
      expect(printed).toEqual(["terminate shutdown"]);
    }));

  test("trapping, is stopped by its parent's exit, also when suspended (S149, S159)", () =>
    inProcess(async (self) => {
      let pid: Pid | undefined;
      const parent = self.spawn(async (inner) => {
        pid = host.spawn(program, "counter", { link: inner });
        await inner.receive();
      });
      await self.sleep(5);
      const ref = self.monitor(pid!);
      await Sys.suspend(self, pid!);
      self.send(pid!, "waits");
      self.send(parent, "end");
      expect(await self.receiveTagged(ref)).toMatchObject({ reason: "normal" });
      expect(printed).toEqual(["terminate normal"]);
    }));

  test("is started as proc_lib does it (S140 to S143)", async () => {
    expect(await run("starts")).toEqual([
      "ignored",
      "not_today",
      "gone",
      "ok",
      "already_started true",
      "timeout",
      "ok",
    ]);
  });
});

describe("a guest's state machine", () => {
  test("enters, inserts, retries and times out in gen_statem's order (S165 to S176)", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "machine");
      const request = GenServer.sendRequest(self, pid, atom("where"));
      GenServer.cast(self, pid, atom("go"));
      GenServer.cast(self, pid, atom("last"));
      expect(await GenServer.receiveResponse(self, request)).toEqual({ type: "reply", reply: atom("b") });
      GenServer.cast(self, pid, atom("again"));
      await self.sleep(60);
      expect(await GenServer.call(self, pid, atom("seen"))).toEqual([
        "enter a from a",
        "a: where",
        "a: go",
        "enter b from a",
        'b: <<"first">>',
        'b: <<"second">>',
        "b: where",
        'b: <<"due">>',
        "b: last",
        "b: again",
        "enter b from b",
        'b: <<"new">>',
        "b: seen",
      ]);
      expect(await Sys.getState(self, pid)).toEqual(tuple(atom("b"), 13));
      await Sys.system(self, pid, tuple(atom("replace_state"), tuple(atom("c"), 0)), "replace_state");
      expect(await Sys.getState(self, pid)).toEqual(tuple(atom("c"), 0));
      const ref = self.monitor(pid);
      expect(await GenServer.call(self, pid, atom("stop"))).toBe(atom("bye"));
      expect(await self.receiveTagged(ref)).toMatchObject({ reason: "done" });
      expect(printed).toEqual(["terminate done"]);
    }));

  test("a caller whose call is postponed learns of the end (S178), and of a bad action", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "machine");
      const request = GenServer.sendRequest(self, pid, atom("where"));
      GenServer.cast(self, pid, atom("bad"));
      expect(await GenServer.receiveResponse(self, request)).toMatchObject({
        type: "error",
        reason: tuple("bad_action_from_state_function", "a timeout of -7 ms"),
      });
    }));
});

test("a guest's event manager serves gen_event's clients", () =>
  inProcess(async (self) => {
    const pid = host.spawn(program, "manager");
    const ask = (content: unknown) => {
      const ref = self.monitor(pid);
      self.send(pid, tuple(self.pid, tuple(self.pid, ref), content));
      return self
        .receive<readonly unknown[]>((message) => Array.isArray(message) && ref.equals(message[0]))
        .then((message) => message![1]);
    };
    expect(await ask(tuple(atom("add_handler"), atom("sum"), 1))).toBe(atom("ok"));
    expect(await ask(tuple(atom("add_handler"), tuple(atom("sum"), 2), 100))).toBe(atom("ok"));
    expect(await ask(tuple(atom("add_handler"), atom("sum"), atom("x")))).toBe(atom("no_number"));
    expect(await ask(tuple(atom("add_handler"), atom("product"), 1))).toEqual(
      tuple(atom("error"), atom("bad_module")),
    );
    GenEvent.notify(self, pid, 5);
    await GenEvent.syncNotify(self, pid, 6);
    expect(await ask(atom("which_handlers"))).toEqual([tuple(atom("sum"), 2), atom("sum")]);
    expect(await ask(tuple(atom("call"), tuple(atom("sum"), 2), 0))).toBe(111);
    expect(await Sys.getState(self, pid)).toEqual([
      tuple(atom("sum"), 2, 111),
      tuple(atom("sum"), false, 12),
    ]);
    expect(
      await ask(tuple(atom("swap_handler"), atom("sum"), atom("out"), tuple(atom("sum"), 3), 1000)),
    ).toBe(atom("ok"));
    expect(await ask(tuple(atom("call"), tuple(atom("sum"), 3), 0))).toBe(1012);
    expect(await ask(tuple(atom("add_sup_handler"), atom("sum"), 7, self.pid))).toBe(atom("ok"));
    GenEvent.notify(self, pid, atom("leave"));
    expect(
      await self.receive((message) => Array.isArray(message) && message[0] === atom("gen_event_EXIT")),
    ).toEqual(tuple(atom("gen_event_EXIT"), atom("sum"), atom("normal")));
    self.send(pid, "hello");
    expect(await ask(atom("which_handlers"))).toEqual([]);
    expect(printed).toEqual([
      "terminate out",
      "terminate remove_handler",
      "terminate remove_handler",
      "terminate remove_handler",
    ]);
    self.unlink(pid);
    await GenServer.stop(self, pid);
  }));

test("a guest asks JavaScript's servers and event managers", () =>
  inProcess(async (self) => {
    const counter: GenServer.GenServerCallbacks<number> = {
      init: () => startedWith(0),
      handleCall: (request, _from, n) => {
        const sum = n + ((request as unknown[])[1] as number);
        return { type: "reply", reply: sum, state: sum, next: undefined };
      },
    };
    await GenServer.start(self, counter, undefined, { name: "counter" });
    await GenEvent.start(self, { name: "events" });
    const heard: unknown[] = [];
    const keeper: GenEvent.EventHandler<unknown[], unknown> = {
      name: "keeper",
      init: () => [],
      handleEvent: (event, state) => {
        heard.push(event);
        return handled(state);
      },
      handleCall: (_request, state) => handledCall(heard.length, state),
    };
    await GenEvent.addHandler(self, "events", keeper as never);
    expect(await run("asksJavaScript")).toEqual([
      "total 5",
      "state 5",
      "message 6",
      "waited 7",
      "handlers [keeper]",
      "answer 2",
    ]);
    expect(heard).toEqual(["one", "two"]);
    expect(self.whereis("counter")).toBeUndefined();
    self.exitSignal(self.whereis("events")!, "kill");
  }));

function startedWith(state: number): { type: "started"; state: number; next: undefined } {
  return { type: "started", state, next: undefined };
}

test("a call to oneself is no wait (S137)", async () => {
  expect(await run("callsItself")).toEqual(["calling_self"]);
});

describe("tables", () => {
  test("a guest's table is read by JavaScript, and comes to it when given away", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "keepsTable");
      await self.sleep(5);
      expect(Ets.lookup(self, "kept", 3)).toEqual([tuple(3, "v3")]);
      expect(() => Ets.insert(self, "kept", tuple(9, "x"))).toThrow();
      self.send(pid, self.pid);
      expect(await self.receive()).toEqual(tuple(atom("ETS-TRANSFER"), atom("kept"), pid, "yours"));
      Ets.insert(self, "kept", tuple(9, "x"));
      self.send(pid, "end");
    }));

  test("a guest reads and writes JavaScript's, as far as it may", () =>
    inProcess(async (self) => {
      const table = Ets.new(self, "shared", { named: true, protection: "public" });
      Ets.insert(self, table, [tuple(1, "one"), tuple(2, "two")]);
      Ets.new(self, "protected", { named: true });
      expect(await run("usesTable")).toEqual(["one true 3"]);
      expect(Ets.lookup(self, table, 7)).toEqual([tuple(7, "from the guest")]);
      expect(await host.exited(host.spawn(program, "writesProtected"))).toEqual(
        tuple("badarg", "Table.set: the table is gone, or may not be written"),
      );
    }));

  test("every operation of ets is there for a guest", async () => {
    const reason = await host.exited(host.spawn(program, "operates"));
    expect(printed).toEqual([
      "1 1 2, 3 taken, 0 left",
      "false true",
      "0",
      'true {k1,0,<<"text">>}',
      "true",
      "1",
      "[[2]]",
      "3",
      "3 keys, 0 left, set",
      "true true",
      "true",
    ]);
    expect(reason).toEqual(tuple("badarg", "TermTable.matchObject: the table may not be used so"));
  });
});

test("group leaders, lists of processes and names, suspending, scopes of groups", async () => {
  host.runtime.startGroups("other");
  expect(await run("operations")).toEqual([
    "no leader true",
    "leader true",
    "operator true",
    "true",
    "2",
    "[here]",
    "[]",
    "terminate shutdown",
  ]);
});
