import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import type { ExitMessage } from "../../../host/otp/envelope.ts";
import { Exit } from "../../../host/otp/exit.ts";
import type { StartResult } from "../../../host/otp/gen/start.ts";
import { type ChildSpec, GenServer, Supervisor, type SupervisorSpec } from "../../../host/otp/index.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import { start } from "../../../host/otp/start.ts";
import { atom, formatTerm, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

/** Children that note their coming and going, and do what they are told. */
class Nursery {
  readonly notes: string[] = [];
  /** How often the next starts of a child fail. */
  readonly failures = new Map<string, number>();

  child(id: string, options: Partial<ChildSpec> & { trap?: boolean; lingerMs?: number } = {}): ChildSpec {
    const { trap = true, lingerMs = 0, ...spec } = options;
    return {
      id,
      start: (self: Context) => {
        const left = this.failures.get(id) ?? 0;
        if (left > 0) {
          this.failures.set(id, left - 1);
          this.notes.push(`!${id}`);
          throw new Exit("cannot");
        }
        this.notes.push(`+${id}`);
        return this.#startLink(self, id, trap, lingerMs);
      },
      ...spec,
    };
  }

  /** Returns when the child traps exits, or it may be stopped before it has begun. */
  async #startLink(self: Context, id: string, trap: boolean, lingerMs: number): Promise<StartResult> {
    const body = (child: Context, acknowledge: (value: true) => void) => {
      child.trapExit = trap;
      acknowledge(true);
      return this.#live(child, id, lingerMs);
    };
    const started = await start(self, body, { label: id });
    return "pid" in started ? { type: "ok", pid: started.pid } : { type: "error", reason: started.error };
  }

  async #live(self: Context, id: string, lingerMs: number): Promise<void> {
    const message = (await self.receive()) as { exit?: unknown } & Partial<ExitMessage>;
    if (message.type !== "exit") self.exit(message.exit);
    if (lingerMs > 0) await self.receive(() => false, { timeoutMs: lingerMs });
    this.notes.push(`-${id}`);
    self.exit(message.reason);
  }

  take(): string[] {
    return this.notes.splice(0);
  }
}

const pause = (self: Context, timeoutMs = 1): Promise<unknown> => self.receive(() => false, { timeoutMs });

async function begin(self: Context, spec: SupervisorSpec): Promise<Pid> {
  self.trapExit = true;
  return GenServer.startedPid(await Supervisor.startLink(self, spec));
}

async function pidOf(self: Context, supervisor: Pid, id: unknown): Promise<Pid> {
  const child = (await Supervisor.whichChildren(self, supervisor)).find((known) => known.id === id);
  if (child?.pid === undefined || child.pid === "restarting") throw new Error(`${String(id)} is not running`);
  return child.pid;
}

/** Lets a child end with a reason, and lets the supervisor act on it. */
async function end(self: Context, supervisor: Pid, id: unknown, reason: unknown): Promise<void> {
  self.send(await pidOf(self, supervisor, id), { exit: reason });
  await pause(self);
}

const ids = async (self: Context, supervisor: Pid): Promise<unknown[]> =>
  (await Supervisor.whichChildren(self, supervisor)).map(({ id }) => id);

describe("starting", () => {
  it("S180: what is not said is one_for_one, intensity 1 in 5 s, never; permanent, worker, 5000 or infinity, not significant", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        children: [nursery.child("a"), nursery.child("s", { type: "supervisor" })],
      });
      expect(await Supervisor.getChildSpec(self, supervisor, "a")).toMatchObject({
        restart: "permanent",
        type: "worker",
        shutdown: 5000,
        significant: false,
      });
      expect(await Supervisor.getChildSpec(self, supervisor, "s")).toMatchObject({
        shutdown: Number.POSITIVE_INFINITY,
      });
      await end(self, supervisor, "a", "x");
      expect(nursery.take()).toEqual(["+a", "+s", "+a"]);
      await end(self, supervisor, "a", "x");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "shutdown" });
    }));

  it("S181: children start in order, each after the one before is up; the newest is listed first, startChild appends", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const slow = {
        ...nursery.child("b"),
        start: async (own: Context) => {
          await pause(own, 100);
          return (nursery.child("b").start as (self: Context) => Pid)(own);
        },
      };
      const supervisor = await begin(self, { children: [nursery.child("a"), slow, nursery.child("c")] });
      expect(nursery.take()).toEqual(["+a", "+b", "+c"]);
      await Supervisor.startChild(self, supervisor, nursery.child("d"));
      expect(await ids(self, supervisor)).toEqual(["d", "c", "b", "a"]);
    }));

  it("S182: a failed start stops those already up, in reverse order, and says which failed and why", () =>
    play(async (self) => {
      self.trapExit = true;
      const nursery = new Nursery();
      nursery.failures.set("c", 1);
      const children = ["a", "b", "c", "d"].map((id) => nursery.child(id));
      const result = await Supervisor.startLink(self, { children });
      const reason = tuple("shutdown", tuple(atom("failed_to_start_child"), "c", atom("cannot")));
      expect(result).toEqual({ type: "error", reason });
      expect(nursery.take()).toEqual(["+a", "+b", "!c", "-b", "-a"]);
      expect(await self.receive()).toMatchObject({ type: "exit", reason });
    }));

  it("S209: duplicate ids, bad flags and a bad init are refused; ignore passes through", () =>
    play(async (self) => {
      self.trapExit = true;
      const nursery = new Nursery();
      const reasonOf = async (init: Supervisor.SupervisorInit): Promise<string> => {
        const result = await Supervisor.start(self, init);
        return formatTerm(result.type === "error" ? result.reason : result.type);
      };
      expect(await reasonOf({ children: [nursery.child("a"), nursery.child("a")] })).toBe(
        '{<<"start_spec">>,{duplicate_child_name,<<"a">>}}',
      );
      expect(await reasonOf({ strategy: "odd" as never })).toBe(
        '{<<"supervisor_data">>,{invalid_strategy,odd}}',
      );
      expect(await reasonOf({ intensity: -1 })).toBe('{<<"supervisor_data">>,{invalid_intensity,-1}}');
      expect(await reasonOf({ period: 0 })).toBe('{<<"supervisor_data">>,{invalid_period,0}}');
      expect(await reasonOf({ children: [{ id: 1, start: 5 as never }] })).toBe(
        '{<<"start_spec">>,{invalid_mfa,5}}',
      );
      expect(await reasonOf((() => 7) as never)).toBe('{<<"bad_return">>,{supervisor,init,7}}');
      expect(await reasonOf(() => ({ type: "ignore" }))).toBe('<<"ignore">>');
    }));

  it("starts from outside of all processes", () =>
    play(async (self, { runtime }) => {
      const nursery = new Nursery();
      const result = await Supervisor.start(runtime, { children: [nursery.child("a")] }, { name: "top" });
      expect(result).toMatchObject({ type: "ok" });
      expect(await Supervisor.countChildren(runtime, "top")).toEqual({
        specs: 1,
        active: 1,
        supervisors: 0,
        workers: 1,
      });
      await Supervisor.stop(runtime, "top", { reason: "shutdown" });
      expect(nursery.take()).toEqual(["+a", "-a"]);
      expect(self.whereis("top")).toBeUndefined();
    }));
});

describe("stopping", () => {
  it("S183: goes in reverse start order, one at a time, each waited for", () =>
    play(async (self, { environment }) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        children: ["a", "b", "c"].map((id) => nursery.child(id, { lingerMs: 100 })),
      });
      nursery.take();
      const before = environment.now();
      self.exitSignal(supervisor, "shutdown");
      await self.receive();
      expect(nursery.take()).toEqual(["-c", "-b", "-a"]);
      expect(environment.now() - before).toBe(300);
    }));

  it("S184: brutal_kill kills, a number waits so long and then kills, infinity waits", () =>
    play(async (self, { environment }) => {
      const nursery = new Nursery();
      const lingerMs = 10_000;
      const supervisor = await begin(self, {
        children: [
          nursery.child("brutal", { shutdown: "brutal_kill", lingerMs }),
          nursery.child("short", { shutdown: 200, lingerMs }),
          nursery.child("long", { shutdown: Number.POSITIVE_INFINITY, lingerMs }),
        ],
      });
      nursery.take();
      for (const [id, ms, notes] of [
        ["long", 10_000, ["-long"]],
        ["short", 200, []],
        ["brutal", 0, []],
      ] as const) {
        const before = environment.now();
        await Supervisor.terminateChild(self, supervisor, id);
        expect(environment.now() - before).toBe(ms);
        expect(nursery.take()).toEqual(notes);
      }
    }));

  it("S185: while it waits for a child it answers nobody", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, { children: [nursery.child("a", { lingerMs: 1000 })] });
      self.spawn((other) => Supervisor.terminateChild(other, supervisor, "a"));
      await pause(self);
      const id = GenServer.sendRequest(self, supervisor, atom("which_children"));
      expect(await GenServer.waitResponse(self, id, 500)).toEqual({ type: "timeout" });
      expect(await GenServer.waitResponse(self, id, 600)).toMatchObject({ type: "reply" });
    }));

  it("S205: a child that unlinked can die unnoticed, and stopping it still works", () =>
    play(async (self) => {
      const unlinking: ChildSpec = {
        id: "u",
        start: (own) => {
          const pid = own.spawnLink(async (child) => void (await child.receive()));
          own.unlink(pid);
          return pid;
        },
      };
      const supervisor = await begin(self, { children: [unlinking] });
      const pid = await pidOf(self, supervisor, "u");
      self.exitSignal(pid, "kill");
      await pause(self);
      expect(await pidOf(self, supervisor, "u")).toBe(pid);
      expect(await Supervisor.countChildren(self, supervisor)).toMatchObject({ active: 0 });
      expect(await Supervisor.terminateChild(self, supervisor, "u")).toEqual({ type: "ok" });
    }));

  it("S206: strangers' exits and stray messages are ignored, the parent's exit stops it, normal too", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, { children: [nursery.child("a")] });
      self.spawn(async (stranger) => void stranger.exitSignal(supervisor, "boom"));
      self.send(supervisor, "stray");
      await pause(self);
      expect(await ids(self, supervisor)).toEqual(["a"]);
      self.exitSignal(supervisor, "normal");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "normal" });
      expect(nursery.take()).toEqual(["+a", "-a"]);
    }));

  it("S207: a killed supervisor stops nobody in order: children get killed over their links, trappers survive", () =>
    play(async (self, { runtime }) => {
      const trapping: ChildSpec = {
        id: "t",
        start: (own) =>
          own.spawnLink(async (child) => {
            child.trapExit = true;
            for (;;) await child.receive();
          }),
      };
      const nursery = new Nursery();
      const supervisor = await begin(self, { children: [trapping, nursery.child("a", { trap: false })] });
      const trapper = await pidOf(self, supervisor, "t");
      const ref = self.monitor(await pidOf(self, supervisor, "a"));
      self.exitSignal(supervisor, "kill");
      expect(await self.receiveTagged(ref)).toMatchObject({ reason: "killed" });
      await pause(self);
      expect(runtime.isAlive(trapper)).toBe(true);
    }));

  it("S208: a child that ends with another reason while being stopped is only reported", () =>
    play(async (self, { runtime }) => {
      const reports: unknown[] = [];
      runtime.subscribe(
        (event) =>
          event.type === "report" && event.report.type === "supervisor" && reports.push(event.report),
      );
      const stubborn: ChildSpec = {
        id: "x",
        start: (own) =>
          own.spawnLink(async (child) => {
            child.trapExit = true;
            await child.receive();
            child.exit("otherwise");
          }),
      };
      const supervisor = await begin(self, { children: [stubborn] });
      expect(await Supervisor.terminateChild(self, supervisor, "x")).toEqual({ type: "ok" });
      expect(reports).toMatchObject([{ context: "shutdown_error", reason: "otherwise", child: { id: "x" } }]);
    }));
});

describe("restarting", () => {
  const reasons = ["normal", "shutdown", tuple("shutdown", 1), "boom"];

  it.each([
    ["permanent", [true, true, true, true]],
    ["transient", [false, false, false, true]],
    ["temporary", [false, false, false, false]],
  ] as const)(
    "S186: a %s child is restarted after normal, shutdown, {shutdown, _}, abnormal: %s",
    (restart, expected) =>
      play(async (self) => {
        const nursery = new Nursery();
        const supervisor = await begin(self, { intensity: 100 });
        for (const [i, reason] of reasons.entries()) {
          await Supervisor.startChild(self, supervisor, nursery.child(`c${i}`, { restart }));
          nursery.take();
          await end(self, supervisor, `c${i}`, reason);
          expect(nursery.take()).toEqual(expected[i] ? [`+c${i}`] : []);
        }
      }),
  );

  it("S186: a kill from outside is abnormal", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, { children: [nursery.child("a", { restart: "transient" })] });
      self.exitSignal(await pidOf(self, supervisor, "a"), "kill");
      await pause(self);
      expect(nursery.take()).toEqual(["+a", "+a"]);
    }));

  it("S187: a temporary child's specification vanishes with its end, a transient one's stays without a pid", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        children: [
          nursery.child("t", { restart: "temporary" }),
          nursery.child("r", { restart: "transient" }),
        ],
      });
      await end(self, supervisor, "t", "boom");
      await end(self, supervisor, "r", "normal");
      expect(await Supervisor.whichChildren(self, supervisor)).toMatchObject([{ id: "r", pid: undefined }]);
    }));

  it.each([
    ["one_for_one", ["+b"]],
    ["one_for_all", ["-c", "-a", "+a", "+b", "+c"]],
    ["rest_for_one", ["-c", "+b", "+c"]],
  ] as const)("S188: %s, when b of a, b, c ends: %s", (strategy, expected) =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        strategy,
        children: ["a", "b", "c"].map((id) => nursery.child(id)),
      });
      nursery.take();
      await end(self, supervisor, "b", "boom");
      expect(nursery.take()).toEqual(expected);
      expect(await ids(self, supervisor)).toEqual(["c", "b", "a"]);
    }),
  );

  it("S189: in a group restart temporary siblings are forgotten, finished transient ones start again; a temporary's end restarts nobody", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        strategy: "one_for_all",
        children: [
          nursery.child("p"),
          nursery.child("t", { restart: "temporary" }),
          nursery.child("u", { restart: "temporary" }),
          nursery.child("r", { restart: "transient" }),
        ],
      });
      await end(self, supervisor, "r", "normal");
      nursery.take();
      await end(self, supervisor, "u", "boom");
      expect(nursery.take()).toEqual([]);
      await end(self, supervisor, "p", "boom");
      expect(nursery.take()).toEqual(["-t", "+p", "+r"]);
      expect(await ids(self, supervisor)).toEqual(["r", "p"]);
    }));

  it("S190: more than intensity within period ends it, counted for all children together; S193: with plain shutdown", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        intensity: 2,
        children: [nursery.child("a"), nursery.child("b")],
      });
      await end(self, supervisor, "a", "x");
      await end(self, supervisor, "b", "x");
      nursery.take();
      await end(self, supervisor, "a", "x");
      expect(await self.receive()).toMatchObject({ type: "exit", from: supervisor, reason: "shutdown" });
      expect(nursery.take()).toEqual(["-b"]);
    }));

  it("S191: a group restart counts as one", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        strategy: "one_for_all",
        intensity: 2,
        children: ["a", "b", "c"].map((id) => nursery.child(id)),
      });
      await end(self, supervisor, "a", "x");
      await end(self, supervisor, "b", "x");
      expect(await ids(self, supervisor)).toEqual(["c", "b", "a"]);
    }));

  it("S193: a transient supervisor that gave up is not restarted", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const inner: ChildSpec = {
        id: "inner",
        type: "supervisor",
        restart: "transient",
        start: (own) => Supervisor.startLink(own, { intensity: 0, children: [nursery.child("a")] }),
      };
      const outer = await begin(self, { children: [inner] });
      await end(self, await pidOf(self, outer, "inner"), "a", "x");
      expect(await Supervisor.whichChildren(self, outer)).toMatchObject([{ id: "inner", pid: undefined }]);
    }));

  it("S194: when the start of a restart fails it is tried again at once, and every attempt counts", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, { intensity: 3, children: [nursery.child("a")] });
      nursery.failures.set("a", 2);
      await end(self, supervisor, "a", "x");
      expect(nursery.take()).toEqual(["+a", "!a", "!a", "+a"]);
      nursery.failures.set("a", 1);
      self.send(await pidOf(self, supervisor, "a"), { exit: "x" });
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "shutdown" });
    }));

  it("S195: in between the child is restarting, and terminate_child calls the retry off", () =>
    play(async (self) => {
      const nursery = new Nursery();
      let block = false;
      const spec: ChildSpec = {
        id: "a",
        start: async (own) => {
          if (!block) return (nursery.child("a").start as (self: Context) => Pid)(own);
          block = false;
          // Requests that come while this start is going on wait before the retry.
          await pause(own, 50);
          throw new Exit("cannot");
        },
      };
      const supervisor = await begin(self, { intensity: 10, children: [spec] });
      block = true;
      self.send(await pidOf(self, supervisor, "a"), { exit: "x" });
      await pause(self);
      const ask = (request: unknown) => GenServer.sendRequest(self, supervisor, request);
      const requests = [
        ask(atom("which_children")),
        ask(tuple(atom("restart_child"), "a")),
        ask(tuple(atom("delete_child"), "a")),
        ask(tuple(atom("terminate_child"), "a")),
      ];
      const answers: string[] = [];
      for (const id of requests) {
        const response = await GenServer.receiveResponse(self, id);
        answers.push(formatTerm(response.type === "reply" ? response.reply : response));
      }
      expect(answers).toEqual([
        '[{<<"a">>,restarting,worker,[]}]',
        "{error,restarting}",
        "{error,restarting}",
        "ok",
      ]);
      await pause(self, 100);
      expect(nursery.take()).toEqual(["+a"]);
      expect(await Supervisor.whichChildren(self, supervisor)).toMatchObject([{ id: "a", pid: undefined }]);
    }));

  it("S196: the retry is for the child whose start failed: rest_for_one goes on from it, one_for_all does everything again", () =>
    play(async (self) => {
      for (const [strategy, expected] of [
        ["rest_for_one", ["-c", "-b", "+a", "!b", "+b", "+c"]],
        ["one_for_all", ["-c", "-b", "+a", "!b", "-a", "+a", "+b", "+c"]],
      ] as const) {
        const nursery = new Nursery();
        const children = ["a", "b", "c"].map((id) => nursery.child(id));
        const supervisor = await begin(self, { strategy, intensity: 5, children });
        nursery.take();
        nursery.failures.set("b", 1);
        await end(self, supervisor, "a", "x");
        expect(nursery.take()).toEqual(expected);
      }
    }));
});

describe("management", () => {
  it("S197: an id that runs is already_started, one that is stopped already_present; a failed start leaves nothing", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, { children: [nursery.child("a")] });
      const a = await pidOf(self, supervisor, "a");
      expect(await Supervisor.startChild(self, supervisor, nursery.child("a"))).toEqual({
        type: "error",
        reason: tuple("already_started", a),
      });
      await Supervisor.terminateChild(self, supervisor, "a");
      expect(await Supervisor.startChild(self, supervisor, nursery.child("a"))).toEqual({
        type: "error",
        reason: "already_present",
      });
      nursery.failures.set("b", 1);
      const failed = await Supervisor.startChild(self, supervisor, nursery.child("b"));
      expect(failed.type === "error" && formatTerm(failed.reason)).toBe(
        '{<<"cannot">>,{child,undefined,<<"b">>,undefined,permanent,false,5000,worker,[]}}',
      );
      expect(await ids(self, supervisor)).toEqual(["a"]);
    }));

  it("S198: terminate_child is ok, also when stopped already, or not_found; no restart, no count, the specification stays", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, { intensity: 0, children: [nursery.child("a")] });
      for (let i = 0; i < 2; i++)
        expect(await Supervisor.terminateChild(self, supervisor, "a")).toEqual({ type: "ok" });
      expect(await Supervisor.terminateChild(self, supervisor, "b")).toEqual({
        type: "error",
        reason: "not_found",
      });
      expect(nursery.take()).toEqual(["+a", "-a"]);
      expect(await ids(self, supervisor)).toEqual(["a"]);
    }));

  it("S199: restart_child and delete_child want a stopped child; count_children counts", () =>
    play(async (self) => {
      const nursery = new Nursery();
      const supervisor = await begin(self, {
        children: [nursery.child("a"), nursery.child("s", { type: "supervisor" })],
      });
      const error = (reason: unknown) => ({ type: "error", reason });
      expect(await Supervisor.restartChild(self, supervisor, "a")).toEqual(error("running"));
      expect(await Supervisor.deleteChild(self, supervisor, "a")).toEqual(error("running"));
      expect(await Supervisor.restartChild(self, supervisor, "b")).toEqual(error("not_found"));
      expect(await Supervisor.deleteChild(self, supervisor, "b")).toEqual(error("not_found"));
      await Supervisor.terminateChild(self, supervisor, "a");
      expect(await Supervisor.countChildren(self, supervisor)).toEqual({
        specs: 2,
        active: 1,
        supervisors: 1,
        workers: 1,
      });
      nursery.failures.set("a", 1);
      expect(await Supervisor.restartChild(self, supervisor, "a")).toEqual(error("cannot"));
      expect(await Supervisor.restartChild(self, supervisor, "a")).toMatchObject({ type: "ok" });
      await Supervisor.terminateChild(self, supervisor, "a");
      expect(await Supervisor.deleteChild(self, supervisor, "a")).toEqual({ type: "ok" });
      expect(await ids(self, supervisor)).toEqual(["s"]);
    }));

  it("S200: a start that says ignore is kept without a pid; a temporary one is not kept", () =>
    play(async (self) => {
      const ignoring = (id: string, restart: Supervisor.RestartType): ChildSpec => ({
        id,
        restart,
        start: () => ({ type: "ignore" }),
      });
      const supervisor = await begin(self, {
        children: [ignoring("a", "permanent"), ignoring("b", "temporary")],
      });
      expect(await Supervisor.startChild(self, supervisor, ignoring("c", "transient"))).toEqual({
        type: "ok",
        pid: undefined,
      });
      expect(await Supervisor.startChild(self, supervisor, ignoring("d", "temporary"))).toEqual({
        type: "ok",
        pid: undefined,
      });
      expect(await Supervisor.whichChildren(self, supervisor)).toMatchObject([
        { id: "c", pid: undefined },
        { id: "a", pid: undefined },
      ]);
    }));

  it("S201: significant children that end by themselves shut the supervisor down: the first, or the last of them", () =>
    play(async (self) => {
      for (const [autoShutdown, ends] of [
        ["any_significant", ["a"]],
        ["all_significant", ["a", "b"]],
      ] as const) {
        const nursery = new Nursery();
        const significant = { restart: "transient", significant: true } as const;
        const supervisor = await begin(self, {
          autoShutdown,
          children: [nursery.child("a", significant), nursery.child("b", significant), nursery.child("c")],
        });
        for (const id of ends) {
          expect(self.runtime.isAlive(supervisor)).toBe(true);
          await end(self, supervisor, id, "normal");
        }
        expect(await self.receive()).toMatchObject({ type: "exit", from: supervisor, reason: "shutdown" });
      }
    }));

  it("S202: significant with permanent or without auto shutdown is refused; terminate_child does not trigger it", () =>
    play(async (self) => {
      self.trapExit = true;
      const nursery = new Nursery();
      const refused = async (spec: SupervisorSpec): Promise<string> => {
        const result = await Supervisor.start(self, spec);
        return formatTerm(result.type === "error" ? result.reason : result.type);
      };
      expect(
        await refused({ children: [nursery.child("a", { significant: true, restart: "transient" })] }),
      ).toBe('{<<"start_spec">>,{bad_combination,[{auto_shutdown,never},{significant,true}]}}');
      expect(
        await refused({
          autoShutdown: "any_significant",
          children: [nursery.child("a", { significant: true })],
        }),
      ).toBe('{<<"start_spec">>,{bad_combination,[{restart,permanent},{significant,true}]}}');
      const supervisor = await begin(self, {
        autoShutdown: "any_significant",
        children: [nursery.child("a", { significant: true, restart: "transient" })],
      });
      await Supervisor.terminateChild(self, supervisor, "a");
      await pause(self);
      expect(await ids(self, supervisor)).toEqual(["a"]);
    }));
});

describe("simple_one_for_one", () => {
  async function pool(
    self: Context,
    options: Partial<ChildSpec> = {},
    flags: SupervisorSpec = {},
  ): Promise<{ supervisor: Pid; started: unknown[][] }> {
    const started: unknown[][] = [];
    const kind: ChildSpec = {
      id: "kind",
      start: ((own: Context, ...args: unknown[]) => {
        started.push(args);
        if (args[0] === "fail" && started.length > 1) throw new Exit("cannot");
        if (args[0] === "ignore") return { type: "ignore" };
        return own.spawnLink(async (child) => {
          child.trapExit = true;
          const message = (await child.receive()) as { exit?: unknown; type?: string; reason?: unknown };
          if (message.type === "exit" && typeof args[1] === "number") await pause(child, args[1]);
          child.exit(message.type === "exit" ? message.reason : message.exit);
        });
      }) as ChildSpec["start"],
      ...options,
    };
    return {
      supervisor: await begin(self, { strategy: "simple_one_for_one", ...flags, children: [kind] }),
      started,
    };
  }
  async function startOne(self: Context, supervisor: Pid, args: readonly unknown[]): Promise<Pid> {
    const result = await Supervisor.startChild(self, supervisor, args);
    if (result.type !== "ok" || result.pid === undefined) throw new Error(formatTerm(result));
    return result.pid;
  }

  it("S203: starts with no child, appends arguments, and addresses children by pid", () =>
    play(async (self) => {
      const { supervisor, started } = await pool(self);
      expect(await Supervisor.whichChildren(self, supervisor)).toEqual([]);
      const first = await startOne(self, supervisor, ["x"]);
      const second = await startOne(self, supervisor, ["y", 1]);
      expect(started).toEqual([["x"], ["y", 1]]);
      expect(await Supervisor.whichChildren(self, supervisor)).toMatchObject([
        { id: undefined, pid: first },
        { id: undefined, pid: second },
      ]);
      const error = (reason: unknown) => ({ type: "error", reason });
      expect(await Supervisor.restartChild(self, supervisor, first)).toEqual(error("simple_one_for_one"));
      expect(await Supervisor.deleteChild(self, supervisor, first)).toEqual(error("simple_one_for_one"));
      expect(await Supervisor.terminateChild(self, supervisor, "kind")).toEqual(error("simple_one_for_one"));
      expect(await Supervisor.terminateChild(self, supervisor, self.pid)).toEqual(error("not_found"));
      expect(await Supervisor.terminateChild(self, supervisor, first)).toEqual({ type: "ok" });
      expect(await Supervisor.terminateChild(self, supervisor, first)).toEqual({ type: "ok" });
      expect(await Supervisor.countChildren(self, supervisor)).toEqual({
        specs: 1,
        active: 1,
        supervisors: 0,
        workers: 1,
      });
    }));

  it("S203: restarts a child with its own arguments, and tries again when that fails", () =>
    play(async (self) => {
      const { supervisor, started } = await pool(self, {}, { intensity: 5 });
      const pid = await startOne(self, supervisor, ["x"]);
      self.send(pid, { exit: "boom" });
      await pause(self);
      expect(started).toEqual([["x"], ["x"]]);
      const again = await pool(self, {}, { intensity: 2 });
      self.send(await startOne(self, again.supervisor, ["fail"]), { exit: "boom" });
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "shutdown" });
      expect(again.started).toEqual([["fail"], ["fail"], ["fail"]]);
    }));

  it("S204: its children are shut down all at once with one time limit", () =>
    play(async (self, { environment }) => {
      const { supervisor } = await pool(self, { shutdown: 300 });
      for (const lingerMs of [100, 200, 10_000, 10_000]) await startOne(self, supervisor, ["x", lingerMs]);
      const before = environment.now();
      self.exitSignal(supervisor, "shutdown");
      await self.receive();
      expect(environment.now() - before).toBe(300);
    }));

  it("S200: a start that says ignore is not kept", () =>
    play(async (self) => {
      const { supervisor } = await pool(self);
      expect(await Supervisor.startChild(self, supervisor, ["ignore"])).toEqual({
        type: "ok",
        pid: undefined,
      });
      expect(await Supervisor.whichChildren(self, supervisor)).toEqual([]);
    }));
});
