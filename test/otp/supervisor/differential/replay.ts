// Plays a scenario on our supervisor, as player.erl plays it on OTP's, and writes the same trace.
import type { Context } from "../../../../host/otp/context.ts";
import { Exit } from "../../../../host/otp/exit.ts";
import { request } from "../../../../host/otp/gen/call.ts";
import { GEN_CALL } from "../../../../host/otp/gen/wire.ts";
import {
  type ChildSpec,
  type GenServer,
  Supervisor,
  type SupervisorSpec,
} from "../../../../host/otp/index.ts";
import { Pid } from "../../../../host/otp/pid.ts";
import { Runtime } from "../../../../host/otp/runtime.ts";
import { atom, atomTerm, formatTerm, isTuple, reasonToTerm, tuple } from "../../../../host/otp/term/index.ts";
import { TestEnvironment } from "../../support/test-environment.ts";
import type { Child, Scenario, Step } from "./scenario.ts";

/** Of the start and of each step: the answer, and what happened. */
export type Trace = readonly (readonly [answer: string, log: readonly string[]])[];

/** What the driver lets the supervisor's parent do. A class instance, so that it is handed over and not copied. */
class Work {
  readonly act: (self: Context) => Promise<string>;
  answer: string | undefined;

  constructor(act: (self: Context) => Promise<string>) {
    this.act = act;
  }
}

export function replay(scenario: Scenario): Promise<Trace> {
  return new Player(scenario).play();
}

class Player {
  readonly #scenario: Scenario;
  readonly #environment = new TestEnvironment();
  readonly #runtime = new Runtime({ environment: this.#environment });
  readonly #isDynamic: boolean;
  /** Every child there was, and the last and the living one of each id. */
  readonly #ids = new Map<Pid, string>();
  readonly #last = new Map<string, Pid>();
  readonly #living = new Map<string, Pid>();
  readonly #failures = new Map<string, { times: number; readonly how: string }>();
  readonly #dead: Pid;
  #log: string[] = [];
  readonly #holder: Pid;
  #supervisor: Pid | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#isDynamic = scenario.flavour === "simple_one_for_one";
    // As the player on the BEAM, which begins shortly after a full second.
    this.#environment.spend(50);
    this.#dead = this.#runtime.spawn(() => {});
    this.#holder = this.#runtime.spawn((self) => this.#hold(self));
    this.#runtime.subscribe((event) => {
      if (event.type !== "exited") return;
      const id = this.#ids.get(event.pid);
      if (id !== undefined) {
        if (this.#living.get(id) === event.pid) this.#living.delete(id);
        this.#log.push(`-${id} ${this.#text(reasonToTerm(event.reason))}`);
      } else if (event.pid === this.#supervisor)
        this.#log.push(`supervisor ${this.#text(reasonToTerm(event.reason))}`);
    });
  }

  async play(): Promise<Trace> {
    const trace = [await this.#do(new Work((self) => this.#start(self)))];
    for (const step of this.#scenario.steps) trace.push(await this.#step(step));
    this.#runtime.shutdown();
    return trace;
  }

  async #step(step: Step): Promise<[string, string[]]> {
    switch (step[0]) {
      case "sleep":
        await this.#environment.advance(step[1]);
        return this.#do(undefined);
      case "fail":
        this.#failures.set(step[1], { times: step[2], how: step[3] });
        return ["ok", []];
      case "end": {
        const pid = this.#living.get(step[1]);
        if (pid !== undefined && step[2] === "kill") this.#runtime.kill(pid);
        else if (pid !== undefined) this.#runtime.send(pid, { stop: reasonOf(step[2]) });
        return this.#do(undefined);
      }
      case "stop":
        return this.#do(
          new Work(async (self) => {
            if (this.#supervisor !== undefined) self.exitSignal(this.#supervisor, reasonOf(step[1]));
            return "ok";
          }),
        );
      default:
        return this.#do(new Work((self) => this.#ask(self, step)));
    }
  }

  /** Lets the holder work, and everybody else until the supervisor is idle: asked twice in a row, it has done nothing in between. */
  async #do(work: Work | undefined): Promise<[string, string[]]> {
    if (work !== undefined) await this.#work(work);
    let quiet = 0;
    while (quiet < 2) {
      const before = this.#log.length;
      await this.#work(new Work((self) => this.#askIdle(self)));
      quiet = this.#log.length === before ? quiet + 1 : 0;
    }
    return [work === undefined ? "ok" : (work.answer ?? "no answer"), this.#log.splice(0)];
  }

  async #work(work: Work): Promise<void> {
    this.#runtime.send(this.#holder, work);
    await this.#environment.settle();
    for (let i = 0; i < 1000 && work.answer === undefined; i++) await this.#environment.advance(5);
  }

  // ---- the supervisor's parent

  async #hold(self: Context): Promise<never> {
    self.trapExit = true;
    for (;;) {
      const message = await self.receive();
      if (message instanceof Work) message.answer = await message.act(self);
    }
  }

  async #start(self: Context): Promise<string> {
    const { flags, children } = this.#scenario;
    const { strategy, intensity, period, auto_shutdown: autoShutdown } = flags;
    const spec = {
      strategy,
      intensity,
      period,
      autoShutdown,
      children: children.map((child) => this.#spec(child)),
    } as SupervisorSpec;
    const result = await Supervisor.startLink(self, (supervisor) => {
      this.#supervisor = supervisor.pid;
      return spec;
    });
    if (result.type === "ok") return "{ok,pid}";
    this.#supervisor = undefined;
    return this.#text(
      result.type === "ignore" ? atom("ignore") : tuple(atom("error"), reasonToTerm(result.reason)),
    );
  }

  async #askIdle(self: Context): Promise<string> {
    if (this.#supervisor === undefined) return "none";
    return this.#call(self, this.#supervisor, atom("count_children"));
  }

  async #ask(self: Context, step: Step): Promise<string> {
    if (this.#supervisor === undefined) return "none";
    return this.#call(self, this.#supervisor, this.#request(step));
  }

  async #call(self: Context, supervisor: Pid, content: unknown): Promise<string> {
    try {
      return this.#text(await request(self, supervisor, GEN_CALL, content, Number.POSITIVE_INFINITY));
    } catch (error) {
      if (error instanceof Exit) return `exit ${this.#text(reasonToTerm(error.reason))}`;
      throw error;
    }
  }

  #request(step: Step): unknown {
    const [name, argument] = step;
    if (argument === undefined) return atom(name);
    if (name === "start_child")
      return tuple(atom(name), this.#isDynamic ? [argument] : this.#spec(argument as Child));
    return tuple(atom(name), this.#address(name, argument as string));
  }

  #address(name: string, id: string): unknown {
    if (!this.#isDynamic || name === "delete_child") return atomTerm(id);
    return this.#last.get(id) ?? this.#dead;
  }

  // ---- children

  #spec(child: Child): ChildSpec {
    const { id, restart, shutdown, type, significant } = child;
    return {
      id: atomTerm(id),
      start: ((self: Context, given?: Child) => this.#startChild(self, given ?? child)) as ChildSpec["start"],
      restart,
      shutdown: shutdown === "infinity" ? Number.POSITIVE_INFINITY : shutdown,
      type,
      significant,
      modules: [],
    } as ChildSpec;
  }

  async #startChild(self: Context, { id, manner }: Child): Promise<Pid | GenServer.StartResult> {
    const failure = this.#failures.get(id);
    if (failure !== undefined && failure.times > 0) {
      failure.times--;
      this.#log.push(`!${id}`);
      return failure.how === "error" ? { type: "error", reason: "cannot" } : { type: "ignore" };
    }
    this.#log.push(`+${id}`);
    const pid = self.spawnLink(async (child) => {
      child.trapExit = manner !== "plain";
      child.send(self.pid, tuple(atom("ready"), child.pid));
      for (;;) {
        const message = (await child.receive()) as { readonly stop?: unknown; readonly reason?: unknown };
        if ("stop" in message) child.exit(message.stop);
        if (manner === "otherwise") child.exit("otherwise");
        if (manner !== "stubborn") child.exit(message.reason);
      }
    });
    this.#ids.set(pid, id);
    this.#last.set(id, pid);
    this.#living.set(id, pid);
    // Whether a child traps must not depend on how soon it is stopped.
    await self.receive((message) => isTuple(message) && message[0] === atom("ready") && message[1] === pid);
    return pid;
  }

  // ---- terms as text

  #text(term: unknown): string {
    return formatTerm(this.#plain(term));
  }

  #plain(term: unknown): unknown {
    if (term instanceof Pid) return atomTerm(this.#ids.get(term) ?? "pid");
    if (isTuple(term)) {
      const parts: unknown[] =
        term[0] === atom("child") && term.length === 9 ? [0, 2, 4, 5, 6, 7].map((i) => term[i]) : [...term];
      return tuple(...parts.map((part) => this.#plain(part)));
    }
    if (Array.isArray(term)) return term.map((part) => this.#plain(part));
    if (typeof term === "object" && term !== null && "start" in term) {
      const keys = Object.keys(term).filter((key) => key !== "start");
      return keys.sort().map((key) => tuple(atom(key), (term as Record<string, unknown>)[key]));
    }
    return term;
  }
}

function reasonOf(text: string): unknown {
  return text === "tuple" ? tuple("shutdown", atom("tuple")) : text;
}
