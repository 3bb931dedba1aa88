// The event stream.
import { expect, it } from "vitest";
import type { RuntimeEvent } from "../../host/otp/events.ts";
import { waiter, world } from "./support/world.ts";

it("tells what happens, in order, as long as somebody listens", async () => {
  const { environment, runtime } = world();
  const events: RuntimeEvent[] = [];
  const stop = runtime.subscribe((event) => events.push(event));
  const other = runtime.spawn(waiter, { name: "other", label: "o" });
  const pid = runtime.spawn(async function main(self) {
    self.link(other);
    const ref = self.monitor("other");
    self.send(other, "hello");
    self.unlink(other);
    self.demonitor(ref);
    self.send(self.pid, "mine");
    await self.receive();
    self.exitSignal(other, "kill");
  });
  await environment.settle();
  stop();
  runtime.spawn(waiter);
  const at = 0;
  expect(events).toMatchObject([
    { type: "spawned", at, pid: other, parent: undefined, label: "o" },
    { type: "registered", at, pid: other, name: "other" },
    { type: "spawned", at, pid, initialCall: "main" },
    { type: "linked", at, pid, to: other },
    { type: "monitored", at, pid, target: { name: "other" } },
    { type: "sent", at, pid, to: other, message: "hello" },
    { type: "unlinked", at, pid, to: other },
    { type: "sent", at, pid, to: pid, message: "mine" },
    { type: "received", at, pid, message: "mine" },
    { type: "exitSent", at, pid, to: other, reason: "kill" },
    {
      type: "exited",
      at,
      pid: other,
      reason: "killed",
      cause: { type: "signal", from: pid },
      label: "o",
      name: "other",
    },
    { type: "exited", at, pid, reason: "normal", cause: { type: "self" } },
  ]);
});

it("a shed message is an event, and so is a killed group", () => {
  const { runtime } = world();
  const events: RuntimeEvent[] = [];
  const pid = runtime.spawn(waiter, { maxMailbox: 0 });
  runtime.groups.join("g", pid);
  runtime.subscribe((event) => events.push(event));
  runtime.send(pid, 1);
  runtime.killGroup("g");
  expect(events.map((event) => event.type)).toEqual(["shed", "sent", "groupKilled", "left", "exited"]);
});

it("a timer that fires sends, on nobody's behalf", async () => {
  const { environment, runtime } = world();
  const pid = runtime.spawn(async (self) => {
    self.sendAfter(5, self.pid, "later");
    self.startTimer(6, self.pid, "much later");
    self.cancelTimer(self.sendAfter(7, self.pid, "never"));
    await self.sleep(20);
  });
  const events: RuntimeEvent[] = [];
  runtime.subscribe((event) => event.type === "sent" && events.push(event));
  await environment.settle();
  await environment.advance(10);
  expect(events).toMatchObject([
    { type: "sent", at: 5, pid: undefined, to: pid, message: "later", encoded: false },
    { type: "sent", at: 6, pid: undefined, to: pid, message: { type: "timeout", message: "much later" } },
  ]);
});
