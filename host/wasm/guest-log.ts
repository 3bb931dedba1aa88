// What is logged for a guest: its own lines, as many as its limit lets it, and what it was refused, which is an event too.
import type { Scope } from "../otp/index.ts";
import type { GrantName } from "./grant.ts";
import type { Guest } from "./guest.ts";
import { LogThrottle } from "./log-throttle.ts";
import type { GuestLogLevel } from "./services.ts";
import { ERROR } from "./syscall.ts";
import type { TrapFrame } from "./trap.ts";

/** Characters of a name that a guest chose, in what is told of it. */
const MOST_SHOWN = 256;

export class GuestLog {
  readonly #guest: Guest;
  readonly #throttle: LogThrottle;

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#throttle = new LogThrottle(guest.limits.logLines);
  }

  /** Logs a line, or drops it. */
  write(level: GuestLogLevel, text: string): void {
    const { runtime, account } = this.#guest.process;
    const now = runtime.environment.now();
    if (!this.#throttle.admits(now)) return;
    if (account !== undefined && !account.admitsLine(now)) {
      this.#throttle.drop();
      return;
    }
    this.tellDropped();
    this.#write(level, text);
  }

  /** Lines of the last second. */
  get recentLines(): number {
    return this.#throttle.recent(this.#guest.process.runtime.environment.now());
  }

  /** Says how many lines were dropped, if any were. */
  tellDropped(): void {
    const dropped = this.#throttle.takeDropped();
    if (dropped === 0) return;
    const { limits, process } = this.#guest;
    const shared = process.account?.lineLimit ?? Number.POSITIVE_INFINITY;
    const limit =
      limits.logLines <= shared ? `${limits.logLines} a second` : `${shared} a second for its subtree`;
    this.#write("warn", `${dropped} lines were not logged: the limit is ${limit}`);
    this.limitReached(
      "logLines",
      limits.logLines <= shared ? "process" : "subtree",
      Math.min(limits.logLines, shared),
    );
  }

  /** A limit stood in its way. */
  limitReached(limit: string, scope: Scope, max: number): void {
    const { runtime, pid } = this.#guest.process;
    const { events, environment } = runtime;
    if (!events.active) return;
    events.emit({ type: "limitReached", at: environment.now(), pid, limit, scope, max, site: this.#site() });
  }

  /** A message over the limit; the answer to it. */
  refuseMessage(bytes: number): number {
    const { messageBytes } = this.#guest.limits;
    this.write("warn", `a message of ${bytes} bytes was not sent: the limit is ${messageBytes}`);
    this.limitReached("messageBytes", "process", messageBytes);
    return ERROR.system_limit;
  }

  /** A call that asked for what is not granted; `what` names it. The answer to it. */
  refuse(call: string, what: string): number {
    this.write("warn", `${call}: ${what} was asked for and is not granted`);
    this.audit(call, what);
    return ERROR.not_granted;
  }

  /** As `refuse`, for a grant that is held in part or not at all; `argument` is what it was needed for. */
  refuseGrant(call: string, name: GrantName, argument?: string): number {
    const isPart = argument !== undefined && this.#guest.grants.opens(name);
    const part = isPart ? `:${argument.slice(0, MOST_SHOWN)}` : "";
    return this.refuse(call, `the grant "${name}${part}"`);
  }

  /** Tells whoever listens of a refusal. */
  audit(call: string, grant: string): void {
    const { events, environment } = this.#guest.process.runtime;
    if (!events.active) return;
    const { pid } = this.#guest.process;
    events.emit({ type: "denied", at: environment.now(), pid, call, grant, site: this.#site() });
  }

  /** Where its program is, as far as that is known. */
  #site(): string | undefined {
    const [frame] = this.#guest.callers();
    return frame && describe(frame);
  }

  #write(level: GuestLogLevel, text: string): void {
    const { services, process } = this.#guest;
    services.log(level, text, process.pid, process.label);
  }
}

/** `main (main.ts:6:10)`. */
function describe({ functionName, file, line, column, offset }: TrapFrame): string {
  if (file !== undefined) return `${functionName} (${file}:${line}:${column})`;
  return offset === undefined ? functionName : `${functionName} (byte 0x${offset.toString(16)})`;
}
