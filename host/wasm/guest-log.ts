// What is logged for a guest: its own lines, as many as its limit lets it, and what it was refused, which is an event too.
import { type Address, Pid, type RuntimeEvent, type Scope } from "../otp/index.ts";
import { Atom } from "../otp/term/index.ts";
import { type Grant, type GrantName, splitGrant } from "./grant.ts";
import type { Guest } from "./guest.ts";
import type { Loan } from "./loans.ts";
import { LogThrottle } from "./log-throttle.ts";
import type { GuestLogLevel } from "./services.ts";
import { ERROR, FAILURE_UNITS } from "./syscall.ts";
import type { TrapFrame } from "./trap.ts";

/** Characters of a line; the rest of a longer one is cut off. */
const MOST_LINE = 8192;
/** A limit that is reached over and over has one line in so long. */
const NEWS_MS = 1000;
/** Limits that have lines of their own, end the process with a reason that says so, or make it wait, which is what they are for. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set([
  "fuel",
  "fuelPerSecond",
  "wallTimeMs",
  "messageBytes",
  "logLines",
]);
/** Characters of a name that a guest chose, in what is told of it. */
const MOST_SHOWN = 256;

export class GuestLog {
  readonly #guest: Guest;
  readonly #throttle: LogThrottle;
  /** When each limit was last told of in the log. */
  #toldLimits: Map<string, number> | undefined = undefined;

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

  /** A limit stood in its way: told to the audit, and in a line of the log where nothing else says so, each limit once a second. */
  limitReached(limit: string, scope: Scope, max: number): void {
    const { events, environment } = this.#guest.process.runtime;
    const at = environment.now();
    const isNews = !TOLD_OTHERWISE.has(limit) && this.#isNews(limit, at);
    if (!(isNews || events.audited) || !this.#guest.plan.refusals.admits(at)) return;
    const site = this.#site();
    if (isNews) {
      const where = site === undefined ? "" : `, at ${site}`;
      this.write("warn", `limit reached: ${limit} of the ${scope}, ${max}${where}`);
    }
    if (!events.audited) return;
    this.tellLeftOut();
    const { pid } = this.#guest.process;
    events.emitAudited({ at, pid, type: "limitReached", limit, scope, max, site });
  }

  #isNews(limit: string, now: number): boolean {
    this.#toldLimits ??= new Map();
    if (now - (this.#toldLimits.get(limit) ?? Number.NEGATIVE_INFINITY) < NEWS_MS) return false;
    this.#toldLimits.set(limit, now);
    return true;
  }

  /** Another process got grants from it, at its spawn or as a loan. */
  gave(pid: Pid, how: "spawned" | "lent", grants: readonly string[]): void {
    const by = this.#guest.process.pid;
    this.#audit(({ at }) => ({ type: "granted", at, pid, how, grants, by }));
  }

  /** Says how many events were left out, if any were. */
  tellLeftOut(): void {
    const { events, environment } = this.#guest.process.runtime;
    const count = events.audited ? this.#guest.plan.refusals.takeDropped() : 0;
    if (count === 0) return;
    const { pid } = this.#guest.process;
    events.emitAudited({ type: "auditDropped", at: environment.now(), pid, count });
  }

  /** Tells whoever listens, as often as the family's share allows: what a guest can bring about in a loop floods nobody. */
  #audit(make: (about: { at: number; pid: Pid }) => RuntimeEvent): void {
    const { events, environment } = this.#guest.process.runtime;
    if (!events.audited) return;
    const at = environment.now();
    if (!this.#guest.plan.refusals.admits(at)) return;
    this.tellLeftOut();
    events.emitAudited(make({ at, pid: this.#guest.process.pid }));
  }

  /** A message over the limit; the answer to it. */
  refuseMessage(bytes: number): number {
    this.#guest.charge(FAILURE_UNITS);
    const { messageBytes } = this.#guest.limits;
    this.write("warn", `a message of ${bytes} bytes was not sent: the limit is ${messageBytes}`);
    this.limitReached("messageBytes", "process", messageBytes);
    return ERROR.system_limit;
  }

  /** The mailbox of whom it sent to took nothing in. */
  mailboxFull(to: Address): void {
    const { runtime } = this.#guest.process;
    const receiver =
      to instanceof Pid ? runtime.process(to) : to instanceof Atom ? runtime.named(to.name) : undefined;
    if (receiver === undefined) return;
    const { mailbox, account } = receiver;
    if (mailbox.length >= mailbox.bound) this.limitReached("mailbox", "process", mailbox.bound);
    else if (mailbox.bytes >= mailbox.maxBytes)
      this.limitReached("mailboxBytes", "process", mailbox.maxBytes);
    else {
      const lacking = account?.lacking("mailboxBytes", 1);
      if (lacking) this.limitReached("mailboxBytes", lacking.scope, lacking.bounds.mailboxBytes);
    }
  }

  /** A call that asked for what is not granted; `what` names it. The answer to it. */
  refuse(call: string, what: string): number {
    this.#guest.charge(FAILURE_UNITS);
    this.write("warn", `${call}: ${what} was asked for and is not granted`);
    this.audit(call, what);
    return ERROR.not_granted;
  }

  /** As `refuse`, for a grant that is held in part or not at all; `argument` is what it was needed for. */
  refuseGrant(call: string, name: GrantName, argument?: string): number {
    const { process, plan, grants } = this.#guest;
    const lost = plan.loans.heldBy(process)?.lostFor(name, argument);
    if (lost !== undefined) return this.#refuseLost(call, lost);
    const isPart = argument !== undefined && grants.opens(name);
    const part = isPart ? `:${argument.slice(0, MOST_SHOWN)}` : "";
    return this.refuse(call, `the grant "${name}${part}"`);
  }

  /** As `refuseGrant`, for a grant as a whole. */
  refuseWhole(call: string, grant: Grant): number {
    const { process, plan } = this.#guest;
    const [name, argument] = splitGrant(grant);
    const lost = plan.loans.heldBy(process)?.lostFor(name, argument);
    return lost === undefined ? this.refuse(call, `the grant "${grant}"`) : this.#refuseLost(call, lost);
  }

  /** A call that needed what was lent to it once. */
  #refuseLost(call: string, { what: grant, lender }: Loan): number {
    this.#guest.charge(FAILURE_UNITS);
    const what = `the grant "${grant}", which ${lender?.pid ?? "the host"} had lent to it`;
    this.write("warn", `${call}: ${what}, is taken back`);
    this.audit(call, `${what} and which is taken back`);
    return ERROR.revoked;
  }

  /** Tells whoever listens of a refusal. */
  audit(call: string, grant: string): void {
    this.#audit((about) => ({ ...about, type: "denied", call, grant, site: this.#site() }));
  }

  /** Where its program is, as far as that is known: in its own code, where AssemblyScript's library called. */
  #site(): string | undefined {
    const frames = this.#guest.callers();
    const frame = frames.find(({ functionName }) => !functionName.startsWith("~lib/")) ?? frames[0];
    return frame && describe(frame);
  }

  #write(level: GuestLogLevel, whole: string): void {
    const isLong = whole.length > MOST_LINE;
    const text = isLong ? `${whole.slice(0, MOST_LINE)}... (${whole.length} characters)` : whole;
    const { services, process } = this.#guest;
    services.log(level, text, process.pid, process.label);
  }
}

/** `main (main.ts:6:10)`. */
function describe({ functionName, file, line, column, offset }: TrapFrame): string {
  if (file !== undefined) return `${functionName} (${file}:${line}:${column})`;
  return offset === undefined ? functionName : `${functionName} (byte 0x${offset.toString(16)})`;
}
