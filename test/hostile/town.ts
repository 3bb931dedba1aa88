// A host with a victim in it, and somebody who asks the victim how it is, again and again, while guests attack. Time is virtual and goes by
// fuel, so that how long an answer takes is the same on every machine; everything else, files included, is real.
import { Host } from "../../host/host.ts";
import type { HostOptions } from "../../host/options.ts";
import { type Context, type ExitReason, formatTerm, type Pid } from "../../host/otp/index.ts";
import { crashReportJson } from "../../host/report/crash-report.ts";
import { renderCrashReport } from "../../host/report/render-crash-report.ts";
import { SimEnvironment } from "../../host/sim/sim-environment.ts";
import type { Program } from "../../host/wasm/program.ts";
import { differences, type Holdings, holdingsOf, machineSockets } from "./holdings.ts";
import { VICTIM_NAME } from "./victim.ts";

export const SLICE_FUEL = 20_000;
/** A whole slice takes a millisecond. */
const FUEL_PER_MS = SLICE_FUEL;
/** Between two questions to the victim. */
const PAUSE_MS = 2;
/** Rounds of killing after which whatever is left counts as immortal. */
const ROUNDS = 50;
/** Steps in which nothing happens, but for what comes from outside, after which nothing will. */
const MOST_IDLE_STEPS = 2000;
const LIMITS = { memoryBytes: 32 * 65_536, mailbox: 1000, messageBytes: 1_000_000 };

/** Counts what happens; the clock goes by fuel. */
class TownEnvironment extends SimEnvironment {
  slices = 0;
  /** The most fuel that anybody used in one slice. */
  mostFuel = 0;

  constructor() {
    let state = 1;
    const randomBytes = (into: Uint8Array) => {
      for (let i = 0; i < into.length; i++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
        into[i] = state >>> 16;
      }
    };
    super({ choose: () => 0, randomBytes }, { startTime: Date.UTC(2026, 0, 1), fuelPerMs: FUEL_PER_MS });
  }

  override sliced(pid: Pid, reductions: number): void {
    this.slices++;
    this.mostFuel = Math.max(this.mostFuel, reductions - this.used(pid));
    super.sliced(pid, reductions);
  }
}

export class Town {
  readonly host: Host;
  readonly environment = new TownEnvironment();
  /** What guests wrote and logged so far. */
  outputBytes = 0;
  logBytes = 0;
  logLines = 0;
  auditRecords = 0;
  /** Crash reports, as text and for machines. */
  reportChars = 0;
  /** How often the victim answered. */
  answers = 0;
  /** The most slices, of anybody, between a question and its answer, and how many processes there were then. */
  slowest = { slices: 0, processes: 0 };
  /** The most processes there were at a time. */
  mostProcesses = 2;
  /** In real time, for people to look at. */
  slowestAnswerMs = 0;
  slowestStepMs = 0;
  /** What went wrong so far. */
  readonly complaints: string[] = [];
  /** Looked at after each step until it complains. */
  always: ((town: Town) => readonly string[]) | undefined = undefined;

  readonly victim: Pid;
  readonly #victimEnd: { reason?: ExitReason };
  readonly #visitor: Pid;
  readonly #rejected = (error: unknown) =>
    this.complaints.push(`something was thrown out of the host: ${error}`);
  #sum: number | undefined;
  /** Of its answers, as it told last. */
  #count = 0;
  #isOver = false;
  /** When the next question is to be asked, and the slice from which on one waits to be asked and answered. */
  #dueAt: number | undefined;
  #askedAt: number | undefined;
  #before: Holdings | undefined;

  /** A town in which nothing has happened yet; see `settle`. */
  constructor(victim: Program, options: HostOptions = {}) {
    this.host = new Host({
      grants: "all",
      maxProcesses: 200,
      sliceFuel: SLICE_FUEL,
      write: (_, bytes) => {
        this.outputBytes += bytes.length;
      },
      log: {
        level: "debug",
        lifecycle: "off",
        write: (record) => {
          this.logLines++;
          if (record.event === "guest") this.logBytes += record.text.length + (record.label?.length ?? 0);
        },
      },
      audit: () => {
        this.auditRecords++;
      },
      crashed: (report) => {
        this.reportChars +=
          JSON.stringify(crashReportJson(report)).length + renderCrashReport(report, { color: false }).length;
      },
      ...options,
      limits: { ...LIMITS, ...options.limits },
      environment: this.environment,
    });
    process.on("unhandledRejection", this.#rejected);
    this.victim = this.host.spawn(victim, "main", { name: VICTIM_NAME, grants: ["tables", "streams"] });
    this.#victimEnd = this.watch(this.victim);
    this.#visitor = this.host.runtime.spawn((self) => this.#visit(self), { maxMailbox: 100 });
  }

  /** Lets the victim come to rest; what is held then has to be what is held at the end. */
  async settle(): Promise<void> {
    while (this.answers < 3) await this.step();
    this.#before = holdingsOf(this.host, this.victim);
    this.#resetFigures();
  }

  /** One step of anything; false if nothing is left to happen. */
  async step(): Promise<boolean> {
    const start = performance.now();
    if (this.#dueAt !== undefined && this.environment.now() >= this.#dueAt)
      this.#askedAt ??= this.environment.slices;
    const happened = this.environment.runNext();
    this.slowestStepMs = Math.max(this.slowestStepMs, performance.now() - start);
    this.mostProcesses = Math.max(this.mostProcesses, this.host.runtime.processes().length);
    const found = this.always?.(this) ?? [];
    if (found.length > 0) {
      this.complaints.push(...found);
      this.always = undefined;
    }
    await new Promise((resolve) => setImmediate(resolve));
    return happened;
  }

  /** Lets everything go on until this holds, for so many slices at most; whether it came to hold. */
  async until(isDone: () => boolean, slices: number, mostIdle = MOST_IDLE_STEPS): Promise<boolean> {
    const end = this.environment.slices + slices;
    let idle = 0;
    while (!isDone() && this.environment.slices < end && idle < mostIdle) {
      idle = (await this.step()) ? 0 : idle + 1;
    }
    return isDone();
  }

  /** Whether anybody is alive who is not the town's own. */
  get hasAttackers(): boolean {
    return this.host.runtime.processes().length > 2 || this.attackers().length > 0;
  }

  /** Kills whoever is not the town's own until nobody is left. */
  async clear(): Promise<void> {
    for (let round = 0; round < ROUNDS && this.hasAttackers; round++) {
      for (const pid of this.attackers()) this.host.kill(pid);
      await this.until(() => !this.hasAttackers, 500);
    }
    if (this.hasAttackers) this.complaints.push("it could not be killed");
  }

  /** Asks the victim some more, compares what is held with what was held before the attack, and ends the town. */
  async close(): Promise<void> {
    const { host } = this;
    const { answers } = this;
    const answersAgain = await this.until(() => this.answers >= answers + 3, 10_000);
    if (!answersAgain) {
      const { reason } = this.#victimEnd;
      this.complaints.push(
        `the victim answers no more${reason === undefined ? "" : `: it ended with ${formatTerm(reason)}`}`,
      );
    }
    // Without the victim everything is different.
    else if (this.#before) {
      const before = this.#before;
      // Sockets of this machine take some turns of its event loop to close.
      await this.until(() => machineSockets() <= before["sockets of this machine"]!, 100_000);
      this.complaints.push(...differences(before, holdingsOf(host, this.victim)));
    }
    this.#isOver = true;
    const closed = host.close({ timeoutMs: 0 });
    while (await this.step());
    await closed;
    if (host.runtime.processes().length > 0) this.complaints.push("a process outlived the host");
    process.off("unhandledRejection", this.#rejected);
  }

  /** A process's exit reason, once it has one. */
  watch(pid: Pid): { reason?: ExitReason } {
    const watched: { reason?: ExitReason } = {};
    void this.host.exited(pid).then((reason) => {
      watched.reason = reason;
    });
    return watched;
  }

  /** Whoever is not of the town itself. */
  attackers(): Pid[] {
    return this.host.runtime
      .processes()
      .filter((pid) => !pid.equals(this.victim) && !pid.equals(this.#visitor));
  }

  /** How long the question has waited that was asked last. */
  #noteWait(): void {
    if (this.#askedAt === undefined) return;
    const slices = this.environment.slices - this.#askedAt;
    if (slices > this.slowest.slices) this.slowest = { slices, processes: this.mostProcesses };
  }

  #resetFigures(): void {
    this.slowest = { slices: 0, processes: 0 };
    this.slowestAnswerMs = 0;
    this.slowestStepMs = 0;
    this.mostProcesses = 2;
    this.environment.mostFuel = 0;
  }

  /** Ends the time in which it counts how long an answer takes. */
  stopWatch(): void {
    this.#noteWait();
    this.#askedAt = undefined;
  }

  async #visit(self: Context): Promise<void> {
    while (!this.#isOver) {
      const start = performance.now();
      this.#askedAt ??= this.environment.slices;
      try {
        self.send(this.victim, self.pid);
      } catch (error) {
        // Somebody has filled its mailbox: asked again when it is its turn again.
        if ((error as { code?: unknown }).code !== "system_limit") throw error;
        await self.yield();
        continue;
      }
      const answer = await self.receive<unknown>(
        (message) => message instanceof Uint8Array && message.length === 8,
      );
      this.#look(answer as Uint8Array);
      this.slowestAnswerMs = Math.max(this.slowestAnswerMs, performance.now() - start);
      this.#noteWait();
      this.#askedAt = undefined;
      this.#dueAt = this.environment.now() + PAUSE_MS;
      await self.receive(() => false, { timeoutMs: PAUSE_MS });
    }
  }

  #look(answer: Uint8Array): void {
    const view = new DataView(answer.buffer, answer.byteOffset);
    const [count, sum] = [view.getInt32(0, true), view.getInt32(4, true)];
    this.answers++;
    this.#sum ??= sum;
    // Whoever knows the victim may ask it, too: then it has answered more often, and remembers the same.
    if (sum !== this.#sum || count <= this.#count) {
      const found = JSON.stringify({ sum, count });
      const expected = `${JSON.stringify({ sum: this.#sum })} and more than ${this.#count} answers`;
      this.complaints.push(`the victim's data have changed: ${found}, expected ${expected}`);
      this.#sum = sum;
    }
    this.#count = count;
  }
}
