// A runtime in virtual time, and short ways to let processes do something and to see what came of it.
import type { Context } from "../../../host/otp/context.ts";
import { Runtime, type RuntimeOptions } from "../../../host/otp/runtime.ts";
import { TestEnvironment } from "./test-environment.ts";

export interface World {
  readonly environment: TestEnvironment;
  readonly runtime: Runtime;
  /** Runs `fn` as a process and gives what it returns, letting `ms` milliseconds pass (default 10,000). Fails with what it throws. */
  play<T>(fn: (self: Context) => Promise<T> | T, ms?: number): Promise<T>;
}

export function world(options: Omit<RuntimeOptions, "environment"> = {}): World {
  const environment = new TestEnvironment();
  const runtime = new Runtime({ ...options, environment });
  return {
    environment,
    runtime,
    async play(fn, ms = 10_000) {
      let end: { value: Awaited<ReturnType<typeof fn>> } | undefined;
      let failure: { error: unknown } | undefined;
      const pid = runtime.spawn(async (self) => {
        try {
          end = { value: await fn(self) };
        } catch (error) {
          failure = { error };
        }
      });
      const reason = runtime.exited(pid);
      await environment.advance(ms);
      if (failure !== undefined) throw failure.error;
      if (end !== undefined) return end.value;
      if (runtime.isAlive(pid)) throw new Error("the process of the test is still waiting");
      throw new Error(`the process of the test ended with ${JSON.stringify(await reason)}`);
    },
  };
}

/** A process that waits for ever. */
export async function waiter(self: Context): Promise<void> {
  await self.receive(() => false);
}

/** A process that traps exits and passes on everything it receives. */
export function recorder(into: unknown[]): (self: Context) => Promise<void> {
  return async (self) => {
    self.trapExit = true;
    for (;;) into.push(await self.receive());
  };
}

/** Everything that waits in the own mailbox, without waiting for more. */
export async function drain(self: Context): Promise<unknown[]> {
  const found: unknown[] = [];
  while (self.process.mailbox.length > 0) found.push(await self.receive());
  return found;
}

/** Lets everybody else run until nothing can happen without time passing, then drains the mailbox. */
export async function settled(self: Context): Promise<unknown[]> {
  await self.sleep(1);
  return drain(self);
}
