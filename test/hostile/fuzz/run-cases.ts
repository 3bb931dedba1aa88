// Runs cases, a hundred at a time, in a town with a victim; what is wrong afterwards is told with the seeds it was found at.
import { compileInline } from "../../../host/compile-inline.ts";
import { Host } from "../../../host/host.ts";
import { formatTerm, MoonletError } from "../../../host/otp/index.ts";
import { MemoryFileSystem } from "../../../host/sim/memory-file-system.ts";
import { MemoryNetwork } from "../../../host/sim/memory-network.ts";
import { type Grant, INSIDE_GRANTS } from "../../../host/wasm/grant.ts";
import type { Program } from "../../../host/wasm/program.ts";
import { InstrumentError } from "../../../instrument/index.ts";
import { generate } from "../../fuzz/generate.ts";
import { HOSTILE } from "../../wasm/support/hostile-guest.ts";
import { SUBJECTS } from "../attacks/index.ts";
import { speaksOfInsides } from "../play.ts";
import { Town } from "../town.ts";
import { victim } from "../victim.ts";
import { mutant } from "./module-case.ts";
import { syscallCase } from "./syscall-case.ts";

/** Cases that run side by side. */
const AT_ONCE = 50;
/** Nothing comes from outside: when nothing has happened so often, nothing will. */
const MOST_IDLE = 3;
/** Slices that they have together. */
const TURNS = 2000;
const FUEL = 100_000;
/** All there are; names of their own only. With `kill` they may kill whoever they know, and they do not know the victim's pid. */
const GRANTED: Grant[] = [
  ...INSIDE_GRANTS.filter((name) => name !== "register"),
  ...(["register:own.*", "listen", "connect", "connect:127.0.0.1:*", "http", "http:127.0.0.1"] as const),
];
const WITHOUT_KILL = GRANTED.filter((name) => name !== "kill");
/** Random modules among those that are changed. */
const GENERATED = 40;

export type Kind = "syscalls" | "modules";
export interface Found {
  readonly cases: number;
  /** Calls that the guests made. */
  readonly calls: number;
  /** How they ended: an exit reason, a trap's kind, an error's code. */
  readonly ends: Readonly<Record<string, number>>;
  readonly complaints: readonly string[];
  readonly slowestStepMs: number;
  readonly ms: number;
}

let programs: Promise<{ victim: Program; hostile: Program }> | undefined;
let corpus: Promise<readonly Uint8Array[]> | undefined;

/** The cases with the seeds from `first` on. */
export async function runCases(kind: Kind, first: number, count: number): Promise<Found> {
  const start = performance.now();
  const loader = new Host();
  programs ??= loadPrograms();
  const { victim, hostile } = await programs;
  let calls = 0;
  // A network in memory, by the town's clock.
  const network = new MemoryNetwork({
    defer: (task) => town.environment.defer(task),
    setTimer: (task, ms) => town.environment.setTimer(task, ms),
  });
  const town: Town = new Town(victim, {
    grants: GRANTED,
    network,
    // A thread that begins would open files of its own, which count as this process's.
    compile: compileInline,
    fileSystem: new MemoryFileSystem({ box: { file: "text", folder: { inner: "x" } } }),
    directories: [{ host: "/box", guest: "/", mode: "write" }],
    env: { NAME: "value" },
    stdin: "some input",
    crashed: () => {},
    // The victim is the first process.
    faults: (pid) => ({
      killAtCall: (_name, _nth, when) => {
        if (when === "before" && pid.number > 1) calls++;
        return false;
      },
    }),
    limits: { memoryBytes: 4 * 65_536, mailbox: 50, messageBytes: 100_000 },
  });
  await town.settle();
  const ends: Record<string, number> = {};
  const note = (end: string) => {
    ends[end] = (ends[end] ?? 0) + 1;
  };
  for (let from = first; from < first + count; from += AT_ONCE) {
    await wave(from, Math.min(AT_ONCE, first + count - from));
  }
  // Otherwise the guests do not even start, and nothing is tried.
  if (kind === "syscalls" && calls < count) town.complaints.push(`${calls} calls were made`);
  const { slowestStepMs } = town;
  await town.close();
  await loader.close();
  const complaints = town.complaints.map(
    (complaint) => `${kind} ${first} to ${first + count - 1}: ${complaint}`,
  );
  return { cases: count, calls, ends, complaints, slowestStepMs, ms: performance.now() - start };

  /** Some of them, side by side; none of them is left afterwards. */
  async function wave(from: number, size: number): Promise<void> {
    const watched: { reason?: unknown }[] = [];
    for (let seed = from; seed < from + size; seed++) {
      try {
        const program = kind === "syscalls" ? hostile : await load(loader, seed);
        const options =
          kind === "syscalls" ? { args: syscallCase(seed) } : { args: town.victim, grants: WITHOUT_KILL };
        const pid = town.host.spawn(program, undefined, { ...options, limits: { fuel: FUEL } });
        watched.push(town.watch(pid));
      } catch (error) {
        if (!(error instanceof MoonletError) && !(error instanceof InstrumentError))
          town.complaints.push(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
        note((error as { code?: string }).code ?? "thrown");
      }
    }
    await town.until(() => watched.every(({ reason }) => reason !== undefined), TURNS, MOST_IDLE);
    await town.clear();
    for (const { reason } of watched) {
      note(kindOf(reason));
      if (speaksOfInsides(reason))
        town.complaints.push(
          `a reason of ${from} to ${from + size - 1} speaks of the host: ${formatTerm(reason)}`,
        );
    }
  }
}

async function load(loader: Host, seed: number): Promise<Program> {
  corpus ??= makeCorpus();
  return loader.load(mutant(await corpus, seed), { name: "mutant" });
}

function kindOf(reason: unknown): string {
  if (typeof reason === "string") return reason;
  if (typeof reason === "object" && reason !== null && "kind" in reason) return `trap ${reason.kind}`;
  return "another term";
}

async function loadPrograms() {
  const host = new Host();
  return { victim: await host.load(victim()), hostile: await host.load(HOSTILE) };
}

async function makeCorpus(): Promise<readonly Uint8Array[]> {
  const own = SUBJECTS.flatMap(({ attacks }) => attacks.map(({ module }) => module()));
  const modules = [HOSTILE, victim(), ...own.filter(({ length }) => length < 20_000)];
  for (let seed = 1; seed <= GENERATED; seed++) {
    const made = await generate(seed);
    if (made && made.length < 20_000) modules.push(made);
  }
  return modules;
}
