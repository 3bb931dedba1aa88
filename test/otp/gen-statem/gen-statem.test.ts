import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import { Exit } from "../../../host/otp/exit.ts";
import {
  cancelTimeout,
  GenServer,
  GenStatem,
  type GenStatemCallbacks,
  hibernate,
  initial,
  keepState,
  keepStateAndData,
  namedTimeout,
  nextEvent,
  nextState,
  postpone,
  repeatState,
  repeatStateAndData,
  replyTo,
  Sys,
  stateTimeout,
  stop,
  stopAndReply,
  timeout,
  updateTimeout,
} from "../../../host/otp/index.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import { atom, Float, formatTerm, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

type Result = GenStatem.StateResult<unknown, null>;
type Script = Record<string, (event: GenStatem.Event) => Result>;

const pause = (self: Context, timeoutMs = 1): Promise<unknown> => self.receive(() => false, { timeoutMs });

/** An event in short: its type and content. */
function note(event: GenStatem.Event): string {
  if (event.type === "enter") return `enter<${formatTerm(event.previous)}`;
  const name = event.type === "namedTimeout" ? ` ${String(event.name)}` : "";
  return `${event.type}${name} ${typeof event.content === "string" ? event.content : formatTerm(event.content)}`;
}

/** Starts a machine that does what `script` says for an event's content in text, and else keeps its state; it notes what it handles. */
async function scripted(
  self: Context,
  script: Script,
  options: { stateEnter?: boolean; actions?: GenStatem.Action[]; initial?: unknown } = {},
): Promise<{ machine: Pid; take: () => string[] }> {
  const notes: string[] = [];
  const callbacks: GenStatemCallbacks<unknown, null> = {
    init: () => initial(options.initial ?? "a", null, ...(options.actions ?? [])),
    stateEnter: options.stateEnter ?? false,
    handleEvent: (event, state) => {
      notes.push(`${typeof state === "string" ? state : formatTerm(state)}: ${note(event)}`);
      const key = event.type === "enter" ? `enter ${String(state)}` : String(event.content);
      return (script[`${String(state)} ${key}`] ?? script[key])?.(event) ?? keepStateAndData();
    },
  };
  const machine = GenStatem.startedPid(await GenStatem.startLink(self, callbacks, undefined));
  return { machine, take: () => notes.splice(0) };
}

async function exitOf(act: Promise<unknown>): Promise<unknown> {
  try {
    await act;
  } catch (error) {
    if (error instanceof Exit) return error.reason;
    throw error;
  }
  throw new Error("it did not exit");
}

const go =
  (state: unknown, ...actions: GenStatem.Action[]) =>
  (): Result =>
    nextState(state, null, ...actions);
const stay =
  (...actions: GenStatem.Action[]) =>
  (): Result =>
    keepStateAndData(...actions);

describe("events", () => {
  it("S163: are calls, casts, info, internal and timeouts, on gen_server's wire; a call waits for ever by default", () =>
    play(async (self) => {
      const answer = (event: GenStatem.Event): Result =>
        event.type === "call" ? keepStateAndData(stateTimeout(20_000, event.from)) : keepStateAndData();
      const { machine, take } = await scripted(self, {
        question: answer,
        inner: stay(nextEvent({ type: "internal", content: "inside" })),
      });
      self.send(machine, "plain");
      GenStatem.cast(self, machine, "thrown");
      GenStatem.cast(self, machine, "inner");
      await pause(self);
      expect(take()).toEqual(["a: info plain", "a: cast thrown", "a: cast inner", "a: internal inside"]);
      const late = GenStatem.call(self, machine, "question");
      const helper = self.spawn(async (own) => {
        await pause(own, 10_000);
        const state = take();
        expect(state).toEqual(["a: call question"]);
        own.exitSignal(machine, "kill");
      });
      self.trapExit = true;
      expect(await exitOf(late)).toMatchObject([
        "killed",
        [atom("gen_statem"), atom("call"), [machine, "question", atom("infinity")]],
      ]);
      expect(helper).toBeDefined();
    }));

  it("S164: with state functions the state is an atom; getState is {State, Data}", () =>
    play(async (self) => {
      const callbacks: GenStatemCallbacks<"off" | "on", number> = {
        init: () => initial("off", 0),
        states: {
          off: (_event, n) => nextState("on", n + 1),
          on: (event, n) =>
            event.type === "call" ? keepStateAndData(replyTo(event.from, n)) : nextState("off", n),
        },
      };
      const machine = GenStatem.startedPid(await GenStatem.startLink(self, callbacks, undefined));
      GenStatem.cast(self, machine, 1);
      expect(await GenStatem.call(self, machine, "n")).toBe(1);
      expect(await Sys.getState(self, machine)).toEqual(tuple(atom("on"), 1));
    }));

  it("S164: with handleEvent a change is what is not exactly equal", () =>
    play(async (self) => {
      const { machine, take } = await scripted(
        self,
        { same: go(tuple(atom("s"), 1)), float: go(tuple(atom("s"), new Float(1))) },
        { initial: tuple(atom("s"), 1), stateEnter: true },
      );
      GenStatem.cast(self, machine, "same");
      GenStatem.cast(self, machine, "float");
      await pause(self);
      expect(take()).toEqual([
        "{s,1}: enter<{s,1}",
        "{s,1}: cast same",
        "{s,1}: cast float",
        "{s,1.0}: enter<{s,1}",
      ]);
    }));

  it("S165: postponed events are retried after a state change, oldest first, before what came later", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        "a x": stay(postpone()),
        "a y": stay(postpone()),
        go: go("b"),
      });
      for (const content of ["x", "y", "go", "later"]) GenStatem.cast(self, machine, content);
      await pause(self);
      expect(take()).toEqual([
        "a: cast x",
        "a: cast y",
        "a: cast go",
        "b: cast x",
        "b: cast y",
        "b: cast later",
      ]);
    }));

  it("S166: the same state again, and repeat_state, are no change", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        x: stay(postpone()),
        same: go("a"),
        repeat: () => repeatStateAndData(),
      });
      for (const content of ["x", "same", "repeat"]) GenStatem.cast(self, machine, content);
      await pause(self);
      expect(take()).toEqual(["a: cast x", "a: cast same", "a: cast repeat"]);
    }));

  it("S167: enter calls come at start, on every change and on repeat, not when the state is kept", () =>
    play(async (self) => {
      const { machine, take } = await scripted(
        self,
        { b: go("b"), same: go("b"), keep: () => keepState(null), repeat: () => repeatState(null) },
        { stateEnter: true },
      );
      for (const content of ["b", "same", "keep", "repeat"]) GenStatem.cast(self, machine, content);
      await pause(self);
      expect(take()).toEqual([
        'a: enter<<<"a">>',
        "a: cast b",
        'b: enter<<<"a">>',
        "b: cast same",
        "b: cast keep",
        "b: cast repeat",
        'b: enter<<<"b">>',
      ]);
    }));

  it.each([
    ["change the state", go("c"), "bad_state_enter_return_from_state_function"],
    ["postpone", stay(postpone()), "bad_state_enter_action_from_state_function"],
    [
      "insert events",
      stay(nextEvent({ type: "internal", content: 1 })),
      "bad_state_enter_action_from_state_function",
    ],
  ])("S168: an enter call may not %s", (_what, enter, reason) =>
    play(async (self) => {
      self.trapExit = true;
      const { machine } = await scripted(self, { go: go("b"), "enter b": enter }, { stateEnter: true });
      GenStatem.cast(self, machine, "go");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: [[atom(reason), {}], []] });
    }),
  );

  it("S169: after a change come the enter call, inserted events, postponed ones, then the queue", () =>
    play(async (self) => {
      const { machine, take } = await scripted(
        self,
        { "a x": stay(postpone()), go: go("b", nextEvent({ type: "internal", content: "inserted" })) },
        { stateEnter: true },
      );
      for (const content of ["x", "go", "later"]) GenStatem.cast(self, machine, content);
      await pause(self);
      expect(take().slice(2)).toEqual([
        "a: cast go",
        'b: enter<<<"a">>',
        "b: internal inserted",
        "b: cast x",
        "b: cast later",
      ]);
    }));

  it("S170: inserted events go in list order, those of a later event before what is left of earlier ones", () =>
    play(async (self) => {
      const insert = (content: string): GenStatem.Action => nextEvent({ type: "internal", content });
      const { machine, take } = await scripted(self, {
        first: stay(insert("1"), insert("2")),
        "1": stay(insert("1a"), insert("1b")),
      });
      GenStatem.cast(self, machine, "first");
      await pause(self);
      expect(take()).toEqual([
        "a: cast first",
        "a: internal 1",
        "a: internal 1a",
        "a: internal 1b",
        "a: internal 2",
      ]);
    }));

  it("S171: init may return actions; the enter call comes first", () =>
    play(async (self) => {
      const actions = [nextEvent({ type: "internal", content: "x" }), stateTimeout(10, "t")];
      const { take } = await scripted(self, {}, { stateEnter: true, actions });
      await pause(self, 20);
      expect(take()).toEqual(['a: enter<<<"a">>', "a: internal x", "a: stateTimeout t"]);
    }));
});

describe("timeouts", () => {
  it("S172: an event timeout is cancelled by any event, not by system messages; a bare integer is one", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, { set: stay(timeout(100, "late")), bare: stay(50) });
      GenStatem.cast(self, machine, "set");
      await pause(self, 60);
      await Sys.getState(self, machine);
      await pause(self, 60);
      expect(take()).toEqual(["a: cast set", "a: timeout late"]);
      GenStatem.cast(self, machine, "set");
      GenStatem.cast(self, machine, "other");
      await pause(self, 200);
      expect(take()).toEqual(["a: cast set", "a: cast other"]);
      GenStatem.cast(self, machine, "bare");
      await pause(self, 60);
      expect(take()).toEqual(["a: cast bare", "a: timeout 50"]);
    }));

  it("S173: a state timeout is cancelled by a change, not by events, not by the same state again", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        set: stay(stateTimeout(100, "late")),
        same: go("a"),
        b: go("b"),
      });
      for (const content of ["set", "same", "other"]) GenStatem.cast(self, machine, content);
      await pause(self, 110);
      expect(take().at(-1)).toBe("a: stateTimeout late");
      for (const content of ["set", "b"]) GenStatem.cast(self, machine, content);
      await pause(self, 200);
      expect(take()).toEqual(["a: cast set", "a: cast b"]);
    }));

  it("S174: a named timeout survives everything, and setting it again replaces it", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        set: stay(namedTimeout("n", 100, "first")),
        again: stay(namedTimeout("n", 200, "second")),
        other: stay(namedTimeout("m", 100, "m")),
        b: go("b"),
      });
      for (const content of ["set", "other", "b", "again"]) GenStatem.cast(self, machine, content);
      await pause(self, 150);
      expect(take().slice(4)).toEqual(["b: namedTimeout m m"]);
      await pause(self, 100);
      expect(take()).toEqual(["b: namedTimeout n second"]);
    }));

  it("S175: infinity and cancel cancel; update changes the content and not the time", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        set: stay(stateTimeout(100, "old")),
        infinite: stay(stateTimeout(Number.POSITIVE_INFINITY)),
        cancel: stay(cancelTimeout("state")),
        update: stay(updateTimeout("state", "new")),
      });
      for (const how of ["infinite", "cancel"]) {
        for (const content of ["set", how]) GenStatem.cast(self, machine, content);
        await pause(self, 200);
        expect(take()).toEqual(["a: cast set", `a: cast ${how}`]);
      }
      GenStatem.cast(self, machine, "set");
      await pause(self, 60);
      GenStatem.cast(self, machine, "update");
      await pause(self, 60);
      expect(take()).toEqual(["a: cast set", "a: cast update", "a: stateTimeout new"]);
      GenStatem.cast(self, machine, "update");
      await pause(self);
      expect(take()).toEqual(["a: cast update", "a: stateTimeout new"]);
    }));

  it("S176: a timeout of 0 comes after inserted events and before anything that is queued", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        set: stay(stateTimeout(0, "zero"), nextEvent({ type: "internal", content: "inserted" })),
      });
      for (const content of ["set", "queued"]) GenStatem.cast(self, machine, content);
      await pause(self);
      expect(take()).toEqual([
        "a: cast set",
        "a: internal inserted",
        "a: stateTimeout zero",
        "a: cast queued",
      ]);
    }));

  it("S172: an event timeout of 0 is cancelled by an inserted event", () =>
    play(async (self) => {
      const { machine, take } = await scripted(self, {
        set: stay(timeout(0, "zero"), nextEvent({ type: "internal", content: "inserted" })),
      });
      GenStatem.cast(self, machine, "set");
      await pause(self);
      expect(take()).toEqual(["a: cast set", "a: internal inserted"]);
    }));
});

describe("the end", () => {
  it("S177: stop_and_reply sends its replies before terminate, several if need be; stop alone is normal", () =>
    play(async (self) => {
      self.trapExit = true;
      const order: unknown[] = [];
      let first: GenStatem.From | undefined;
      const callbacks: GenStatemCallbacks<string, null> = {
        init: () => initial("a", null),
        handleEvent: (event) => {
          if (event.type !== "call") return stop("normal");
          if (first === undefined) {
            first = event.from;
            return keepStateAndData(hibernate());
          }
          return stopAndReply("normal", [replyTo(first, 1), replyTo(event.from, 2)]);
        },
        terminate: async (_reason, _state, _data, machine) => {
          await pause(machine, 100);
          order.push("terminated");
        },
      };
      const machine = GenStatem.startedPid(await GenStatem.startLink(self, callbacks, undefined));
      const requests = [1, 2].map((content) => GenStatem.sendRequest(self, machine, content));
      for (const id of requests) order.push(await GenStatem.receiveResponse(self, id));
      await self.receive();
      expect(order).toEqual([{ type: "reply", reply: 1 }, { type: "reply", reply: 2 }, "terminated"]);
      const other = GenStatem.startedPid(await GenStatem.startLink(self, callbacks, undefined));
      GenStatem.cast(self, other, "stop");
      expect(await self.receive()).toMatchObject({ type: "exit", reason: "normal" });
    }));

  it("S178: a postponed call is not answered at the end: its caller exits with the machine's reason", () =>
    play(async (self) => {
      self.trapExit = true;
      const { machine } = await scripted(self, { wait: stay(postpone()), end: () => stop("over") });
      self.spawn(async (other) => {
        await pause(other, 10);
        GenStatem.cast(other, machine, "end");
      });
      expect(await exitOf(GenStatem.call(self, machine, "wait"))).toMatchObject(["over", {}]);
    }));

  it.each([
    ["a bad return", () => 42 as never, { 0: { 0: atom("bad_return_from_state_function"), 1: 42 } }],
    [
      "a thrown value, which counts as returned",
      () => {
        throw 42;
      },
      { 0: { 0: atom("bad_return_from_state_function"), 1: 42 } },
    ],
    ["a bad action", stay({ type: "odd" } as never), { 0: { 0: atom("bad_action_from_state_function") } }],
    [
      "an exit",
      () => {
        throw new Exit("left");
      },
      "left",
    ],
    [
      "an error",
      () => {
        throw new RangeError("bad");
      },
      { type: "error", name: "RangeError" },
    ],
  ])("S179: %s ends the machine", (_what, act, reason) =>
    play(async (self) => {
      self.trapExit = true;
      const { machine } = await scripted(self, { x: act });
      GenStatem.cast(self, machine, "x");
      expect(await self.receive()).toMatchObject({ type: "exit", reason });
    }),
  );

  it("S179: a thrown return is a return; the parent's exit stops a machine that traps, and terminate runs", () =>
    play(async (self) => {
      self.trapExit = true;
      const ends: unknown[] = [];
      const callbacks: GenStatemCallbacks<string, number> = {
        init: (_args, machine) => {
          machine.trapExit = true;
          return initial("a", 0);
        },
        handleEvent: (event, _state, data) => {
          if (event.type === "call") return keepStateAndData(replyTo(event.from, data));
          throw nextState("b", data + 1);
        },
        terminate: (reason, state, data) => void ends.push([reason, state, data]),
      };
      const machine = GenStatem.startedPid(await GenStatem.startLink(self, callbacks, undefined));
      GenStatem.cast(self, machine, "x");
      expect(await GenStatem.call(self, machine, "data")).toBe(1);
      self.exitSignal(machine, "bye");
      expect(await self.receive()).toMatchObject({ reason: "bye" });
      expect(ends).toEqual([["bye", "b", 1]]);
    }));

  it("starts as a gen_server does, and goes on with other callbacks", () =>
    play(async (self) => {
      self.trapExit = true;
      const other: GenStatemCallbacks<never, never> = {
        init: () => stop("unused"),
        handleEvent: (event) =>
          event.type === "call"
            ? keepStateAndData(replyTo(event.from, "other"), { type: "popCallbacks" })
            : keepStateAndData(),
      };
      const callbacks: GenStatemCallbacks<string, null> = {
        init: () => initial("a", null),
        handleEvent: (event) =>
          event.type === "call"
            ? keepStateAndData(replyTo(event.from, "first"), {
                type: "pushCallbacks",
                callbacks: other as never,
              })
            : keepStateAndData(),
      };
      const machine = GenStatem.startedPid(
        await GenStatem.start(self, callbacks, undefined, { name: "machine" }),
      );
      const answers: unknown[] = [];
      for (let i = 0; i < 3; i++) answers.push(await GenStatem.call(self, "machine", i));
      expect(answers).toEqual(["first", "other", "first"]);
      expect(await GenStatem.start(self, callbacks, undefined, { name: "machine" })).toEqual({
        type: "error",
        reason: tuple("already_started", machine),
      });
      await GenServer.stop(self, machine);
      const bad = { init: () => 7 } as unknown as GenStatemCallbacks<string, null>;
      expect(await GenStatem.start(self, bad, undefined)).toEqual({
        type: "error",
        reason: tuple("bad_return_from_init", 7),
      });
    }));
});
