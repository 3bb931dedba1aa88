// Replaces the program of a living guest from outside: as OTP's release handler does it, with system messages to a behaviour that hands its
// state over; or, with a state that is given, whatever the guest is doing.
import type { ChangeCodeOptions } from "./options.ts";
import { MoonletError } from "./otp/error.ts";
import {
  type Context,
  Exit,
  formatTerm,
  type Pid,
  type Process,
  type Runtime,
  reasonToTerm,
  Sys,
} from "./otp/index.ts";
import { encodeTerm, reasonFromTerm } from "./otp/term/index.ts";
import { describeReason } from "./report/reason.ts";
import { checkChange } from "./wasm/change-request.ts";
import { CODE_CHANGE_ENTRY, CODE_CHANGE_FUEL } from "./wasm/code-change.ts";
import { Guest } from "./wasm/guest.ts";
import { planWith } from "./wasm/guest-plan.ts";
import type { Program } from "./wasm/program.ts";

const DEFAULT_TIMEOUT_MS = 5000;

/** See `Host.changeCode`. */
export async function changeCode(
  runtime: Runtime,
  pid: Pid,
  program: Program,
  options: ChangeCodeOptions,
): Promise<void> {
  const process = runtime.process(pid);
  if (process === undefined)
    throw new MoonletError("noproc", `${pid}, whose code is to change, is not alive`);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const change = () =>
    inProcess(runtime, (self) =>
      "state" in options
        ? force(self, process, program, options, timeoutMs)
        : ask(self, process, program, options, timeoutMs),
    );
  // One after the other: the resume of the first would come between suspend and change of the second.
  const before = underWay.get(process);
  const failed = before === undefined ? change() : before.then(change, change);
  underWay.set(process, failed);
  const failure = await failed;
  if (failure === undefined) return;
  if (failure.reason === TIMEOUT) {
    throw new MoonletError(
      "E_TIMEOUT",
      `${pid} did not change its code within ${timeoutMs} ms, and keeps it`,
      {
        hint: "A guest that never handles system messages can be given a state: options.state.",
      },
    );
  }
  throw new MoonletError("E_CODE_CHANGE", `${pid} keeps its code: ${describeReason(failure.reason)}`, {
    cause: failure.reason,
  });
}

const underWay = new WeakMap<Process, Promise<Failure | undefined>>();

interface Failure {
  readonly reason: unknown;
}

const TIMEOUT = Symbol("timeout");

/** As sys:suspend, sys:change_code and sys:resume. */
async function ask(
  self: Context,
  process: Process,
  program: Program,
  { oldVersion, extra = [], entry }: ChangeCodeOptions,
  timeoutMs: number,
): Promise<Failure | undefined> {
  const guest = await guestOf(self, process, timeoutMs);
  if (guest === undefined) return { reason: "not_a_guest" };
  const { environment } = self.runtime;
  const deadline = environment.now() + timeoutMs;
  const left = () => Math.max(0, Math.ceil(deadline - environment.now()));
  const ref = guest.plan.code.lend(process, program, entry);
  const { pid } = process;
  try {
    await Sys.suspend(self, pid, left());
    await Sys.changeCode(self, pid, oldVersion ?? guest.program.name, extra, left(), ref);
    return undefined;
  } catch (error) {
    // The answer can have come too late.
    const outcome = guest.plan.code.outcomeOf(ref);
    return outcome?.type === "changed" ? undefined : (outcome ?? failureOf(error));
  } finally {
    if (guest.onTrial && guest.program === program && guest.plan.code.outcomeOf(ref) === undefined)
      guest.cancelChange("timeout");
    guest.plan.code.drop(ref);
    // Whatever happened, and even if it has not come to the suspension yet.
    await Sys.resume(self, pid, Math.max(left(), 1)).catch(() => {});
  }
}

/** Between two slices, with a state that the embedder knows. */
async function force(
  self: Context,
  process: Process,
  program: Program,
  options: ChangeCodeOptions,
  timeoutMs: number,
): Promise<Failure | undefined> {
  const guest = await guestOf(self, process, timeoutMs);
  if (guest === undefined) return { reason: "not_a_guest" };
  const entry = options.entry ?? CODE_CHANGE_ENTRY;
  const reason = checkChange(guest, program, entry);
  if (reason !== undefined) return { reason };
  let outcome: { readonly failure: Failure | undefined } | undefined;
  const settle = (failure: Failure | undefined) => {
    outcome = { failure };
    self.runtime.send(self.pid, "settled");
  };
  const state = encodeTerm(options.state);
  try {
    guest.changeCode({
      plan: planWith(guest.plan, program),
      entry,
      state,
      fuel: CODE_CHANGE_FUEL,
      done: () => settle(undefined),
      failed: (reason) => {
        settle({ reason });
        return undefined;
      },
    });
  } catch (error) {
    if (error instanceof RangeError) return { reason: "system_limit" };
    throw error;
  }
  process.wake();
  await self.receive(undefined, { timeoutMs });
  if (outcome === undefined) {
    guest.cancelChange("timeout");
    return { reason: TIMEOUT };
  }
  return outcome.failure;
}

/** The guest of a process, as soon as it has begun; undefined for what is none. */
async function guestOf(self: Context, process: Process, timeoutMs: number): Promise<Guest | undefined> {
  const { environment } = self.runtime;
  const deadline = environment.now() + timeoutMs;
  while (process.body === undefined && process.alive && environment.now() < deadline)
    await self.receive(() => false, { timeoutMs: 1 });
  return process.body instanceof Guest ? process.body : undefined;
}

/** Timeouts apart from what the guest says. */
function failureOf(error: unknown): Failure {
  if (error instanceof MoonletError && error.code === "E_CODE_CHANGE")
    return { reason: reasonFromTerm(error.cause) };
  if (!(error instanceof Exit)) throw error;
  const [reason] = Array.isArray(error.reason) ? error.reason : [error.reason];
  return { reason: formatTerm(reasonToTerm(reason)) === "timeout" ? TIMEOUT : reason };
}

/** Runs in a short-lived process, so that a late answer can never reach anybody else. */
function inProcess<T>(runtime: Runtime, act: (self: Context) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    runtime.spawn(async (self) => {
      try {
        resolve(await act(self));
      } catch (error) {
        reject(error);
      }
    });
  });
}
