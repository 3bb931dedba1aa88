// Spawns many guests, wakes each, ends each, and measures. Throws when one of them answers wrongly.
import { Host } from "../../../host/host.ts";
import { atom, Tuple, tuple } from "../../../host/otp/term/index.ts";

export interface MillionOptions {
  readonly count: number;
  /** Wasm instances that they share. */
  readonly instances: number;
  /** Path of the instrumented guests. */
  readonly program: string;
  /** Told how far it is. */
  readonly progress: (text: string) => void;
}

export interface MillionReport {
  readonly count: number;
  readonly instances: number;
  readonly parked: number;
  readonly spawnedPerSecond: number;
  /** Resident memory with all of them waiting. */
  readonly rssBytes: number;
  /** Resident memory per process, without what there was before. */
  readonly bytesPerProcess: number;
  readonly heapBytesPerProcess: number;
  readonly parkedBytesPerProcess: number;
  /** Until the last one had answered. */
  readonly wakeMs: number;
  readonly wokenPerSecond: number;
  /** Until the last one was gone. */
  readonly endMs: number;
  /** What is left after all have ended, above what there was before. */
  readonly leftHeapBytes: number;
}

export async function measureMillion(options: MillionOptions): Promise<MillionReport> {
  const { count, progress } = options;
  const host = new Host({
    grants: "all",
    maxProcesses: count + 10,
    pool: { maxInstances: options.instances },
  });
  const program = await host.load(options.program, { name: "guests", trusted: true });
  const counter = new Counter();
  const collector = host.runtime.spawn(async (self) => {
    for (;;) counter.add(await self.receive());
  });
  // One of each kind beforehand, so that what is measured is only more of the same.
  await ready(1);
  const before = memory();

  let start = performance.now();
  await ready(count);
  const spawnMs = performance.now() - start;
  const during = memory();
  const { instances, parked, parkedBytes } = host.pool;

  const pids = host.runtime.processes().filter((pid) => !pid.equals(collector));
  start = performance.now();
  const woken = counter.expect("awake", pids.length);
  for (const [i, pid] of pids.entries()) {
    host.send(pid, tuple(atom("wake"), 7));
    // The senders give way as everybody does.
    if (i % 1000 === 999) await new Promise(setImmediate);
    if (i % 50_000 === 0) progress(`waking: ${counter.got.toLocaleString("en-US")}`);
  }
  await woken;
  const wakeMs = performance.now() - start;
  if (counter.sum !== 7 * pids.length)
    throw new Error(`they answered ${counter.sum}, expected ${7 * pids.length}`);

  start = performance.now();
  for (const pid of pids) host.kill(pid);
  while (host.runtime.processes().length > 1) await new Promise(setImmediate);
  const endMs = performance.now() - start;
  const after = memory();
  await host.close();
  return {
    count,
    instances,
    parked,
    spawnedPerSecond: (count / spawnMs) * 1000,
    rssBytes: during.rss,
    bytesPerProcess: (during.rss - before.rss) / count,
    heapBytesPerProcess: (during.heap - before.heap) / count,
    parkedBytesPerProcess: parkedBytes / count,
    wakeMs,
    wokenPerSecond: (pids.length / wakeMs) * 1000,
    endMs,
    leftHeapBytes: after.heap - before.heap,
  };

  async function ready(wanted: number): Promise<void> {
    const all = counter.expect("ready", wanted);
    host.spawn(program, "spawnSleepers", { args: tuple(atom("job"), collector, wanted) });
    const timer = setInterval(() => progress(`spawning: ${counter.got.toLocaleString("en-US")}`), 500);
    await all;
    clearInterval(timer);
  }
}

/** Counts the answers of one kind. */
class Counter {
  got = 0;
  sum = 0;
  #wanted = 0;
  #kind: unknown;
  #done: () => void = () => {};

  expect(kind: string, wanted: number): Promise<void> {
    this.#kind = atom(kind);
    this.#wanted = wanted;
    this.got = 0;
    this.sum = 0;
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  add(message: unknown): void {
    const kind = message instanceof Tuple ? message[0] : message;
    if (kind !== this.#kind) return;
    if (message instanceof Tuple && message.length > 1) this.sum += Number(message[1]);
    if (++this.got === this.#wanted) this.#done();
  }
}

function memory(): { readonly rss: number; readonly heap: number } {
  globalThis.gc?.();
  return { rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed };
}
