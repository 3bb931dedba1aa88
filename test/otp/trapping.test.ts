// Trapping exits, rules S39 to S43.
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import { atom } from "../../host/otp/term/atom.ts";
import { tuple } from "../../host/otp/term/tuple.ts";
import { settled, waiter, world } from "./support/world.ts";

it("S39: the flag reads as it was set, and anything but a boolean is badarg", async () => {
  const { play } = world();
  await play((self) => {
    expect(self.trapExit).toBe(false);
    self.trapExit = true;
    expect(self.trapExit).toBe(true);
    expect(() => {
      (self as { trapExit: unknown }).trapExit = "yes";
    }).toThrow(expect.objectContaining({ code: "badarg" }));
    expect(self.trapExit).toBe(true);
  });
});

it("S40: trapping turns every exit but kill of exit/2 into a message, normal included", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const ends = ["normal", "boom", "kill", "killed"].map((reason) =>
      self.spawnLink((child) => child.exit(reason)),
    );
    const seen = (await settled(self)) as { from: unknown; reason: unknown }[];
    expect(seen.map(({ from, reason }) => [from, reason])).toEqual([
      [ends[0], "normal"],
      [ends[1], "boom"],
      [ends[2], "kill"],
      [ends[3], "killed"],
    ]);
  });
});

it("S40: not trapping, normal over a link is ignored", async () => {
  const { play } = world();
  await play(async (self) => {
    self.spawnLink(() => {});
    expect(await settled(self)).toEqual([]);
  });
});

it("S41: the receiver's flag counts when it handles the signal; messages already made stay", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const pid = self.spawnLink((child) => child.exit("early"));
    await self.sleep(1);
    self.trapExit = false;
    expect(await self.receive()).toEqual({ type: "exit", from: pid, reason: "early" });
  });
});

it("S42: an exit that meets a running process either ends it or becomes a message, never both", async () => {
  const { play } = world();
  await play(async (self) => {
    const inbox: unknown[] = [];
    const [target, ref] = self.spawnMonitor(async (child: Context) => {
      await child.yield();
      child.trapExit = true;
      inbox.push(await child.receive());
    });
    self.exitSignal(target, "race");
    const { reason } = (await self.receiveTagged(ref)) as { reason: unknown };
    expect([reason, inbox.length]).toEqual(reason === "race" ? ["race", 0] : ["normal", 1]);
  });
});

it("S43: EXIT and DOWN sent as messages are plain messages: they change no link and no monitor", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawnLink(waiter);
    const ref = self.monitor(pid);
    const forged = [
      { type: "exit", from: pid, reason: "forged" },
      { type: "down", ref, pid, reason: "forged" },
      tuple(atom("EXIT"), pid, atom("forged")),
    ];
    for (const message of forged) self.send(self.pid, message);
    expect(await settled(self)).toEqual(forged);
    expect(runtime.info(self.pid)).toMatchObject({ links: [pid], monitors: [pid] });
  });
});
