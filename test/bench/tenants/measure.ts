// Strangers' programs side by side in one host, in cycles: each starts all tenants, lets their clients work, and ends them. What is measured is what
// an innocent tenant notices of the others, and what is left in memory.
import { createHost, type Host } from "../../../host/index.ts";
import { Supervisor } from "../../../host/otp/index.ts";
import { loadVersions, type Modules, unloadVersions } from "./programs.ts";
import { type Done, KINDS, type Kind, Tenant } from "./tenant.ts";

export interface TenantsOptions {
  readonly modules: Modules;
  readonly tenants: number;
  /** In each cycle, all tenants together. */
  readonly commands: number;
  readonly cycles: number;
  /** How long a client pauses between two commands, milliseconds on average; 0 for not at all. */
  readonly pauseMs: number;
  readonly seed: number;
  readonly progress: (text: string) => void;
}

export interface Memory {
  readonly heapBytes: number;
  /** Outside V8's heap: array buffers, Wasm memories. */
  readonly externalBytes: number;
  readonly rssBytes: number;
}

export interface TenantsReport {
  readonly tenants: number;
  readonly commands: number;
  readonly cycles: number;
  readonly seed: number;
  /** Of innocent commands, in all cycles. */
  readonly innocent: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly counts: Readonly<Record<Kind, number>>;
  /** Sums that were looked at. */
  readonly checks: number;
  /** What was not as it has to be; at most 20 of them. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
  /** Before the first cycle, after one that is not counted, and after each. */
  readonly memory: readonly Memory[];
  readonly commandsPerSecond: number;
}

/** Of a thousand commands; a kind that is not here comes once in a cycle. */
const SHARES: Readonly<Partial<Record<Kind, number>>> = {
  during_change: 5,
  trap: 10,
  spin_kill: 3,
  spin_new_code: 3,
  change: 15,
  change_trap: 3,
  change_spin: 2,
  change_refuse: 3,
  change_exit: 3,
  change_meddle: 3,
  change_misread: 3,
  change_no_entry: 3,
  change_not_granted: 3,
  change_to_faulty: 3,
};
const MOST_WRONG = 20;

export async function measureTenants(options: TenantsOptions): Promise<TenantsReport> {
  const { tenants, commands, cycles, seed } = options;
  const random = generator(seed);
  const host = await createHost({
    limits: { memoryBytes: 8 * 2 ** 20, mailbox: 1000, messageBytes: 2 ** 20 },
    maxProcesses: 10_000,
  });
  const tally = new Tally(commands * cycles);
  const memory: Memory[] = [await settledMemory()];
  let busyMs = 0;
  for (let cycle = 0; cycle <= cycles; cycle++) {
    options.progress(cycle === 0 ? "warming up" : `cycle ${cycle} of ${cycles}`);
    // The first one is not counted: compilers and collector find their size.
    const counted = cycle === 0 ? new Tally(commands) : tally;
    busyMs += (cycle === 0 ? 0 : 1) * (await runCycle(host, options, random, counted));
    memory.push(await settledMemory());
  }
  await host.close();
  return {
    tenants,
    commands,
    cycles,
    seed,
    innocent: tally.innocent(),
    counts: tally.counts,
    checks: tally.checks,
    wrong: tally.wrong,
    wrongCount: tally.wrongCount,
    memory,
    commandsPerSecond: (commands * cycles) / (busyMs / 1000),
  };
}

/** Milliseconds that the clients worked. */
async function runCycle(
  host: Host,
  options: TenantsOptions,
  random: (below: number) => number,
  tally: Tally,
): Promise<number> {
  const programs = await loadVersions(host, options.modules);
  const tenants = Array.from(
    { length: options.tenants },
    (_, i) => new Tenant(`tenant_${i}`, host, programs, random),
  );
  const supervisor = await Supervisor.start(host.runtime, {
    strategy: "one_for_one",
    intensity: 1_000_000,
    period: 1,
    children: tenants.map((tenant) => ({
      id: tenant.name,
      start: (self) => host.spawn(programs[tenant.version], "main", { link: self, name: tenant.name }),
    })),
  });
  if (supervisor.type !== "ok") throw new Error("the supervisor did not start");
  const start = performance.now();
  let left = options.commands;
  // Each kind once, then as it comes.
  const first: Kind[] = [...KINDS];
  await Promise.all(
    tenants.map(async (tenant) => {
      while (left-- > 0) {
        tally.add(await tenant.perform(first.pop() ?? drawKind(random)), tenant);
        if (options.pauseMs > 0) await pause(random(2 * options.pauseMs + 1));
      }
    }),
  );
  const ms = performance.now() - start;
  await Supervisor.stop(host.runtime, supervisor.pid);
  await unloadVersions(host, programs);
  return ms;
}

/** What came of all commands; its room is taken once, so that it is no part of what grows. */
class Tally {
  readonly counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  readonly wrong: string[] = [];
  wrongCount = 0;
  checks = 0;
  readonly #latencies: Float64Array;

  constructor(commands: number) {
    this.#latencies = new Float64Array(commands);
  }

  add({ kind, ms, wrong }: Done, tenant: Tenant): void {
    if (kind === "innocent") this.#latencies[this.counts.innocent] = ms;
    this.counts[kind]++;
    this.checks++;
    if (wrong === undefined) return;
    this.wrongCount++;
    if (this.wrong.length < MOST_WRONG) this.wrong.push(`${tenant.name}: ${wrong}`);
  }

  innocent(): TenantsReport["innocent"] {
    const sorted = this.#latencies.subarray(0, this.counts.innocent).toSorted();
    const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}

function drawKind(random: (below: number) => number): Kind {
  let drawn = random(1000);
  for (const [kind, share] of Object.entries(SHARES)) {
    drawn -= share;
    if (drawn < 0) return kind as Kind;
  }
  return "innocent";
}

/** Mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** After what ended has been collected; V8 frees Wasm code and memories in steps. */
async function settledMemory(): Promise<Memory> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
}
