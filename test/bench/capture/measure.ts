// Measures one export raw and instrumented.
import { createCoroutine, instrument, readManifest } from "../../../instrument/index.ts";

export interface Measured {
  readonly name: string;
  readonly rawMs: number;
  readonly instrumentedMs: number;
  /** Median over the rounds of instrumented over raw. */
  readonly ratio: number;
  readonly rawResult: string;
  readonly instrumentedResult: string;
  readonly rawBytes: number;
  readonly instrumentedBytes: number;
  readonly switches: number;
}

interface MeasureOptions {
  /** Units of fuel in a slice. */
  readonly slice: number;
  readonly rounds: number;
  readonly suspending: readonly string[];
}

type Fn = (...args: unknown[]) => unknown;
/** Raw time that a round should take at least. */
const ROUND_MS = 20;

/** `args` undefined: the kernel's usual one. The result is called `label`, by default as the export. */
export async function measure(
  bytes: Uint8Array,
  name: string,
  args: readonly number[] | undefined,
  options: MeasureOptions,
  label = name,
): Promise<Measured> {
  const { wasm } = await instrument(bytes, { name, suspending: options.suspending });
  const rawModule = new WebAssembly.Module(bytes as BufferSource);
  const module = new WebAssembly.Module(wasm as BufferSource);
  const manifest = readManifest(module)!;
  const found = args ?? [ARGUMENTS[name] ?? 1];
  let calls = 1;
  let switches = 0;

  const rawInstance = new WebAssembly.Instance(rawModule, stubs(rawModule));
  const coroutine = createCoroutine(manifest);
  const instance = new WebAssembly.Instance(module, coroutine.imports(stubs(module)));
  coroutine.attach(instance);
  const raw = rawInstance.exports[name] as Fn;
  const ours = instance.exports[name] as Fn;
  const drive = (fn: Fn, values: readonly unknown[]): unknown => {
    coroutine.fuel = options.slice;
    let stop = coroutine.start(fn, values);
    while (stop !== "returned") {
      switches++;
      coroutine.fuel += options.slice;
      stop = coroutine.resume();
    }
    return coroutine.returned;
  };
  if (manifest.start) drive(instance.exports[manifest.start] as Fn, []);
  const time = (run: () => unknown): number => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) run();
    return performance.now() - start;
  };
  const runRaw = () => raw(...found);
  const runOurs = () => drive(ours, found);
  // The first runs are compared, on fresh instances; later ones may find changed memory, the same in both.
  const rawResult = show(runRaw());
  const instrumentedResult = show(runOurs());
  while (time(runRaw) < ROUND_MS) calls *= 2;
  time(runOurs);
  const rawTimes: number[] = [];
  const ourTimes: number[] = [];
  switches = 0;
  for (let round = 0; round < options.rounds; round++) {
    rawTimes.push(time(runRaw) / calls);
    ourTimes.push(time(runOurs) / calls);
  }
  return {
    name: label,
    rawMs: median(rawTimes),
    instrumentedMs: median(ourTimes),
    ratio: median(ourTimes.map((ours, round) => ours / rawTimes[round]!)),
    rawResult,
    instrumentedResult,
    rawBytes: bytes.length,
    instrumentedBytes: wasm.length,
    switches: Math.round(switches / options.rounds / calls),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Arguments of the kernels, for some tens of milliseconds each; one call of any other export is repeated instead. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  matmul: 10,
  fib: 30,
  sha: 200,
  qsort_: 10,
  sieve: 40,
  mandel: 10,
  trees: 15,
  interp: 300,
  queens: 11,
  words: 500,
  vm: 20_000,
  mixed: 24,
  bst: 6,
  deep: 1_000,
  recvk: 300_000,
  mutual: 20_000,
  nbody: 40_000,
};

/** Every import as something that does nothing. */
function stubs(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === "function") imports[from][name] = (x: number) => (typeof x === "number" ? (x * 31) | 0 : 0);
    else if (kind === "memory")
      imports[from][name] = new WebAssembly.Memory({ initial: 256, maximum: 65_535 });
    else if (kind === "table")
      imports[from][name] = new WebAssembly.Table({ initial: 1024, element: "anyfunc" });
    else imports[from][name] = new WebAssembly.Global({ value: "i32" }, 0);
  }
  return imports;
}

function show(value: unknown): string {
  return Object.is(value, -0) ? "-0" : Array.isArray(value) ? value.map(show).join(",") : String(value);
}
