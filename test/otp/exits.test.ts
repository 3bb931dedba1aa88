// How processes end, and exit/2: rules S17 to S38.
import { describe, expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import { atom } from "../../host/otp/term/atom.ts";
import { tuple } from "../../host/otp/term/tuple.ts";
import { recorder, settled, waiter, world } from "./support/world.ts";

/** The reason with which a process running `fn` ends. */
async function reasonOf(fn: (self: Context) => unknown): Promise<unknown> {
  const { environment, runtime } = world();
  const reason = runtime.exited(runtime.spawn(fn));
  await environment.advance(1000);
  return reason;
}

describe("exit reasons", () => {
  it("S17: a function that returns ends its process with normal", async () => {
    expect(await reasonOf(() => 42)).toBe("normal");
    expect(await reasonOf(async () => "value")).toBe("normal");
  });

  it("S18: exit(R) uncaught gives exactly R; exit(normal) equals returning", async () => {
    expect(await reasonOf((self) => self.exit({ any: ["term", 1] }))).toEqual({ any: ["term", 1] });
    expect(await reasonOf((self) => self.exit("normal"))).toBe("normal");
    expect(await reasonOf((self) => self.exit())).toBe("normal");
    expect(await reasonOf((self) => self.exit(["shutdown", 1]))).toEqual(tuple("shutdown", 1));
  });

  it("S19: an error uncaught is the reason, with its stack, and code where Erlang has a word for it", async () => {
    const failed = () => {
      throw new TypeError("no such thing");
    };
    expect(await reasonOf(failed)).toEqual({
      type: "error",
      name: "TypeError",
      message: "no such thing",
      stack: expect.stringContaining("exits.test.ts"),
    });
    expect(await reasonOf((self) => self.send("nobody", 1))).toMatchObject({ type: "error", code: "badarg" });
  });

  it("S20: anything else thrown and not caught is {{nocatch, T}, Stack}", async () => {
    const thrower = async () => {
      throw 42;
    };
    expect(await reasonOf(thrower)).toEqual(tuple(tuple("nocatch", 42), []));
  });

  it("S21: exit, error and throw are all catchable inside the process, which then lives on", async () => {
    const { play } = world();
    await play(async (self) => {
      const caught: unknown[] = [];
      for (const fail of [() => self.exit("x"), () => self.send("nobody", 1)]) {
        try {
          fail();
        } catch (error) {
          caught.push(error);
        }
      }
      expect(caught).toMatchObject([{ name: "Exit", reason: "x" }, { code: "badarg" }]);
      self.send(self.pid, "alive");
      expect(await self.receive()).toBe("alive");
    });
  });

  it("S22: exit(kill) is an ordinary reason: a trapping peer gets it and lives, another dies with kill", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      const go = async (child: Context) => {
        await child.receive();
        child.exit("kill");
      };
      const [dying, ref] = self.spawnMonitor(go, { link: true });
      const peer = self.spawn(async (child) => {
        child.link(dying);
        await waiter(child);
      });
      const peerRef = self.monitor(peer);
      await self.sleep(1);
      self.send(dying, "go");
      expect(await settled(self)).toEqual([
        { type: "exit", from: dying, reason: "kill" },
        { type: "down", ref, pid: dying, reason: "kill" },
        { type: "down", ref: peerRef, pid: peer, reason: "kill" },
      ]);
    });
  });

  it("S23: a process ended by an exit signal runs no cleanup code; one that raised the exit itself does", async () => {
    const { play } = world();
    await play(async (self) => {
      const cleaned: string[] = [];
      const victim = self.spawn(async (child) => {
        try {
          await waiter(child);
        } finally {
          cleaned.push("victim");
        }
      });
      self.spawn(async (child) => {
        try {
          await child.sleep(1);
          child.exit("own");
        } finally {
          cleaned.push("raiser");
        }
      });
      await self.sleep(1);
      self.exitSignal(victim, "stop");
      await self.sleep(5);
      expect(cleaned).toEqual(["raiser"]);
    });
  });

  it("S23: code that outlives its process can do nothing any more, and is told by its signal", async () => {
    const { play } = world();
    await play(async (self) => {
      let resume = () => {};
      let attempt: unknown;
      let aborted = false;
      const pid = self.spawn(async (child) => {
        child.signal.addEventListener("abort", () => {
          aborted = true;
        });
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
        try {
          child.send(self.pid, "ghost");
        } catch (error) {
          attempt = error;
        }
      });
      await self.sleep(1);
      self.exitSignal(pid, "stop");
      expect(aborted).toBe(true);
      resume();
      expect(await settled(self)).toEqual([]);
      expect(attempt).toMatchObject({ code: "E_EXITED" });
    });
  });

  it("S24: the mailbox dies with the process, and nobody is told", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const pid = self.spawn(waiter);
      const { mailbox } = runtime.process(pid)!;
      self.send(pid, "unread");
      self.exitSignal(pid, "kill");
      expect(mailbox.length).toBe(0);
      expect(await settled(self)).toEqual([]);
    });
  });

  it("S25: when the first news of a death arrives, the name is free and the process is gone", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const [pid, ref] = self.spawnMonitor(waiter, { name: "service" });
      self.join("group");
      runtime.groups.join("group", pid);
      self.exitSignal(pid, "kill");
      await self.receiveTagged(ref);
      expect(self.whereis("service")).toBeUndefined();
      expect(runtime.isAlive(pid)).toBe(false);
      expect(runtime.info(pid)).toBeUndefined();
      expect(runtime.members("group")).toEqual([self.pid]);
      expect(self.register("service")).toBe(true);
    });
  });

  it("S26: somebody linked and monitoring gets EXIT first, then the DOWNs in the order of the monitors", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      const pid = self.spawn(waiter);
      const first = self.monitor(pid);
      self.link(pid);
      const second = self.monitor(pid);
      self.exitSignal(pid, "boom");
      expect(await settled(self)).toEqual([
        { type: "exit", from: pid, reason: "boom" },
        { type: "down", ref: first, pid, reason: "boom" },
        { type: "down", ref: second, pid, reason: "boom" },
      ]);
    });
  });
});

describe("exit/2", () => {
  it("S27: exit(P, normal) to another is ignored unless P traps", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const plain = self.spawn(waiter);
      const inbox: unknown[] = [];
      const trapping = self.spawn(recorder(inbox));
      await self.sleep(1);
      self.exitSignal(plain, "normal");
      self.exitSignal(trapping, "normal");
      await self.sleep(1);
      expect(runtime.isAlive(plain)).toBe(true);
      expect(inbox).toEqual([{ type: "exit", from: self.pid, reason: "normal" }]);
    });
  });

  it("S28: exit(self(), normal) does end the caller, unless it traps", async () => {
    expect(
      await reasonOf(async (self) => {
        self.exitSignal(self.pid, "normal");
        await waiter(self);
      }),
    ).toBe("normal");
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      self.exitSignal(self.pid, "normal");
      expect(await self.receive()).toEqual({ type: "exit", from: self.pid, reason: "normal" });
    });
  });

  it("S29: not trapping, exit(self(), R) never returns and cannot be caught", async () => {
    for (const before of [0, 1]) {
      let survived = false;
      const reason = await reasonOf(async (self) => {
        if (before > 0) await self.sleep(before);
        try {
          self.exitSignal(self.pid, "mine");
          survived = true;
        } catch {
          await self.sleep(1);
          survived = true;
        }
      });
      expect(reason).toBe("mine");
      expect(survived).toBe(false);
    }
  });

  it("S29: trapping, the message is there for the next receive", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      expect(self.exitSignal(self.pid, "mine")).toBe(true);
      expect(await self.receive(undefined, { timeoutMs: 0 })).toEqual({
        type: "exit",
        from: self.pid,
        reason: "mine",
      });
    });
  });

  it("S29: the message keeps its place among what the process sends itself", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      self.send(self.pid, "before");
      self.exitSignal(self.pid, "mine");
      self.send(self.pid, "after");
      const ref = self.monitor("nobody");
      self.send(self.pid, "last");
      expect(await settled(self)).toMatchObject(["before", { reason: "mine" }, "after", { ref }, "last"]);
    });
  });

  it("S30: trapping, exit/2 to oneself is only queued: without trapping at the next receive, that receive dies", async () => {
    let after = false;
    const reason = await reasonOf(async (self) => {
      await self.sleep(1);
      self.trapExit = true;
      self.exitSignal(self.pid, "late");
      self.trapExit = false;
      await self.receive(undefined, { timeoutMs: 0 });
      after = true;
    });
    expect(reason).toBe("late");
    expect(after).toBe(false);
  });

  it("S31: exit(P, kill) ends P unconditionally, with the reason killed", async () => {
    const { play } = world();
    await play(async (self) => {
      const [pid, ref] = self.spawnMonitor(recorder([]));
      await self.sleep(1);
      self.exitSignal(pid, "kill");
      expect(await self.receiveTagged(ref)).toEqual({ type: "down", ref, pid, reason: "killed" });
    });
    expect(
      await reasonOf((self) => {
        self.trapExit = true;
        self.exitSignal(self.pid, "kill");
      }),
    ).toBe("killed");
  });

  it("S32: links of the victim get killed, an ordinary reason", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      const victim = self.spawnLink(waiter);
      const [peer, ref] = self.spawnMonitor(async (child) => {
        child.link(victim);
        await waiter(child);
      });
      await self.sleep(1);
      self.exitSignal(victim, "kill");
      expect(await settled(self)).toEqual([
        { type: "exit", from: victim, reason: "killed" },
        { type: "down", ref, pid: peer, reason: "killed" },
      ]);
    });
  });

  it("S33: exit(P, killed) is an ordinary, trappable exit", async () => {
    const { play } = world();
    await play(async (self) => {
      const inbox: unknown[] = [];
      const pid = self.spawn(recorder(inbox));
      await self.sleep(1);
      self.exitSignal(pid, "killed");
      await self.sleep(1);
      expect(inbox).toEqual([{ type: "exit", from: self.pid, reason: "killed" }]);
    });
  });

  it("S34: the pid in EXIT is the caller of exit/2, or for a link the process that died", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      const caller = self.spawn((child) => child.exitSignal(self.pid, "hello"));
      expect(await self.receive()).toEqual({ type: "exit", from: caller, reason: "hello" });
      const linked = self.spawnLink((child) => child.exit("bye"));
      expect(await self.receive()).toEqual({ type: "exit", from: linked, reason: "bye" });
    });
  });

  it("S35: unlinking does not protect from exit/2", async () => {
    const { play } = world();
    await play(async (self) => {
      self.trapExit = true;
      const pid = self.spawnLink(async (child) => {
        child.exitSignal(self.pid, "direct");
        await waiter(child);
      });
      self.unlink(pid);
      expect(await settled(self)).toEqual([{ type: "exit", from: pid, reason: "direct" }]);
    });
  });

  it("S36: exit/2 returns true at once, also for a dead pid; a name, a reference or an alias is badarg", async () => {
    const { play } = world();
    await play(async (self) => {
      const pid = self.spawn(() => {});
      await self.sleep(1);
      expect(self.exitSignal(pid, "late")).toBe(true);
      self.register("me");
      for (const target of ["me", atom("me"), self.alias(), self.monitor(pid)]) {
        expect(() => self.exitSignal(target as never, "x")).toThrow(
          expect.objectContaining({ code: "badarg" }),
        );
      }
    });
  });

  it("S37: of several exits the first that is fatal decides", async () => {
    const { play } = world();
    await play(async (self) => {
      const [pid, ref] = self.spawnMonitor(waiter);
      await self.sleep(1);
      for (const reason of ["normal", "first", "second", "kill"]) self.exitSignal(pid, reason);
      expect(await self.receiveTagged(ref)).toEqual({ type: "down", ref, pid, reason: "first" });
    });
  });

  it("S38: exiting a linked process comes back through the link, unless the reason is normal or the caller traps", async () => {
    const { play } = world();
    await play(async (self) => {
      const [killer, ref] = self.spawnMonitor(async (child) => {
        const victim = child.spawnLink(waiter);
        child.exitSignal(victim, "boom");
        child.send(self.pid, "sent after the exit");
        await waiter(child);
      });
      expect(await settled(self)).toEqual([
        "sent after the exit",
        { type: "down", ref, pid: killer, reason: "boom" },
      ]);
      self.trapExit = true;
      const victim = self.spawnLink(waiter);
      self.exitSignal(victim, "boom");
      expect(await settled(self)).toEqual([{ type: "exit", from: victim, reason: "boom" }]);
    });
  });
});
