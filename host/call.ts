// A gen_server call from outside: a short-lived process makes it, so that a late reply can never reach anybody else.

import type { CallOptions } from "./options.ts";
import { MoonletError } from "./otp/error.ts";
import type { Context, ExitReason, Pid, Runtime } from "./otp/index.ts";
import { atom, formatTerm, ImproperList, reasonToTerm, tuple } from "./otp/term/index.ts";

const DEFAULT_TIMEOUT_MS = 5000;

type Answer =
  | { readonly type: "reply"; readonly value: unknown }
  | { readonly type: "died"; readonly reason: ExitReason }
  | { readonly type: "timeout" };

/** Sends `{'$gen_call', {Pid, [alias | Ref]}, Request}` and waits for `{[alias | Ref], Reply}` (OTP: gen:call). */
export async function call(
  runtime: Runtime,
  to: Pid | string,
  request: unknown,
  options: CallOptions,
): Promise<unknown> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const answer = await new Promise<Answer>((resolve, reject) => {
    runtime.spawn(async (self) => {
      try {
        resolve(await ask(self, to, request, timeoutMs));
      } catch (error) {
        reject(error);
      }
    });
  });
  if (answer.type === "reply") return answer.value;
  if (answer.type === "timeout") {
    throw new MoonletError("E_TIMEOUT", `${to} did not answer within ${timeoutMs} ms`, {
      hint: "Pass a longer timeoutMs, or find out with host.info what it is doing.",
    });
  }
  throw new MoonletError(
    "E_CALL_FAILED",
    `${to} ended before it answered: ${formatTerm(reasonToTerm(answer.reason))}`,
    {
      cause: answer.reason,
    },
  );
}

async function ask(self: Context, to: Pid | string, request: unknown, timeoutMs: number): Promise<Answer> {
  const ref = self.monitor(to, { alias: "reply_demonitor" });
  const tag = new ImproperList([atom("alias")], ref);
  try {
    self.send(to, tuple(atom("$gen_call"), tuple(self.pid, tag), request));
  } catch (error) {
    // A name that nobody has: the monitor's DOWN says so.
    if (!(error instanceof MoonletError && error.code === "badarg")) throw error;
  }
  const message = await self.receiveTagged(ref, { timeoutMs });
  if (message === undefined) return { type: "timeout" };
  if (Array.isArray(message)) return { type: "reply", value: message[1] };
  return { type: "died", reason: (message as { reason: ExitReason }).reason };
}
