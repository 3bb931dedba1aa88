// Supervisors of guests and of JavaScript, managed from either side: one wire.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createHost, type Host, type Program } from "../../host/index.ts";
import * as GenServer from "../../host/otp/gen-server/index.ts";
import { atom, type Context, Pid, type RuntimeEvent, tuple } from "../../host/otp/index.ts";
import type { Report } from "../../host/otp/reports.ts";
import * as Supervisor from "../../host/otp/supervisor/index.ts";

let host: Host;
let program: Program;
const printed: string[] = [];
const reports: Report[] = [];

beforeAll(async () => {
  host = await createHost({
    grants: "all",
    log: { level: "off" },
    write: (_stream, bytes) => printed.push(new TextDecoder().decode(bytes).trimEnd()),
  });
  program = await host.load(fileURLToPath(new URL("guests/trees.ts", import.meta.url)));
  host.runtime.subscribe((event: RuntimeEvent) => {
    if (event.type === "report") reports.push(event.report);
  });
}, 120_000);
afterAll(() => host.close());
beforeEach(() => {
  printed.length = 0;
  reports.length = 0;
});

/** Runs a JavaScript process to its end, and ends what it left; what it throws fails the test. */
async function inProcess(run: (self: Context) => Promise<unknown>): Promise<void> {
  let error: unknown;
  const pid = host.runtime.spawn(async (self) => {
    self.trapExit = true;
    await run(self).catch((caught) => {
      error = caught;
    });
  });
  await host.exited(pid);
  if (error !== undefined) throw error;
  for (const left of host.runtime.processes()) host.kill(left);
}

const ok = { type: "ok" } as const;
const failed = (reason: unknown) => ({ type: "error", reason }) as const;

/** The supervisor of that entry, when its children are up. */
async function supervisor(self: Context, entry: string): Promise<Pid> {
  const pid = host.spawn(program, entry, { link: self });
  await Supervisor.countChildren(self, pid);
  return pid;
}

async function child(self: Context, of: Pid, id: unknown): Promise<Pid> {
  const found = (await Supervisor.whichChildren(self, of)).find((known) => known.id === id);
  return found?.pid as Pid;
}

const who = (self: Context, pid: Pid) => GenServer.call(self, pid, atom("who"));

describe("JavaScript manages a guest's supervisor", () => {
  test("counts, lists, stops, starts, forgets and adds children", () =>
    inProcess(async (self) => {
      const tree = await supervisor(self, "tree");
      expect(await Supervisor.countChildren(self, tree)).toEqual({
        specs: 3,
        active: 3,
        supervisors: 0,
        workers: 3,
      });
      const listed = await Supervisor.whichChildren(self, tree);
      expect(listed.map(({ id, type }) => [id, type])).toEqual([
        [atom("three"), "worker"],
        ["two", "worker"],
        ["one", "worker"],
      ]);
      expect(await who(self, await child(self, tree, "two"))).toBe("zwei");
      expect(await Supervisor.deleteChild(self, tree, "one")).toEqual(failed("running"));
      expect(await Supervisor.terminateChild(self, tree, "one")).toEqual(ok);
      expect(await Supervisor.restartChild(self, tree, "two")).toEqual(failed("running"));
      expect(await Supervisor.restartChild(self, tree, "one")).toMatchObject(ok);
      expect(await Supervisor.terminateChild(self, tree, "one")).toEqual(ok);
      expect(await Supervisor.deleteChild(self, tree, "one")).toEqual(ok);
      expect(await Supervisor.deleteChild(self, tree, "one")).toEqual(failed("not_found"));
      expect(await Supervisor.terminateChild(self, tree, atom("three"))).toEqual(ok);
      expect(await Supervisor.restartChild(self, tree, atom("three"))).toEqual(failed("not_found"));
      const spec = {
        id: 4,
        start: tuple(atom("x"), atom("named"), ["vier"]),
        shutdown: Number.POSITIVE_INFINITY,
      };
      const added = await Supervisor.startChild(self, tree, spec);
      expect(added).toMatchObject(ok);
      expect(await who(self, (added as { pid: Pid }).pid)).toBe("vier");
      expect(await Supervisor.startChild(self, tree, spec)).toMatchObject({
        reason: ["already_started", (added as { pid: Pid }).pid],
      });
      expect(await Supervisor.getChildSpec(self, tree, 4)).toMatchObject({
        id: 4,
        restart: "permanent",
        shutdown: Number.POSITIVE_INFINITY,
        type: "worker",
        significant: false,
      });
      expect(await Supervisor.getChildSpec(self, tree, 5)).toBeUndefined();
    }));

  test("hears what is wrong with a specification in OTP's words", () =>
    inProcess(async (self) => {
      const tree = await supervisor(self, "tree");
      const start = "worker";
      const refusal = async (spec: object) => {
        const result = await Supervisor.startChild(self, tree, spec as Supervisor.ChildSpecTerm);
        const { reason } = result as { reason: unknown };
        return Array.isArray(reason) ? reason[0] : reason;
      };
      expect(await refusal({ start })).toBe("missing_id");
      expect(await refusal({ id: 1 })).toBe("missing_start");
      expect(await refusal({ id: 1, start: 7 })).toBe("invalid_mfa");
      expect(await refusal({ id: 1, start: tuple(atom("$start"), -1, 2n ** 70n, 0, 0) })).toBe("invalid_mfa");
      expect(await refusal({ id: 1, start, restart: "always" })).toBe("invalid_restart_type");
      expect(await refusal({ id: 1, start, significant: 1 })).toBe("invalid_significant");
      expect(await refusal({ id: 1, start, significant: true })).toBe("bad_combination");
      expect(await refusal({ id: 1, start, type: "boss" })).toBe("invalid_child_type");
      expect(await refusal({ id: 1, start, shutdown: -1 })).toBe("invalid_shutdown");
      expect(await refusal({ id: 1, start, shutdown: 2 ** 40 })).toBe("invalid_shutdown");
      expect(await refusal({ id: 1, start, modules: 1 })).toBe("invalid_modules");
      expect(await GenServer.call(self, tree, atom("dance"))).toEqual(
        tuple(atom("error"), tuple(atom("unknown_request"), atom("dance"))),
      );
      expect((await Supervisor.countChildren(self, tree)).specs).toBe(3);
    }));

  test("starts and stops children of a dynamic one", () =>
    inProcess(async (self) => {
      const pool = await supervisor(self, "dynamic");
      const ada = (await Supervisor.startChild(self, pool, ["Ada"])) as { pid: Pid };
      const joe = (await Supervisor.startChild(self, pool, ["Joe"])) as { pid: Pid };
      expect(await who(self, ada.pid)).toBe("Ada");
      expect(await Supervisor.startChild(self, pool, ["refuses"])).toEqual(failed("not_today"));
      expect(await Supervisor.startChild(self, pool, ["ignored"])).toEqual({ type: "ok", pid: undefined });
      // An abnormal end: it comes back under the same argument, as another process.
      const ref = self.monitor(ada.pid);
      await GenServer.call(self, ada.pid, atom("crash")).catch(() => {});
      await self.receiveTagged(ref);
      const listed = await Supervisor.whichChildren(self, pool);
      expect(listed.map(({ id }) => id)).toEqual([undefined, undefined]);
      const names: unknown[] = [];
      for (const { pid } of listed) names.push(await who(self, pid as Pid));
      expect(names).toEqual(["Joe", "Ada"]);
      expect(await Supervisor.terminateChild(self, pool, joe.pid)).toEqual(ok);
      expect(await Supervisor.terminateChild(self, pool, "kind")).toEqual(failed("simple_one_for_one"));
      expect(await Supervisor.countChildren(self, pool)).toEqual({
        specs: 1,
        active: 1,
        supervisors: 0,
        workers: 1,
      });
    }));
});

describe("a guest's supervisor", () => {
  const end = async (self: Context, pid: Pid, reason: unknown) => {
    await GenServer.call(self, pid, reason).catch(() => {});
  };

  test("ends with its significant children, the first or the last of them", () =>
    inProcess(async (self) => {
      const any = await supervisor(self, "anySignificant");
      const ended = self.monitor(any);
      await end(self, await child(self, any, "one"), atom("normal"));
      expect(await self.receiveTagged(ended)).toMatchObject({ reason: "shutdown" });

      const all = await supervisor(self, "allSignificant");
      const last = self.monitor(all);
      await end(self, await child(self, all, "one"), atom("crash"));
      expect((await Supervisor.countChildren(self, all)).specs).toBe(2);
      await end(self, await child(self, all, "two"), atom("shutdown"));
      expect(await self.receiveTagged(last)).toMatchObject({ reason: "shutdown" });

      const bad = host.spawn(program, "badSignificant");
      expect(await self.receiveTagged(self.monitor(bad))).toMatchObject({
        reason: ["start_spec", expect.stringContaining("bad_combination")],
      });
    }));

  test("ends its children in reverse order, supervisors with theirs, and kills who takes too long", () =>
    inProcess(async (self) => {
      const outer = await supervisor(self, "nested");
      expect((await Supervisor.countChildren(self, outer)).supervisors).toBe(1);
      const inner = await child(self, outer, "inner");
      const leaf = await child(self, inner, "leaf");
      const stubborn = await child(self, inner, "stubborn");
      const ended: unknown[] = [];
      const refs = [outer, inner, leaf, stubborn].map((pid) => self.monitor(pid));
      self.exitSignal(outer, "shutdown");
      for (const ref of refs) ended.push(((await self.receiveTagged(ref)) as { reason: unknown }).reason);
      expect(ended).toEqual(["shutdown", "shutdown", "shutdown", "killed"]);
      expect(reports.filter(({ type }) => type === "supervisor")).toMatchObject([
        { context: "shutdown_error", reason: "killed", child: { id: "stubborn", shutdown: 20 } },
      ]);
    }));

  test("that cannot start all its children ends those it has, and says why", () =>
    inProcess(async (self) => {
      const pid = host.spawn(program, "failsToStart");
      expect(await self.receiveTagged(self.monitor(pid))).toMatchObject({
        reason: ["shutdown", [atom("failed_to_start_child"), "bad", atom("not_today")]],
      });
      expect(host.runtime.processes()).toEqual([self.pid]);
    }));

  test("reports its children's starts and ends into the host's stream of events", () =>
    inProcess(async (self) => {
      const tree = await supervisor(self, "tree");
      expect(reports).toMatchObject([
        { type: "progress", supervisor: tree, child: { id: "one", restart: "permanent", shutdown: 5000 } },
        { type: "progress", child: { id: "two", restart: "transient", shutdown: 100 } },
        { type: "progress", child: { id: atom("three"), restart: "temporary", shutdown: "brutal_kill" } },
      ]);
      reports.length = 0;
      const old = await child(self, tree, "one");
      const ref = self.monitor(old);
      self.exitSignal(old, "crash");
      await self.receiveTagged(ref);
      expect((await child(self, tree, "one")).equals(old)).toBe(false);
      expect(reports).toMatchObject([
        { type: "supervisor", context: "child_terminated", reason: "crash", child: { id: "one", pid: old } },
        { type: "progress", child: { id: "one" } },
      ]);
    }));

  test("keeps a process that JavaScript makes as a child, linked with it, and tries again when it cannot be had", () =>
    inProcess(async (self) => {
      let asked = 0;
      const factory = self.spawn(async (maker) => {
        maker.register("factory");
        for (;;) {
          const [, from] = (await maker.receive()) as [unknown, Pid];
          asked++;
          const isReady = asked !== 2 && asked !== 3;
          const made = isReady ? maker.spawn((worker) => worker.receive()) : undefined;
          maker.send(from, tuple(atom("made"), made));
        }
      });
      const tree = await supervisor(self, "adopts");
      const first = await child(self, tree, "made");
      expect(host.info(first)?.links).toEqual([tree]);
      const ref = self.monitor(first);
      self.exitSignal(first, "crash");
      await self.receiveTagged(ref);
      const seen = new Set<unknown>();
      let second = await child(self, tree, "made");
      for (; !(second instanceof Pid); second = await child(self, tree, "made")) seen.add(second);
      expect(seen).toEqual(new Set(["restarting"]));
      expect(second.equals(first)).toBe(false);
      expect(asked).toBe(4);
      expect(reports.map((report) => (report.type === "supervisor" ? report.context : report.type))).toEqual([
        "progress",
        "child_terminated",
        "start_error",
        "start_error",
        "progress",
      ]);
      self.exitSignal(factory, "kill");
    }));
});

describe("a guest manages", () => {
  const run = async (entry: string, args: unknown) =>
    expect(await host.exited(host.spawn(program, entry, { args }))).toBe("normal");

  test("a guest's supervisor", () =>
    inProcess(async (self) => {
      await run("manager", await supervisor(self, "tree"));
      expect(printed).toEqual([
        "counts 3 3 0 3",
        "three true",
        '<<"two">> true',
        '<<"one">> true',
        "terminate ok",
        "delete two running",
        "restart ok",
        "restart again running",
        "terminate ok, delete ok",
        "nobody not_found",
        "start ok",
        "refused not_today",
        "ignored ignored",
        "exported ok",
        "a map ok",
        expect.stringContaining("brutal_kill"),
        "no spec true",
      ]);
    }));

  test("a guest's dynamic supervisor, and JavaScript's in the same way", () =>
    inProcess(async (self) => {
      await run("dynamicManager", await supervisor(self, "dynamic"));
      const ofGuest = [...printed];
      printed.length = 0;
      const started = await Supervisor.startLink(self, {
        strategy: "simple_one_for_one",
        children: [
          {
            id: "kind",
            restart: "transient",
            start: (own: Context, name: string) =>
              name === "refuses"
                ? { type: "error", reason: "not_today" }
                : host.spawn(program, "named", { link: own, args: name }),
          },
        ],
      });
      await run("dynamicManager", (started as { pid: Pid }).pid);
      expect(printed).toEqual(ofGuest);
      expect(printed).toEqual([
        "started ok ok",
        "refused not_today",
        "listed 2 active 2",
        "terminate ok ok",
        "restart simple_one_for_one, delete simple_one_for_one",
        "left 1",
      ]);
    }));

  test("JavaScript's static supervisor, and asks it for a specification whose start is a function", () =>
    inProcess(async (self) => {
      const started = await Supervisor.startLink(
        self,
        {
          intensity: 1,
          children: ["one", "two"].map((id) => ({
            id,
            start: (own: Context) => host.spawn(program, "worker", { link: own }),
          })),
        },
        {
          // What a guest's specification names: an exported function of its program, with its arguments.
          resolveStart: (start) => (own: Context) => {
            const [, entry, args] = start as unknown as [unknown, unknown, unknown[]];
            if (args[0] === "refuses") return { type: "error", reason: "not_today" };
            return host.spawn(program, typeof entry === "string" ? entry : "named", {
              link: own,
              args: args[0] ?? "x",
            });
          },
        },
      );
      const { pid } = started as { pid: Pid };
      expect(await host.exited(host.spawn(program, "specReader", { args: pid }))).toBe("normal");
      expect(printed).toEqual(["true permanent", "added ok", "ok"]);
    }));
});
