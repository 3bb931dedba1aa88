// A synchronous body made of one function, for tests of the core without a guest.
import type { Body, BodyFactory, Outcome } from "../../../host/otp/body.ts";
import type { Process } from "../../../host/otp/process.ts";

/** Each slice calls `run`; `disposed` tells how often the body was disposed of. */
export function scripted(
  run: (process: Process, budget: number) => Outcome,
  onDispose?: () => void,
): BodyFactory {
  return (process): Body => ({
    run: (budget) => run(process, budget),
    dispose: () => onDispose?.(),
  });
}
