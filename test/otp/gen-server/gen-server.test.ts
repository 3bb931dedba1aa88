import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import { Envelope } from "../../../host/otp/envelope.ts";
import { Exit } from "../../../host/otp/exit.ts";
import { GenServer, noreply, reply, Sys, started, stop, stopReply } from "../../../host/otp/index.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import { atom, formatTerm, ImproperList, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

type Callbacks<S> = GenServer.GenServerCallbacks<S>;

/** A server that keeps a list, which calls with text read and extend. */
const keeper: Callbacks<unknown[]> = {
  init: () => started([]),
  handleCall: (request, _from, all) => (request === "all" ? reply(all, all) : reply("ok", [...all, request])),
  handleCast: (message, all) => noreply([...all, message]),
  handleInfo: (message, all) => noreply([...all, message]),
};

async function startKeeper(self: Context): Promise<Pid> {
  return GenServer.startedPid(await GenServer.startLink(self, keeper, undefined));
}

/** The reason with which something exits. */
async function exitOf(act: Promise<unknown>): Promise<unknown> {
  try {
    await act;
  } catch (error) {
    if (error instanceof Exit) return error.reason;
    throw error;
  }
  throw new Error("it did not exit");
}

describe("calls", () => {
  it("S131: a call is {'$gen_call', {Caller, Tag}, Req}; with a limit the tag is [alias | Ref] and the answer goes to the alias, without one it is the monitor", () =>
    play(async (self) => {
      const seen: unknown[] = [];
      const server = self.spawn(async (server) => {
        for (;;) {
          const message = (await server.receive()) as unknown[];
          seen.push(message);
          GenServer.reply(server, message[1] as GenServer.From, "answer");
        }
      });
      expect(await GenServer.call(self, server, "limited")).toBe("answer");
      expect(await GenServer.call(self, server, "unlimited", Number.POSITIVE_INFINITY)).toBe("answer");
      const tags = seen.map((message) => ((message as unknown[])[1] as unknown[])[1]);
      expect(seen.map((m) => formatTerm((m as unknown[])[0]))).toEqual(["'$gen_call'", "'$gen_call'"]);
      expect(seen.map((m) => ((m as unknown[])[1] as unknown[])[0])).toEqual([self.pid, self.pid]);
      expect(tags[0]).toBeInstanceOf(ImproperList);
      expect(tags[0]).toMatchObject({ heads: [atom("alias")] });
      expect(tags[1]).toHaveProperty("number");
    }));

  it("S132: any tag is echoed, and anybody may reply, later too", () =>
    play(async (self) => {
      const server = GenServer.startedPid(
        await GenServer.startLink<GenServer.From[], undefined>(
          self,
          {
            init: () => started([]),
            handleCall: (_request, from, waiting, server) => {
              server.spawn(async (helper) => {
                await helper.receive(undefined, { timeoutMs: 50 });
                GenServer.reply(helper, from, "later");
              });
              return noreply(waiting);
            },
          },
          undefined,
        ),
      );
      expect(await GenServer.call(self, server, "x")).toBe("later");
      self.send(server, tuple(atom("$gen_call"), tuple(self.pid, tuple(1, "tag")), "x"));
      expect(await self.receive()).toEqual(tuple(tuple(1, "tag"), "later"));
    }));

  it("S133: a cast is {'$gen_cast', Msg} and always fine, also for the dead and unknown", () =>
    play(async (self) => {
      const dead = self.spawn(async () => {});
      GenServer.cast(self, self.pid, "hello");
      expect(await self.receive()).toEqual(tuple(atom("$gen_cast"), "hello"));
      GenServer.cast(self, dead, 1);
      GenServer.cast(self, "nobody", 1);
    }));

  it("S134: casts and messages are handled in arrival order; without handleInfo a message is reported and dropped", () =>
    play(async (self, { runtime }) => {
      const server = await startKeeper(self);
      GenServer.cast(self, server, 1);
      self.send(server, 2);
      GenServer.cast(self, server, 3);
      expect(await GenServer.call(self, server, "all")).toEqual([1, 2, 3]);
      const reports: unknown[] = [];
      runtime.subscribe((event) => event.type === "report" && reports.push(event.report));
      const { handleInfo: _, ...deaf } = keeper;
      const quiet = GenServer.startedPid(await GenServer.startLink(self, deaf, undefined));
      self.send(quiet, "what");
      expect(await GenServer.call(self, quiet, "all")).toEqual([]);
      expect(reports).toMatchObject([{ type: "unexpected", message: "what" }]);
    }));

  it("S135: when the limit is over the caller exits with {timeout, {gen_server, call, Args}} and the late reply vanishes", () =>
    play(async (self) => {
      const server = self.spawn(async (server) => {
        const message = (await server.receive()) as unknown[];
        await server.receive(undefined, { timeoutMs: 6000 });
        GenServer.reply(server, message[1] as GenServer.From, "late");
      });
      const reason = await exitOf(GenServer.call(self, server, "x"));
      expect(formatTerm(reason)).toBe(`{<<"timeout">>,{gen_server,call,[${server},<<"x">>]}}`);
      expect(await self.receive(undefined, { timeoutMs: 10_000 })).toBeUndefined();
    }));

  it("S136: a dead or unknown server gives noproc, one that dies meanwhile its reason, normal too", () =>
    play(async (self) => {
      const dead = self.spawn(async () => {});
      await self.receive(undefined, { timeoutMs: 10 });
      expect(await exitOf(GenServer.call(self, dead, 1))).toMatchObject([
        "noproc",
        [atom("gen_server"), atom("call"), [dead, 1]],
      ]);
      expect(await exitOf(GenServer.call(self, "nobody", 1, 100))).toMatchObject([
        "noproc",
        [{}, {}, [atom("nobody"), 1, 100]],
      ]);
      for (const [reason, infinite] of [
        ["normal", false],
        ["normal", true],
        [atom("boom"), false],
      ] as const) {
        const dying = self.spawn(async (server) => {
          await server.receive();
          server.exit(reason);
        });
        const call = GenServer.call(self, dying, 1, infinite ? Number.POSITIVE_INFINITY : 5000);
        expect(await exitOf(call)).toMatchObject([reason, [atom("gen_server"), atom("call"), {}]]);
      }
      expect(await self.receive(undefined, { timeoutMs: 10 })).toBeUndefined();
    }));

  it("S137: calling oneself exits with calling_self", () =>
    play(async (self) => {
      expect(await exitOf(GenServer.call(self, self.pid, 1))).toMatchObject(["calling_self", {}]);
      self.register("me");
      expect(await exitOf(GenServer.call(self, "me", 1))).toMatchObject(["calling_self", {}]);
    }));

  it("S138: a finished call leaves no message, no monitor, and the mailbox as it was", () =>
    play(async (self, { runtime }) => {
      const server = await startKeeper(self);
      self.send(self.pid, "waiting");
      await GenServer.call(self, server, 1);
      await GenServer.call(self, server, 1, Number.POSITIVE_INFINITY);
      expect(runtime.info(self.pid)).toMatchObject({ monitors: [], messageQueueLength: 1 });
      expect(await self.receive()).toBe("waiting");
    }));

  it("S139: requests are answered later; receiveResponse gives them up on timeout, waitResponse does not", () =>
    play(async (self, { runtime }) => {
      const server = await startKeeper(self);
      const first = GenServer.sendRequest(self, server, "all");
      expect(await GenServer.receiveResponse(self, first)).toEqual({ type: "reply", reply: [] });
      await Sys.suspend(self, server);
      const second = GenServer.sendRequest(self, server, "all");
      expect(await GenServer.waitResponse(self, second, 10)).toEqual({ type: "timeout" });
      const third = GenServer.sendRequest(self, server, "all");
      expect(await GenServer.receiveResponse(self, third, 10)).toEqual({ type: "timeout" });
      await Sys.resume(self, server);
      expect(await GenServer.waitResponse(self, second, 10)).toEqual({ type: "reply", reply: [] });
      expect(runtime.info(self.pid)).toMatchObject({ monitors: [], messageQueueLength: 0 });
      const checked = GenServer.sendRequest(self, server, "all");
      const message = await self.receive();
      expect(GenServer.checkResponse(self, "other", checked)).toBeUndefined();
      expect(GenServer.checkResponse(self, message, checked)).toEqual({ type: "reply", reply: [] });
      const dead = self.spawn(async () => {});
      await self.receive(undefined, { timeoutMs: 10 });
      const lost = GenServer.sendRequest(self, dead, 1);
      expect(await GenServer.receiveResponse(self, lost)).toEqual({
        type: "error",
        reason: "noproc",
        server: dead,
      });
      const unknown = GenServer.sendRequest(self, "nobody", 1);
      expect(await GenServer.receiveResponse(self, unknown)).toMatchObject({
        type: "error",
        reason: "noproc",
      });
    }));

  it("S139: a collection gives the responses as they come, with their labels", () =>
    play(async (self) => {
      const server = await startKeeper(self);
      let requests = new GenServer.RequestCollection<string>();
      for (const label of ["a", "b"])
        requests = requests.add(GenServer.sendRequest(self, server, label), label);
      const labels: string[] = [];
      while (requests.size > 0) {
        const next = await requests.receive(self, 100);
        if (next === undefined || next === "timeout") throw new Error("no response");
        labels.push(next.label);
        requests = next.requests;
      }
      expect(labels).toEqual(["a", "b"]);
      expect(await requests.receive(self)).toBeUndefined();
    }));

  it("multiCall collects from the nodes that answer, and names the others", () =>
    play(async (self) => {
      GenServer.startedPid(await GenServer.startLink(self, keeper, undefined, { name: "keeper" }));
      const result = await GenServer.multiCall(self, ["nonode@nohost", "other@host"], "keeper", "all", 100);
      expect(result).toEqual({ replies: [{ node: "nonode@nohost", reply: [] }], badNodes: ["other@host"] });
    }));

  it("looks at no message that was there before the call", () =>
    play(async (self) => {
      const server = await startKeeper(self);
      // Whoever reads this message fails.
      const unreadable = {
        decode: () => {
          throw new Error("looked at");
        },
      };
      self.process.deliver(new Envelope("message", undefined, undefined, new Uint8Array(1), unreadable));
      expect(await GenServer.call(self, server, "all", Number.POSITIVE_INFINITY)).toEqual([]);
      expect(await GenServer.call(self, server, "all")).toEqual([]);
      await expect(self.receive(() => false, { timeoutMs: 0 })).rejects.toThrow(/looked at/);
    }));
});

describe("start and stop", () => {
  it("S140: start gives the pid, ignore, or why init failed", () =>
    play(async (self) => {
      self.trapExit = true;
      const begin = (init: () => unknown) => GenServer.start(self, { init } as Callbacks<unknown>, undefined);
      expect(await begin(() => started(1))).toMatchObject({ type: "ok" });
      expect(await begin(() => ({ type: "ignore" }))).toEqual({ type: "ignore" });
      expect(await begin(() => stop(atom("no")))).toEqual({ type: "error", reason: atom("no") });
      expect(
        await begin(() => {
          throw new Exit("gone");
        }),
      ).toEqual({ type: "error", reason: "gone" });
      expect(
        await begin(() => {
          throw new TypeError("oops");
        }),
      ).toMatchObject({ type: "error", reason: { type: "error", name: "TypeError" } });
      expect(await begin(() => 42)).toEqual({ type: "error", reason: tuple("bad_return_value", 42) });
      expect(
        await begin(() => {
          throw started(1);
        }),
      ).toMatchObject({ type: "ok" });
    }));

  it("S140: the same from outside of all processes", () =>
    play(async (_self, { runtime }) => {
      const begin = (init: () => unknown) =>
        GenServer.start(runtime, { init } as Callbacks<unknown>, undefined);
      expect(await begin(() => started(1))).toMatchObject({ type: "ok" });
      expect(await begin(() => ({ type: "ignore" }))).toEqual({ type: "ignore" });
      expect(await begin(() => stop(atom("no")))).toEqual({ type: "error", reason: atom("no") });
    }));

  it("S141: start waits for init; with a limit the child is killed", () =>
    play(async (self, { runtime, environment }) => {
      self.trapExit = true;
      const slow: Callbacks<number> = {
        init: async (_args, server) => {
          await server.receive(undefined, { timeoutMs: 500 });
          return started(1);
        },
      };
      const before = environment.now();
      expect(await GenServer.startLink(self, slow, undefined)).toMatchObject({ type: "ok" });
      expect(environment.now() - before).toBeGreaterThanOrEqual(500);
      const count = runtime.processes().length;
      expect(await GenServer.startLink(self, slow, undefined, { timeoutMs: 100 })).toEqual({
        type: "error",
        reason: "timeout",
      });
      expect(runtime.processes().length).toBe(count);
      expect(await self.receive(undefined, { timeoutMs: 1000 })).toBeUndefined();
    }));

  it("S142: after a failed start_link the exit comes as well; ignore is harmless", () =>
    play(async (self) => {
      self.trapExit = true;
      await GenServer.startLink(self, { init: () => stop(atom("no")) } as Callbacks<unknown>, undefined);
      expect(await self.receive(undefined, { timeoutMs: 10 })).toMatchObject({
        type: "exit",
        reason: atom("no"),
      });
      const plain = self.spawn(async (child) => {
        await GenServer.startLink(child, { init: () => stop("no") } as Callbacks<unknown>, undefined);
        await child.receive();
      });
      const ref = self.monitor(plain);
      expect(await self.receiveTagged(ref)).toMatchObject({ reason: "no" });
      const careless = self.spawn(async (child) => {
        await GenServer.startLink(
          child,
          { init: () => ({ type: "ignore" }) } as Callbacks<unknown>,
          undefined,
        );
        child.exit("fine");
      });
      expect(await self.receiveTagged(self.monitor(careless))).toMatchObject({ reason: "fine" });
    }));

  it("startMonitor gives a monitor instead of a link, makes the starter the parent, and leaves no DOWN of a start that failed", () =>
    play(async (self) => {
      const failed = await GenServer.startMonitor(self, { init: () => stop("boom") }, undefined);
      expect(failed).toEqual({ type: "error", reason: "boom" });
      expect(self.process.mailbox.length).toBe(0);
      const trapping = {
        init: (_: undefined, server: Context) => {
          server.trapExit = true;
          return started(0);
        },
      };
      const result = await GenServer.startMonitor(self, trapping, undefined);
      if (result.type !== "ok") throw new Error("it did not start");
      expect(self.runtime.info(result.pid)?.links).toEqual([]);
      self.exitSignal(result.pid, "over");
      expect(await self.receive()).toMatchObject({ type: "down", ref: result.ref, reason: "over" });
    }));

  it("S143: the name is taken before init runs, and a taken one never calls init", () =>
    play(async (self) => {
      let known: unknown;
      const callbacks: Callbacks<number> = {
        init: (_args, server) => {
          known = server.whereis("named");
          return started(1);
        },
      };
      const first = GenServer.startedPid(
        await GenServer.start(self, callbacks, undefined, { name: "named" }),
      );
      expect(known).toBe(first);
      known = "untouched";
      expect(await GenServer.start(self, callbacks, undefined, { name: "named" })).toEqual({
        type: "error",
        reason: tuple("already_started", first),
      });
      expect(known).toBe("untouched");
    }));

  it("S144: stop waits for the end and is fine only if that was for the reason asked for", () =>
    play(async (self) => {
      self.trapExit = true;
      const server = await startKeeper(self);
      await Sys.suspend(self, server);
      await GenServer.stop(self, server);
      expect(self.runtime.isAlive(server)).toBe(false);
      expect(await exitOf(GenServer.stop(self, server))).toBe("noproc");
      const stubborn: Callbacks<number> = {
        init: () => started(1),
        terminate: (_reason, _state, server) => server.exit("otherwise"),
      };
      const other = GenServer.startedPid(await GenServer.start(self, stubborn, undefined));
      expect(await exitOf(GenServer.stop(self, other, { reason: "shutdown" }))).toBe("otherwise");
      const deaf = self.spawn(async (child) => void (await child.receive(() => false)));
      expect(await exitOf(GenServer.stop(self, deaf, { timeoutMs: 50 }))).toBe("timeout");
    }));

  it("S145: {stop, R, Reply, S} runs terminate before the reply goes out", () =>
    play(async (self) => {
      self.trapExit = true;
      const order: string[] = [];
      const server = GenServer.startedPid(
        await GenServer.startLink<number, undefined>(
          self,
          {
            init: () => started(1),
            handleCall: (_request, _from, state) => stopReply("normal", "bye", state),
            terminate: () => void order.push("terminate"),
          },
          undefined,
        ),
      );
      order.push(await GenServer.call(self, server, 1));
      expect(order).toEqual(["terminate", "bye"]);
    }));

  it.each([
    ["S146: {stop, R, S} ends with exactly R", () => stop("why", 1), undefined, "why"],
    [
      "S146: a crash of terminate wins",
      () => stop("why", 1),
      () => {
        throw new Exit("worse");
      },
      "worse",
    ],
    [
      "S150: any other return is a bad_return_value",
      () => "what",
      undefined,
      tuple("bad_return_value", "what"),
    ],
    [
      "S150: a thrown value counts as returned",
      () => {
        throw "what";
      },
      undefined,
      tuple("bad_return_value", "what"),
    ],
    [
      "S150: a reply from handleInfo is a bad return",
      () => reply(1, 1),
      undefined,
      { 0: "bad_return_value" },
    ],
  ])("%s", (_name, handleInfo, terminate, reason) =>
    play(async (self) => {
      self.trapExit = true;
      const callbacks = {
        init: () => started(1),
        handleInfo,
        ...(terminate === undefined ? {} : { terminate }),
      };
      const server = GenServer.startedPid(
        await GenServer.startLink(self, callbacks as Callbacks<number>, undefined),
      );
      self.send(server, "go");
      expect(await self.receive()).toMatchObject({ type: "exit", from: server, reason });
    }),
  );

  it("S147: terminate is called after a stop, a crash, and for the parent's exit if trapping; S148: not for a kill, nor without trapping", () =>
    play(async (self) => {
      self.trapExit = true;
      const ends: unknown[] = [];
      const begin = async (trap: boolean): Promise<Pid> => {
        const callbacks: Callbacks<number> = {
          init: (_args, server) => {
            server.trapExit = trap;
            return started(1);
          },
          handleInfo: (message, state) => {
            if (message === "crash") throw new RangeError("bad");
            if (message === "exit") throw new Exit("left");
            return stop("stopped", state);
          },
          terminate: (reason) => void ends.push(reason),
        };
        return GenServer.startedPid(await GenServer.startLink(self, callbacks, undefined));
      };
      const end = async (trap: boolean, act: (pid: Pid) => void): Promise<unknown> => {
        const pid = await begin(trap);
        act(pid);
        const exit = (await self.receive()) as { reason: unknown };
        return exit.reason;
      };
      await end(false, (pid) => self.send(pid, "stop"));
      await end(false, (pid) => self.send(pid, "crash"));
      await end(false, (pid) => self.send(pid, "exit"));
      await end(true, (pid) => self.exitSignal(pid, "parent"));
      expect(ends).toMatchObject(["stopped", { type: "error", name: "RangeError" }, "left", "parent"]);
      ends.length = 0;
      expect(await end(true, (pid) => self.exitSignal(pid, "kill"))).toBe("killed");
      expect(await end(false, (pid) => self.exitSignal(pid, "boom"))).toBe("boom");
      expect(ends).toEqual([]);
    }));

  it("S149: trapping, the parent's exit stops the server, even normal; exits of others reach handleInfo", () =>
    play(async (self) => {
      self.trapExit = true;
      const seen: unknown[] = [];
      const callbacks: Callbacks<number> = {
        init: (_args, server) => {
          server.trapExit = true;
          return started(1);
        },
        handleInfo: (message, state) => {
          seen.push((message as { reason: unknown }).reason);
          return noreply(state);
        },
      };
      const server = GenServer.startedPid(await GenServer.startLink(self, callbacks, undefined));
      self.spawn(async (stranger) => void stranger.exitSignal(server, "stranger"));
      await self.receive(undefined, { timeoutMs: 10 });
      expect(seen).toEqual(["stranger"]);
      self.exitSignal(server, "normal");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "normal" });
      expect(seen).toEqual(["stranger"]);
    }));
});

describe("what follows a return", () => {
  /** Runs a server that notes what it handles; `next` says what a cast of a key leads to. */
  async function noting(
    self: Context,
    nexts: Record<string, GenServer.Next>,
  ): Promise<{ server: Pid; notes: unknown[] }> {
    const notes: unknown[] = [];
    const callbacks: Callbacks<null> = {
      init: () => started(null),
      handleCast: (message, state) => {
        notes.push(message);
        return noreply(state, nexts[message as string]);
      },
      handleInfo: (message, state) => {
        notes.push(message === GenServer.TIMEOUT ? "timeout" : message);
        return noreply(state);
      },
      handleContinue: (content, state) => {
        notes.push(tuple("continue", content));
        return noreply(state);
      },
    };
    return { server: GenServer.startedPid(await GenServer.startLink(self, callbacks, undefined)), notes };
  }
  const pause = (self: Context, timeoutMs: number) => self.receive(() => false, { timeoutMs });

  it("S151: a timeout comes unless any message is first, which cancels it for good", () =>
    play(async (self) => {
      const { server, notes } = await noting(self, { soon: 100 });
      GenServer.cast(self, server, "soon");
      await pause(self, 50);
      self.send(server, "first");
      await pause(self, 1000);
      expect(notes).toEqual(["soon", "first"]);
      GenServer.cast(self, server, "soon");
      await pause(self, 1000);
      expect(notes).toEqual(["soon", "first", "soon", "timeout"]);
    }));

  it("S152: a timeout of 0 fires only if the mailbox is empty then", () =>
    play(async (self) => {
      const { server, notes } = await noting(self, { now: 0 });
      GenServer.cast(self, server, "now");
      GenServer.cast(self, server, "waiting");
      await pause(self, 10);
      expect(notes).toEqual(["now", "waiting"]);
      GenServer.cast(self, server, "now");
      await pause(self, 10);
      expect(notes).toEqual(["now", "waiting", "now", "timeout"]);
    }));

  it("S153: a system message starts the timeout anew", () =>
    play(async (self) => {
      const { server, notes } = await noting(self, { soon: 100 });
      GenServer.cast(self, server, "soon");
      await pause(self, 60);
      await Sys.getState(self, server);
      await pause(self, 60);
      expect(notes).toEqual(["soon"]);
      await pause(self, 60);
      expect(notes).toEqual(["soon", "timeout"]);
    }));

  it("S154: hibernate waits for the next message", () =>
    play(async (self) => {
      const { server, notes } = await noting(self, { sleep: "hibernate" });
      GenServer.cast(self, server, "sleep");
      await pause(self, 1000);
      self.send(server, "awake");
      await pause(self, 10);
      expect(notes).toEqual(["sleep", "awake"]);
    }));

  it("S155: continue runs before any message, and after the reply", () =>
    play(async (self) => {
      const notes: unknown[] = [];
      const callbacks: Callbacks<null> = {
        init: (_args, server) => {
          server.send(server.pid, "queued");
          return started(null, { continue: "init" });
        },
        handleContinue: (content, state) => {
          notes.push(content);
          return noreply(state);
        },
        handleInfo: (message, state) => {
          notes.push(message);
          return noreply(state);
        },
        handleCall: (_request, _from, state, server) => {
          server.send(server.pid, "later");
          return reply("replied", state, { continue: "call" });
        },
      };
      const server = GenServer.startedPid(await GenServer.startLink(self, callbacks, undefined));
      await pause(self, 10);
      expect(notes).toEqual(["init", "queued"]);
      expect(await GenServer.call(self, server, 1)).toBe("replied");
      await pause(self, 10);
      expect(notes).toEqual(["init", "queued", "call", "later"]);
    }));

  it("S150: a time that is none is a bad return", () =>
    play(async (self) => {
      self.trapExit = true;
      const { server } = await noting(self, { odd: -1 });
      GenServer.cast(self, server, "odd");
      expect(await self.receive()).toMatchObject({ reason: { 0: "bad_return_value" } });
    }));
});
