// What a new process is made with.
import type { Account } from "./account.ts";
import { MoonletError } from "./error.ts";
import type { MailboxLimit } from "./mailbox.ts";
import type { MonitorOptions } from "./monitors.ts";
import type { Pid } from "./pid.ts";
import type { Priority } from "./run-queue.ts";
import type { Atom } from "./term/atom.ts";

export interface SpawnOptions {
  /** Registered under this name before it runs. Throws badarg in the spawner when the name is taken. Default none. */
  readonly name?: string | Atom | undefined;
  /** Linked to its spawner from the start (S13). Default false. */
  readonly link?: boolean;
  /** Monitored by its spawner from the start (S13, S14). Default false. */
  readonly monitor?: boolean | MonitorOptions;
  /** Default "normal"; never inherited (S15). */
  readonly priority?: Priority | undefined;
  /** Shown in listings and in the lifecycle log. Default none. */
  readonly label?: string | undefined;
  /** How many messages may wait, and what happens to those above (a plain number means "drop"). Default no bound. */
  readonly maxMailbox?: number | MailboxLimit | undefined;
  /** Bytes that its body and its tables may come to; above it putting something into a table gives system_limit. Default no bound. */
  readonly maxMemoryBytes?: number;
  /** What counts what it uses: one of its own, made for it. Default: nothing is counted. */
  readonly account?: Account | undefined;
  /**
   * Processes that do not trust each other are of different families: from one of another family a process takes messages only while its
   * mailbox is less than half full. "new" begins one, a process of which it is has its first pid. Default none, which is nobody's stranger.
   */
  readonly family?: Pid | "new" | undefined;
  /** What runs, for `info`: a function's name or `module:entry`. */
  readonly initialCall?: string;
  /** The body reads messages in the external term format, so that they reach it as they were sent, undecoded. Default false. */
  readonly readsEncoded?: boolean;
  /** What the process may do, for the lifecycle log. */
  readonly capabilities?: readonly string[];
}

/** @throws MoonletError badarg for a bound that is no count of messages. */
export function mailboxLimit(limit: SpawnOptions["maxMailbox"]): MailboxLimit | undefined {
  if (limit === undefined) return undefined;
  const checked: MailboxLimit = typeof limit === "number" ? { messages: limit, policy: "drop" } : limit;
  const { messages, policy } = checked;
  const isCount = Number.isInteger(messages) ? messages >= 0 : messages === Number.POSITIVE_INFINITY;
  if (!isCount || (policy !== "drop" && policy !== "reject" && policy !== "kill")) {
    throw new MoonletError("badarg", `maxMailbox cannot be ${JSON.stringify(limit)}`, {
      hint: 'use a number of messages, or { messages, policy: "reject" | "drop" | "kill" }',
    });
  }
  return checked;
}
