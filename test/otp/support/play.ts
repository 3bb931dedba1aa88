// Runs a test's code as a process in virtual time, which passes whenever nothing else can happen.
import type { Context } from "../../../host/otp/context.ts";
import { Runtime, type RuntimeOptions } from "../../../host/otp/runtime.ts";
import { TestEnvironment } from "./test-environment.ts";

const STEP_MS = 10;
const MOST_STEPS = 100_000;

/** What the code of `play` may need beside itself. */
export interface World {
  readonly runtime: Runtime;
  readonly environment: TestEnvironment;
}

/** Runs `act` as a process to its end and gives its result; throws what it throws, and when nothing is left that could happen. */
export async function play<T>(
  act: (self: Context, world: World) => Promise<T>,
  options: Omit<RuntimeOptions, "environment"> = {},
): Promise<T> {
  const environment = new TestEnvironment();
  const runtime = new Runtime({ ...options, environment });
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  const pid = runtime.spawn(async function test(self) {
    try {
      outcome = { value: await act(self, { runtime, environment }) };
    } catch (error) {
      outcome = { error };
    }
  });
  let ended: { readonly reason: unknown } | undefined;
  void runtime.exited(pid).then((reason) => {
    ended = { reason };
  });
  for (let step = 0; step < MOST_STEPS && outcome === undefined; step++) {
    await environment.settle();
    if (outcome !== undefined) break;
    if (ended !== undefined) throw new Error(`the test's process ended: ${JSON.stringify(ended.reason)}`);
    if (environment.armedTimers === 0)
      throw new Error("the test's process waits, and nothing is left that could happen");
    await environment.advance(STEP_MS);
  }
  runtime.shutdown();
  if (outcome === undefined) throw new Error("the test's process runs for too long");
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}
