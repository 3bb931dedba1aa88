import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import {
  type EventHandler,
  GenEvent,
  handled,
  handledCall,
  removeHandler,
  Sys,
  swapHandler,
} from "../../../host/otp/index.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import { atom, formatTerm, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const pause = (self: Context, timeoutMs = 1): Promise<unknown> => self.receive(() => false, { timeoutMs });

/** A handler that keeps and notes what it sees. */
function keeper(name: string, notes: string[]): EventHandler<unknown[], unknown> {
  return {
    name,
    init: (args) => {
      notes.push(`${name} init ${formatTerm(args)}`);
      return [];
    },
    handleEvent: (event, all) => {
      notes.push(`${name} ${String(event)}`);
      if (event === "remove") return removeHandler();
      if (event === "crash") throw new RangeError("bad");
      if (event === "swap")
        return swapHandler("given up", all, keeper("other", notes) as never, "other args");
      return handled([...all, event]);
    },
    handleCall: (request, all) => (request === "crash" ? (7 as never) : handledCall([request, ...all], all)),
    handleInfo: (message, all) => {
      notes.push(`${name} info ${formatTerm(message)}`);
      return handled(all);
    },
    terminate: (end) => {
      notes.push(`${name} terminate ${end.type}`);
      return `${name} ended`;
    },
  };
}

async function begin(self: Context): Promise<{ manager: Pid; notes: string[] }> {
  return { manager: GenEvent.startedPid(await GenEvent.startLink(self)), notes: [] };
}

describe("an event manager", () => {
  it("shows each event to all handlers, the newest first", () =>
    play(async (self) => {
      const { manager, notes } = await begin(self);
      expect(await GenEvent.addHandler(self, manager, keeper("a", notes) as never, 1)).toEqual({
        type: "ok",
      });
      await GenEvent.addHandler(self, manager, { handler: keeper("a", notes) as never, id: 2 }, 2);
      GenEvent.notify(self, manager, "x");
      await GenEvent.syncNotify(self, manager, "y");
      expect(notes).toEqual(["a init 1", "a init 2", "a x", "a x", "a y", "a y"]);
      expect(await GenEvent.whichHandlers(self, manager)).toEqual([{ name: "a", id: 2 }, "a"]);
      expect(await GenEvent.call(self, manager, { name: "a", id: 2 }, "all")).toEqual(["all", "x", "y"]);
    }));

  it("calls one handler, tells of a missing one, and ends one that fails", () =>
    play(async (self) => {
      const { manager, notes } = await begin(self);
      await GenEvent.addHandler(self, manager, keeper("a", notes) as never);
      expect(await GenEvent.call(self, manager, "b", 1)).toEqual(tuple(atom("error"), atom("bad_module")));
      expect(await GenEvent.call(self, manager, "a", "crash")).toEqual(tuple(atom("error"), 7));
      expect(await GenEvent.whichHandlers(self, manager)).toEqual([]);
      expect(notes.at(-1)).toBe("a terminate error");
    }));

  it("deletes and swaps handlers, with what terminate gave", () =>
    play(async (self) => {
      const { manager, notes } = await begin(self);
      await GenEvent.addHandler(self, manager, keeper("a", notes) as never);
      expect(await GenEvent.deleteHandler(self, manager, "a", "bye")).toEqual({
        type: "ok",
        value: "a ended",
      });
      expect(await GenEvent.deleteHandler(self, manager, "a")).toEqual({
        type: "error",
        reason: "module_not_found",
      });
      await GenEvent.addHandler(self, manager, keeper("a", notes) as never);
      await GenEvent.swapHandler(self, manager, "a", "args", keeper("b", notes) as never, "others");
      expect(notes.at(-1)).toBe('b init {<<"others">>,<<"a ended">>}');
      await GenEvent.syncNotify(self, manager, "swap");
      expect(notes.at(-1)).toBe('other init {<<"other args">>,<<"b ended">>}');
      expect(await GenEvent.whichHandlers(self, manager)).toEqual(["other"]);
    }));

  it("goes on when a handler crashes or removes itself", () =>
    play(async (self) => {
      const { manager, notes } = await begin(self);
      for (const name of ["a", "b"]) await GenEvent.addHandler(self, manager, keeper(name, notes) as never);
      notes.length = 0;
      await GenEvent.syncNotify(self, manager, "crash");
      expect(notes).toEqual(["b crash", "b terminate error", "a crash", "a terminate error"]);
      expect(await GenEvent.whichHandlers(self, manager)).toEqual([]);
    }));

  it("tells the process that added a supervised handler of its end, and ends it with that process", () =>
    play(async (self) => {
      self.trapExit = true;
      const { manager, notes } = await begin(self);
      await GenEvent.addSupHandler(self, manager, keeper("a", notes) as never);
      await GenEvent.syncNotify(self, manager, "remove");
      expect(formatTerm(await self.receive())).toBe("{gen_event_EXIT,a,normal}");
      const owner = self.spawn(async (other) => {
        await GenEvent.addSupHandler(other, manager, keeper("b", notes) as never);
        other.exit("done");
      });
      await self.receiveTagged(self.monitor(owner));
      await pause(self);
      expect(notes.at(-1)).toBe("b terminate stop");
      expect(await GenEvent.whichHandlers(self, manager)).toEqual([]);
    }));

  it("gives other messages to handleInfo, and ends its handlers when it stops", () =>
    play(async (self) => {
      self.trapExit = true;
      const { manager, notes } = await begin(self);
      await GenEvent.addHandler(self, manager, keeper("a", notes) as never);
      self.send(manager, "hello");
      expect(formatTerm(await Sys.getState(self, manager))).toBe("[{a,false,[]}]");
      await GenEvent.stop(self, manager);
      expect(notes.slice(1)).toEqual(['a info <<"hello">>', "a terminate stop"]);
    }));

  it("adds handlers that a guest names, if it knows them", () =>
    play(async (self) => {
      const notes: string[] = [];
      const known = [keeper("a", notes) as never];
      const manager = GenEvent.startedPid(await GenEvent.startLink(self, { known }));
      const ask = async (request: unknown): Promise<unknown> => {
        self.send(manager, tuple(self.pid, tuple(self.pid, 1), request));
        return ((await self.receive()) as unknown[])[1];
      };
      expect(await ask(tuple(atom("add_handler"), atom("a"), 5))).toBe(atom("ok"));
      expect(formatTerm(await ask(tuple(atom("add_handler"), atom("x"), 5)))).toBe("{error,bad_module}");
      expect(await ask(atom("which_handlers"))).toEqual([atom("a")]);
    }));
});
