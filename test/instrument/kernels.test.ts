import { describe, expect, it } from "vitest";
import { createCoroutine, instrument, readManifest } from "../../instrument/index.ts";
import { collection, SUSPENDING } from "../bench/capture/collection.ts";

/** Arguments with which the kernels and programs of the benchmarks are done after some thousand stops; programs not named take 1. */
const SIZES: Readonly<Record<string, number>> = {
  calls: 2_000,
  fib: 17,
  hash: 1,
  interpreter: 1_500,
  mandelbrot: 12,
  matmul: 12,
  nbody: 150,
  mixed: 30,
  mutual: 2_000,
  queens: 8,
  receive: 900,
  sha: 30,
  sieve: 1_500,
  sort: 400,
  trees: 300,
  vm: 500,
  "hashing (AS)": 30,
  "hashing (C)": 50,
  "interpreter (AS)": 4,
  "interpreter (C)": 10,
  "sort (AS)": 100,
  "sort (C)": 200,
};

/** Result and memory; with a slice size, by stopping at every check that reaches it. */
function run(bytes: Uint8Array, size: number, slice?: number) {
  const module = new WebAssembly.Module(bytes as BufferSource);
  const manifest = readManifest(module);
  const coroutine = manifest && createCoroutine(manifest);
  let answer = 0;
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const suspends = coroutine !== undefined && SUSPENDING.includes(`${from}.${name}`);
    imports[from][name] = (value: number) => {
      answer = (value * 3 + name.length) | 0;
      if (suspends && slice !== undefined) coroutine.suspend();
      return answer;
    };
  }
  const instance = new WebAssembly.Instance(module, coroutine ? coroutine.imports(imports) : imports);
  const { run: start, memory } = instance.exports as {
    run: (n: number) => unknown;
    memory: WebAssembly.Memory;
  };
  let stops = 0;
  const call = (fn: (...args: never[]) => unknown, args: readonly unknown[]) => {
    if (!coroutine || slice === undefined) return fn(...(args as never[]));
    coroutine.fuel = slice;
    let stop = coroutine.start(fn, args);
    while (stop !== "returned") {
      stops++;
      coroutine.fuel = slice;
      stop = stop === "suspended" ? coroutine.resume(answer) : coroutine.resume();
    }
    return coroutine.returned;
  };
  coroutine?.attach(instance);
  if (manifest?.start) call(instance.exports[manifest.start] as () => void, []);
  const returned = call(start as never, [size]);
  const own = new Uint32Array(memory.buffer, manifest?.frameBytes ?? 0);
  return {
    returned,
    memory: own.reduce((hash, word) => (Math.imul(hash, 31) + word) | 0, own.length),
    stops,
  };
}

describe("a kernel or program of the benchmarks", () => {
  it.each(collection())(
    "$name leaves the same result and memory when every check stops it",
    async (candidate) => {
      const raw = await candidate.compile();
      if (!raw) return;
      const size = SIZES[candidate.name] ?? 1;
      const { wasm } = await instrument(raw, { suspending: SUSPENDING });
      const { stops: _, ...expected } = run(raw, size);
      for (const slice of [1, 13]) {
        const { stops, ...found } = run(wasm, size, slice);
        expect(found).toEqual(expected);
        expect(stops).toBeGreaterThan(1_000 / slice);
      }
    },
  );
});
