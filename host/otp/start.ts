// Starting a process and waiting until it says that it is ready (OTP: proc_lib:start_link and init_ack).
import type { Context } from "./context.ts";
import type { DownMessage, ExitMessage } from "./envelope.ts";
import type { Pid } from "./pid.ts";
import type { SpawnOptions } from "./spawn-options.ts";

/** What the starter is told: what the child acknowledged with, or why it ended before that. */
export type Started<T> = { readonly ok: T; readonly pid: Pid } | { readonly error: unknown };

export interface StartOptions extends Omit<SpawnOptions, "link" | "monitor"> {
  /** Whether the child is linked to its starter. Default true. */
  readonly link?: boolean;
  /** After this time the child is killed and the error is "timeout". Default Infinity. */
  readonly timeoutMs?: number;
}

interface Acknowledgement<T> {
  readonly acknowledged: T;
}

/**
 * Spawns `fn` and waits for its `acknowledge`. An end before that gives `{ error: reason }` ("normal" if it just returned) and leaves no
 * exit message behind when the starter traps exits; a starter that does not trap dies with it, over the link (S16).
 */
export async function start<T>(
  self: Context,
  fn: (child: Context, acknowledge: (value: T) => void) => unknown,
  options: StartOptions = {},
): Promise<Started<T>> {
  const { link = true, timeoutMs = Number.POSITIVE_INFINITY, ...rest } = options;
  const since = self.process.mailbox.position;
  const child = (context: Context): unknown =>
    fn(context, (value) => context.send(ref, { acknowledged: value } satisfies Acknowledgement<T>));
  const [pid, ref] = self.spawnMonitor(child, {
    ...rest,
    initialCall: rest.initialCall ?? fn.name,
    link,
    monitor: { alias: "reply_demonitor" },
  });
  const answer = await self.receiveTagged<Acknowledgement<T> | DownMessage>(ref, { timeoutMs });
  if (answer !== undefined && "acknowledged" in answer) return { ok: answer.acknowledged, pid };
  if (answer === undefined) {
    self.unlink(pid);
    self.exitSignal(pid, "kill");
    await self.receiveTagged(ref);
    return { error: "timeout" };
  }
  self.process.mailbox.removeSince(
    since,
    (envelope) => envelope.kind === "exit" && (envelope.value as ExitMessage).from === pid,
  );
  return { error: answer.reason };
}
