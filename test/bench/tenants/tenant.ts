// One tenant: a stranger's program that keeps a ledger, the model of what is in it, and a client that gives it one command after the other.
import type { Host, MoonletError, Pid } from "../../../host/index.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import type { Programs, Version } from "./programs.ts";

/**
 * What a client does: an innocent command; a command during which the code is changed; a crash, too much memory, an endless loop that ends by a kill
 * or by new code; a change of code that works; one of each kind that does not; one that works and brings code that crashes.
 */
export const KINDS = [
  "innocent",
  "during_change",
  "trap",
  "hog",
  "spin_kill",
  "spin_new_code",
  "change",
  "change_trap",
  "change_spin",
  "change_refuse",
  "change_exit",
  "change_meddle",
  "change_misread",
  "change_no_entry",
  "change_not_granted",
  "change_to_faulty",
] as const;
export type Kind = (typeof KINDS)[number];

/** What one command came to: how long it took and, where the tenant is not as it has to be, how. */
export interface Done {
  readonly kind: Kind;
  readonly ms: number;
  readonly wrong: string | undefined;
}

const KEYS = 32;
/** How long a client waits for a command before it takes the tenant for stuck. */
const PATIENCE_MS = 100;
/** And how long for anything else on a busy machine. */
const LONG_MS = 10_000;

export class Tenant {
  readonly name: string;
  /** What a restart begins with. */
  version: Version = "ledger-1";
  readonly #host: Host;
  readonly #programs: Programs;
  /** A number below this one. */
  readonly #random: (below: number) => number;
  readonly #amounts = new Map<number, number>();

  constructor(name: string, host: Host, programs: Programs, random: (below: number) => number) {
    this.name = name;
    this.#host = host;
    this.#programs = programs;
    this.#random = random;
  }

  get sum(): number {
    return [...this.#amounts.values()].reduce((sum, amount) => sum + amount, 0);
  }

  async perform(kind: Kind): Promise<Done> {
    const start = performance.now();
    let ms: number | undefined;
    let wrong: string | undefined;
    try {
      if (kind === "innocent") {
        wrong = differs(await this.#put(), this.sum);
        ms = performance.now() - start;
      } else {
        await this.#misbehave(kind);
        // Whatever happened, it has to be what it was, or begin anew where it has crashed.
        wrong = differs(await this.#put(LONG_MS), this.sum);
      }
    } catch (error) {
      wrong = `${kind}: ${error instanceof Error ? error.message : String(error)}`;
    }
    return { kind, ms: ms ?? performance.now() - start, wrong };
  }

  #put(timeoutMs = LONG_MS): Promise<unknown> {
    const [key, amount] = [this.#random(KEYS), this.#random(1000)];
    this.#amounts.set(key, amount);
    return this.#host.call(this.name, tuple(atom("put"), key, amount), { timeoutMs });
  }

  async #misbehave(kind: Exclude<Kind, "innocent">): Promise<void> {
    switch (kind) {
      case "during_change": {
        if (this.version !== "ledger-1") return this.#change();
        const changed = this.#host.changeCode(this.#pid(), this.#programs["ledger-2"], {
          timeoutMs: LONG_MS,
        });
        const sum = this.#put();
        this.version = "ledger-2";
        await changed;
        const wrong = differs(await sum, this.sum);
        if (wrong !== undefined) throw new Error(wrong);
        return;
      }
      case "trap":
      case "hog":
        return this.#crash(kind);
      case "spin_kill":
        return this.#spin(async () => this.#host.kill(this.#pid()));
      case "spin_new_code":
        return this.#spin(() => this.#restore());
      case "change":
        return this.#change();
      case "change_to_faulty":
        await this.#back();
        await this.#host.changeCode(this.#pid(), this.#programs["ledger-2"], {
          extra: atom("faulty"),
          timeoutMs: LONG_MS,
        });
        return this.#crash("any command");
      default:
        return this.#failToChange(kind.slice("change_".length));
    }
  }

  /** It ends, and the supervisor starts it anew, empty. */
  async #crash(command: string): Promise<void> {
    const pid = this.#pid();
    await this.#expectFailure(
      "E_CALL_FAILED",
      this.#host.call(this.name, atom(command), { timeoutMs: LONG_MS }),
    );
    await this.#restarted(pid);
  }

  /** It loops for ever, until somebody does something about it. */
  async #spin(end: () => Promise<void>): Promise<void> {
    const pid = this.#pid();
    await this.#expectFailure(
      "E_TIMEOUT",
      this.#host.call(this.name, atom("spin"), { timeoutMs: PATIENCE_MS }),
    );
    await end();
    if (this.#host.info(pid) === undefined) await this.#restarted(pid);
  }

  /** The operator, who has kept a copy of the state, puts new code into the process. */
  async #restore(): Promise<void> {
    await this.#host.changeCode(this.#pid(), this.#programs["ledger-1"], {
      state: new Map(this.#amounts),
      entry: "restored",
      timeoutMs: LONG_MS,
    });
    this.version = "ledger-1";
  }

  /** To the other version, with all that it knows. */
  async #change(): Promise<void> {
    const to = this.version === "ledger-1" ? "ledger-2" : "ledger-1";
    await this.#host.changeCode(this.#pid(), this.#programs[to], { timeoutMs: LONG_MS });
    this.version = to;
  }

  /** To the first version, which others can be tried on. */
  async #back(): Promise<void> {
    if (this.version !== "ledger-1") await this.#change();
  }

  async #failToChange(how: string): Promise<void> {
    await this.#back();
    const program = how === "not_granted" ? this.#programs.greedy : this.#programs["ledger-2"];
    const options = how === "no_entry" ? { entry: "nowhere" } : { extra: atom(how) };
    await this.#expectFailure(
      "E_CODE_CHANGE",
      this.#host.changeCode(this.#pid(), program, { ...options, timeoutMs: LONG_MS }),
    );
  }

  async #expectFailure(code: string, promise: Promise<unknown>): Promise<void> {
    const error = await promise.then(
      () => new Error("nothing went wrong"),
      (error: unknown) => error as MoonletError,
    );
    if (!("code" in error) || error.code !== code) throw new Error(`${code} was expected: ${error.message}`);
  }

  /** It is there again, with nothing in it. */
  async #restarted(before: Pid): Promise<void> {
    const deadline = performance.now() + LONG_MS;
    this.#amounts.clear();
    for (;;) {
      const now = this.#host.runtime.whereis(this.name);
      if (now !== undefined && !now.equals(before)) return;
      if (performance.now() > deadline) throw new Error("it was not started anew");
      await new Promise(setImmediate);
    }
  }

  #pid(): Pid {
    const pid = this.#host.runtime.whereis(this.name);
    if (pid === undefined) throw new Error("it is not there");
    return pid;
  }
}

function differs(found: unknown, expected: number): string | undefined {
  return Number(found) === expected ? undefined : `its sum is ${String(found)}, not ${expected}`;
}
