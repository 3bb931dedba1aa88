import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import type { Exit } from "../../../host/otp/exit.ts";
import { start, startLink } from "../../../host/otp/gen/start.ts";
import { SYSTEM } from "../../../host/otp/gen/wire.ts";
import { GenServer, type GenServerCallbacks, noreply, reply, Sys, started } from "../../../host/otp/index.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import { atom, formatTerm, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const pause = (self: Context, timeoutMs = 1): Promise<unknown> => self.receive(() => false, { timeoutMs });

async function startCounter(self: Context, more: Partial<GenServerCallbacks<number>> = {}): Promise<Pid> {
  const counter: GenServerCallbacks<number> = {
    init: (_args, server) => {
      server.trapExit = true;
      return started(0);
    },
    handleCall: (_request, _from, n) => reply(n, n + 1),
    handleCast: (by, n) => noreply(n + (by as number)),
    handleInfo: (_message, n) => noreply(n),
    ...more,
  };
  return GenServer.startedPid(await GenServer.startLink(self, counter, undefined));
}

describe("system messages", () => {
  it("S156: are {system, {Pid, Tag}, Request}, answered by {Tag, Reply}, in their place in the mailbox", () =>
    play(async (self) => {
      const server = await startCounter(self);
      GenServer.cast(self, server, 5);
      self.send(server, tuple(SYSTEM, tuple(self.pid, "tag"), atom("get_state")));
      GenServer.cast(self, server, 5);
      expect(await self.receive()).toEqual(tuple("tag", 5));
    }));

  it("S157: replaceState runs in the server; when it fails the state stays and the caller gets the error", () =>
    play(async (self) => {
      const server = await startCounter(self);
      expect(await Sys.replaceState(self, server, (n: number) => n + 41)).toBe(41);
      await expect(
        Sys.replaceState(self, server, () => {
          throw new RangeError("no");
        }),
      ).rejects.toMatchObject({ code: "E_CALLBACK_FAILED" });
      expect(await Sys.getState(self, server)).toBe(41);
    }));

  it("S158: suspended, only system messages are served; the rest waits in order; twice is fine", () =>
    play(async (self) => {
      const server = await startCounter(self);
      await Sys.suspend(self, server);
      await Sys.suspend(self, server);
      GenServer.cast(self, server, 1);
      await pause(self, 10);
      expect(await Sys.getState(self, server)).toBe(0);
      await Sys.resume(self, server);
      await Sys.resume(self, server);
      expect(await GenServer.call(self, server, "n")).toBe(1);
    }));

  it("S159: the parent's exit is served while suspended, ahead of what waits", () =>
    play(async (self) => {
      self.trapExit = true;
      const ends: unknown[] = [];
      const server = await startCounter(self, { terminate: (reason, n) => void ends.push(reason, n) });
      await Sys.suspend(self, server);
      GenServer.cast(self, server, 1);
      self.exitSignal(server, "enough");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "enough" });
      expect(ends).toEqual(["enough", 0]);
    }));

  it("S160: getStatus is {status, Pid, {module, M}, [Dictionary, running | suspended, Parent, Debug, Misc]}", () =>
    play(async (self) => {
      const server = await startCounter(self);
      await Sys.suspend(self, server);
      expect(formatTerm(await Sys.getStatus(self, server))).toBe(
        `{status,${server},{module,gen_server},[[],suspended,${self.pid},[],0]}`,
      );
    }));

  it("S161: changeCode works only while suspended", () =>
    play(async (self) => {
      const server = await startCounter(self, {
        codeChange: (old, n, extra) => n + (old as number) + (extra as number),
      });
      await expect(Sys.changeCode(self, server, 1, 2)).rejects.toMatchObject({ code: "E_CODE_CHANGE" });
      await Sys.suspend(self, server);
      await Sys.changeCode(self, server, 1, 2);
      expect(await Sys.getState(self, server)).toBe(3);
    }));

  it("S162: terminate runs terminate and exits; an unknown request is an error reply; the dead give noproc", () =>
    play(async (self) => {
      self.trapExit = true;
      const ends: unknown[] = [];
      const server = await startCounter(self, { terminate: (reason) => void ends.push(reason) });
      self.send(server, tuple(SYSTEM, tuple(self.pid, "tag"), atom("odd")));
      expect(formatTerm(await self.receive())).toBe('{<<"tag">>,{error,{unknown_system_msg,odd}}}');
      await Sys.terminate(self, server, "finished");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "finished" });
      expect(ends).toEqual(["finished"]);
      const failed = await Sys.getState(self, server).catch((error: unknown) => (error as Exit).reason);
      expect(formatTerm(failed)).toBe(`{<<"noproc">>,{sys,get_state,[${server}]}}`);
    }));

  it("traces, logs and counts, and calls functions that want to watch", () =>
    play(async (self, { runtime }) => {
      const server = await startCounter(self);
      const traced: string[] = [];
      runtime.subscribe((event) => {
        if (event.type === "report" && event.report.type === "trace") traced.push(event.report.event.type);
      });
      const watched: string[] = [];
      await Sys.trace(self, server, true);
      await Sys.log(self, server, 2);
      await Sys.statistics(self, server, true);
      const watch: Sys.DebugFunction = (seen, event) => {
        watched.push(event.type);
        return watched.length === 3 ? "done" : seen;
      };
      await Sys.install(self, server, watch, null);
      await GenServer.call(self, server, "n");
      GenServer.cast(self, server, 1);
      expect(await Sys.statistics(self, server, "get")).toMatchObject({ messagesIn: 2, messagesOut: 1 });
      expect(formatTerm(await Sys.log(self, server, "get"))).toBe("[{in,{'$gen_cast',1}},{noreply,2}]");
      expect(traced).toEqual(["in", "out", "in", "noreply"]);
      expect(watched).toEqual(["in", "out", "in"]);
      await Sys.noDebug(self, server);
      await GenServer.call(self, server, "n");
      expect(traced.length).toBe(4);
      expect(await Sys.statistics(self, server, "get")).toBeUndefined();
    }));
});

describe("starting with acknowledgement", () => {
  it("S16: waits for the acknowledgement; a death before it gives the reason, and no 'EXIT' is left over", () =>
    play(async (self, { environment }) => {
      self.trapExit = true;
      const before = environment.now();
      const result = await startLink(self, async (child, acknowledge) => {
        await pause(child, 100);
        acknowledge({ type: "ok", pid: child.pid });
        await child.receive();
      });
      expect(result).toMatchObject({ type: "ok" });
      expect(environment.now() - before).toBe(100);
      expect(await startLink(self, async (child) => child.exit("early"))).toEqual({
        type: "error",
        reason: "early",
      });
      expect(await startLink(self, async () => {})).toEqual({ type: "error", reason: "normal" });
      expect(await self.receive(undefined, { timeoutMs: 10 })).toBeUndefined();
    }));

  it("S16: a timeout kills the child", () =>
    play(async (self, { runtime }) => {
      self.trapExit = true;
      let child: Pid | undefined;
      const begin = (link: boolean) =>
        (link ? startLink : start)(
          self,
          async (own: Context) => {
            child = own.pid;
            await own.receive();
          },
          { timeoutMs: 50 },
        );
      for (const link of [true, false]) {
        expect(await begin(link)).toEqual({ type: "error", reason: "timeout" });
        expect(runtime.isAlive(child as Pid)).toBe(false);
      }
      expect(await self.receive(undefined, { timeoutMs: 10 })).toBeUndefined();
    }));
});
