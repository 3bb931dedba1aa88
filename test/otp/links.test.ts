// Links, rules S44 to S56.
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import { Runtime } from "../../host/otp/runtime.ts";
import { TestEnvironment } from "./support/test-environment.ts";

const wait = async (self: Context) => {
  await self.receive(() => false);
};

it("S44: linking twice is one link: one unlink removes it, one exit comes of it", async () => {
  const environment = new TestEnvironment();
  const runtime = new Runtime({ environment });
  const seen: unknown[] = [];
  const a = runtime.spawn(wait);
  runtime.spawn(async (self) => {
    self.trapExit = true;
    self.link(a);
    self.link(a);
    expect(runtime.info(self.pid)?.links).toEqual([a]);
    self.exitSignal(a, "boom");
    for (;;) seen.push(await self.receive());
  });
  await environment.settle();
  expect(seen).toEqual([{ type: "exit", from: a, reason: "boom" }]);
});

it("S56: a chain of a million linked processes dies without recursion", async () => {
  const environment = new TestEnvironment();
  const runtime = new Runtime({ environment });
  const body = () => ({ run: () => ({ type: "waiting" }) as const, dispose() {} });
  let before = runtime.process(runtime.spawnBody(body))!;
  const first = before.pid;
  for (let i = 1; i < 1_000_000; i++) before = runtime.process(before.spawnBody(body, { link: true }))!;
  runtime.exit(first, "boom");
  await environment.settle();
  expect(runtime.processes()).toEqual([]);
});
