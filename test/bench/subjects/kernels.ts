// Compute kernels: the module as the compiler leaves it against the same module instrumented, preempted every slice as a guest is. The
// figure is one run. Both give a 64-bit result that has to be the same to the bit.
import { DEFAULT_SLICE_FUEL } from "../../../host/host.ts";
import { type Coroutine, createCoroutine, readManifest } from "../../../instrument/index.ts";
import { kernelModules } from "../programs.ts";
import type { Round, Side, Subject } from "../subject.ts";

/** Name and size of each kernel; a size takes raw Wasm a few milliseconds. */
export const KERNEL_SIZES: Readonly<Record<string, number>> = {
  calls: 400_000,
  deep: 300,
  fib: 28,
  hash: 400,
  interpreter: 2_000_000,
  mandelbrot: 110,
  matmul: 140,
  mixed: 22,
  mutual: 15_000,
  nbody: 4_000,
  queens: 12,
  receive: 100_000,
  sha: 2_000,
  sieve: 2_000_000,
  sort: 15_000,
  trees: 8_000,
  vm: 12_000,
};

const RUNS = 10;

export const kernels: readonly Subject[] = Object.entries(KERNEL_SIZES).map(([name, size]) => ({
  name: `kernel_${name}`,
  title: name,
  group: "kernels",
  unit: "ns",
  baseline: "raw",
  sides: {
    raw: { count: RUNS, prepare: async (folder) => raw((await kernelModules(folder, name)).raw, size) },
    instrumented: {
      count: RUNS,
      prepare: async (folder) => instrumented((await kernelModules(folder, name)).instrumented, size),
    } satisfies Side,
  },
}));

type Run = (size: number) => bigint;

function raw(bytes: Uint8Array, size: number): Round {
  const module = new WebAssembly.Module(bytes as BufferSource);
  return (count) => timed(count, size, runOf(new WebAssembly.Instance(module, NO_ABORT)));
}

function instrumented(bytes: Uint8Array, size: number): Round {
  const module = new WebAssembly.Module(bytes as BufferSource);
  const manifest = readManifest(module);
  if (!manifest) throw new Error("the instrumented kernel has no manifest");
  return (count) => {
    const coroutine = createCoroutine(manifest);
    const instance = new WebAssembly.Instance(module, coroutine.imports(NO_ABORT));
    coroutine.attach(instance);
    const run = runOf(instance);
    if (manifest.start) finish(coroutine, instance.exports[manifest.start] as () => unknown, []);
    return timed(count, size, (n) => finish(coroutine, run, [n]) as bigint);
  };
}

/** Calls a function slice by slice. */
function finish(coroutine: Coroutine, fn: (...args: never[]) => unknown, args: readonly unknown[]): unknown {
  coroutine.fuel = DEFAULT_SLICE_FUEL;
  let stop = coroutine.start(fn, args);
  while (stop !== "returned") {
    coroutine.fuel += DEFAULT_SLICE_FUEL;
    stop = coroutine.resume();
  }
  return coroutine.returned;
}

/** The kernel, with a page of memory: the compiler gives none to a kernel without data, and a captured stack needs room. */
function runOf({ exports }: WebAssembly.Instance): Run {
  const memory = exports.memory as WebAssembly.Memory;
  if (memory.buffer.byteLength === 0) memory.grow(1);
  return exports.run as Run;
}

async function timed(count: number, size: number, run: Run): Promise<{ value: number; check: string }> {
  let result = 0n;
  const start = performance.now();
  for (let i = 0; i < count; i++) result = run(size);
  return {
    value: ((performance.now() - start) * 1e6) / count,
    check: BigInt.asUintN(64, result).toString(16),
  };
}

/** What AssemblyScript imports for its checks, and what two kernels ask of their host. */
const NO_ABORT: WebAssembly.Imports = {
  env: {
    abort: () => {
      throw new Error("a kernel failed");
    },
  },
  host: { receive: (value: number) => (value * 31) | 0, compute: (value: number) => value ^ 5 },
};
