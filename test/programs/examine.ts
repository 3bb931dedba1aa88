// Has an interpreter do everything that it has to be able to as a moonlet process, and measures it.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHost, type Host, type HostOptions, type Program } from "../../host/index.ts";
import { checkDeterminism } from "../../host/sim/index.ts";
import type { Instrumented } from "./instrument-once.ts";
import { type Check, type Interpreter, SURROUNDINGS } from "./interpreter.ts";

const SPINNING_MS = 400;
const TIMER_MS = 5;

export interface Examination {
  readonly instrumented: Instrumented;
  /** From the call that loads the instrumented file until it can be spawned. */
  readonly loadMs: number;
  /** From the spawn to the end of a program that does nothing: that of the first process, and of one after it. */
  readonly startToEndMs: readonly [number, number];
  /** Fuel of such a process. */
  readonly startFuel: number;
  /** Its linear memory. */
  readonly memoryBytes: number;
  /** How late timers of 5 ms are while two endless loops run: at the median, and at most. */
  readonly timerLateMs: readonly [number, number];
  readonly passed: readonly string[];
  /** What failed, and how. */
  readonly failed: readonly string[];
}

export async function examine(
  interpreter: Interpreter,
  module: string,
  folder: string,
): Promise<Examination> {
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, SURROUNDINGS.file), SURROUNDINGS.text);
  const output = join(folder, "instrumented.wasm");
  const script = fileURLToPath(new URL("instrument-once.js", import.meta.url));
  const told = execFileSync(process.execPath, [script, module, output], { encoding: "utf8" });

  const written = new Written();
  await using host = await createHost({
    grants: ["stdio", "stdin"],
    directories: [{ host: data, guest: "/data", mode: "read" }],
    env: { [SURROUNDINGS.variable]: SURROUNDINGS.value },
    log: { level: "off" },
    write: (stream, bytes) => written.take(stream, bytes),
  });
  const started = performance.now();
  const program = await host.load(output, { trusted: true });
  const loadMs = performance.now() - started;
  const nothing = [await timed(host, program, interpreter), await timed(host, program, interpreter)] as const;

  const bench = new Bench(interpreter, host, program, written);
  const passed: string[] = [];
  const failed: string[] = [];
  const note = (name: string, wrong: string | undefined) =>
    wrong === undefined ? passed.push(name) : failed.push(`${name}: ${wrong}`);
  for (const check of interpreter.checks) note(check.name, await bench.check(check));
  note("is killed in an endless loop, with others beside it", await bench.killsEndless());
  note("ends by its fuel in an endless loop", await bench.endsByFuel());
  note("does the same twice in a simulation", await bench.isDeterministic());
  return {
    instrumented: JSON.parse(told) as Instrumented,
    loadMs,
    startToEndMs: [nothing[0].ms, nothing[1].ms],
    startFuel: nothing[1].fuel,
    memoryBytes: nothing[1].memoryBytes,
    timerLateMs: bench.timerLateMs,
    passed,
    failed,
  };
}

async function timed(host: Host, program: Program, interpreter: Interpreter) {
  const started = performance.now();
  const pid = host.spawn(program, "_start", { args: interpreter.run("") });
  const process = host.runtime.process(pid)!;
  let memoryBytes = 0;
  const watch = setInterval(() => {
    memoryBytes = Math.max(memoryBytes, host.info(pid)?.memoryBytes ?? 0);
  }, 10);
  await host.exited(pid);
  clearInterval(watch);
  return { ms: performance.now() - started, fuel: process.reductions, memoryBytes };
}

class Written {
  text: Record<1 | 2, string> = { 1: "", 2: "" };

  take(stream: 1 | 2, bytes: Uint8Array): void {
    this.text[stream] += new TextDecoder().decode(bytes);
  }

  /** What came since, and forgets it. */
  since(): { out: string; error: string } {
    const { 1: out, 2: error } = this.text;
    this.text = { 1: "", 2: "" };
    return { out, error };
  }
}

class Bench {
  readonly #interpreter: Interpreter;
  readonly #host: Host;
  readonly #program: Program;
  readonly #written: Written;
  timerLateMs: readonly [number, number] = [0, 0];

  constructor(interpreter: Interpreter, host: Host, program: Program, written: Written) {
    this.#interpreter = interpreter;
    this.#host = host;
    this.#program = program;
    this.#written = written;
  }

  /** Undefined, or how it failed. */
  async check(check: Check): Promise<string | undefined> {
    const args = [...this.#interpreter.run(check.code), ...(check.args ?? [])];
    const reason = await this.#host.exited(
      this.#host.spawn(this.#program, "_start", {
        args,
        stdin: check.stdin ?? "",
        ...(check.memoryBytes !== undefined && { limits: { memoryBytes: check.memoryBytes } }),
      }),
    );
    const { out, error } = this.#written.since();
    const code =
      reason === "normal" ? 0 : Array.isArray(reason) && reason[0] === "exit_code" ? reason[1] : reason;
    const wanted = { out: check.out ?? "", code: check.exitCode ?? 0 };
    if (out === wanted.out && code === wanted.code && error.includes(check.error ?? "")) return undefined;
    return `${JSON.stringify(wanted)} was expected, ${JSON.stringify({ out, code, error })} is what came`;
  }

  /** Two loops for ever, one process that works and ends; then they are killed. */
  async killsEndless(): Promise<string | undefined> {
    const spin = () =>
      this.#host.spawn(this.#program, "_start", { args: this.#interpreter.run(this.#interpreter.endless) });
    const endless = [spin(), spin()];
    const late: number[] = [];
    const until = performance.now() + SPINNING_MS;
    const busy = this.#host.exited(
      this.#host.spawn(this.#program, "_start", { args: this.#interpreter.run(this.#interpreter.busy) }),
    );
    while (performance.now() < until) {
      const asked = performance.now();
      await new Promise((resolve) => setTimeout(resolve, TIMER_MS));
      late.push(performance.now() - asked - TIMER_MS);
    }
    late.sort((a, b) => a - b);
    this.timerLateMs = [late[late.length >> 1] ?? 0, late.at(-1) ?? 0];
    const reason = await busy;
    const used = endless.map((pid) => this.#host.info(pid)?.reductions ?? 0);
    const ends = endless.map((pid) => this.#host.exited(pid));
    for (const pid of endless) this.#host.kill(pid);
    const reasons = await Promise.all(ends);
    const { out } = this.#written.since();
    if (reason !== "normal" || out === "") return `the one beside them ended with ${JSON.stringify(reason)}`;
    if (reasons.some((end) => end !== "killed")) return `they ended with ${JSON.stringify(reasons)}`;
    return used.every((fuel) => fuel > 0) ? undefined : "one of them never ran";
  }

  async endsByFuel(): Promise<string | undefined> {
    const fuel = 1_000_000_000;
    const pid = this.#host.spawn(this.#program, "_start", {
      args: this.#interpreter.run(this.#interpreter.endless),
      limits: { fuel },
    });
    const process = this.#host.runtime.process(pid)!;
    const reason = (await this.#host.exited(pid)) as { kind?: string };
    if (reason.kind !== "fuel_exhausted") return `it ended with ${JSON.stringify(reason)}`;
    // What the host does for a process is paid for when it is done.
    return process.reductions >= fuel && process.reductions < fuel + 1000
      ? undefined
      : `it used ${process.reductions}`;
  }

  async isDeterministic(): Promise<string | undefined> {
    const host: HostOptions = { grants: ["stdio", "stdin"], log: { level: "off" }, write: () => {} };
    const run = await checkDeterminism(
      async (sim) => {
        const pid = sim.spawn(this.#program, "_start", {
          args: this.#interpreter.run(this.#interpreter.busy),
        });
        const reason = await sim.exited(pid);
        if (reason !== "normal") throw new Error(`it ended with ${JSON.stringify(reason)}`);
      },
      { seed: 7, loader: this.#host, host },
    ).catch((error: Error) => ({ passed: false, error }));
    return run.passed ? undefined : String(run.error);
  }
}
