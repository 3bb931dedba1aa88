// Runs a module raw and instrumented, stopped at every check, now and then, or never, and gives what each run did.
import { createCoroutine, instrument, parseWat, readManifest } from "../../../instrument/index.ts";

type Fn = (...args: unknown[]) => unknown;

export interface Call {
  readonly name: string;
  readonly args?: readonly unknown[];
}

export interface Outcome {
  /** What each call gave: a value, or what was thrown. */
  readonly results: readonly unknown[];
  /** Arguments of env.note, in order. */
  readonly notes: readonly unknown[];
  readonly fuel: number;
  readonly stops: number;
}

/** Fuel of a slice; raw runs the module as it is. */
export type Slice = "raw" | number;

export class HostError extends Error {}

/**
 * Runs a module. Imports: env.note(x), env.wait(i32) -> i32 (suspends), env.fail(i32) (throws a HostError), env.regret(i32) (begins to
 * suspend and throws), env.memory.
 */
export async function outcome(
  wat: string | Uint8Array,
  calls: readonly Call[],
  slice: Slice,
): Promise<Outcome> {
  const source = typeof wat === "string" ? parseWat(wat) : wat;
  const bytes =
    slice === "raw" ? source : (await instrument(source, { suspending: ["env.wait", "env.regret"] })).wasm;
  const module = new WebAssembly.Module(bytes as BufferSource);
  const manifest = readManifest(module);
  const coroutine = manifest && createCoroutine(manifest);
  const notes: unknown[] = [];
  let answer: number | undefined;
  const imports: WebAssembly.Imports = {
    env: {
      note: (value: unknown) => {
        notes.push(value);
      },
      wait: (value: number) => {
        answer = value;
        coroutine?.suspend();
        return value;
      },
      fail: (value: number) => {
        throw new HostError(`failed with ${value}`);
      },
      regret: (value: number) => {
        coroutine?.suspend();
        throw new HostError(`regretted ${value}`);
      },
      memory: new WebAssembly.Memory({ initial: 1 + (manifest?.frameBytes ?? 0) / 65_536 }),
    },
  };
  const instance = new WebAssembly.Instance(module, coroutine ? coroutine.imports(imports) : imports);
  coroutine?.attach(instance);
  let fuel = 0;
  let stops = 0;
  const run = ({ name, args = [] }: Call): unknown => {
    const fn = instance.exports[name] as Fn;
    try {
      if (!coroutine || slice === "raw") return fn(...args);
      fuel -= coroutine.fuel;
      coroutine.fuel = slice;
      fuel += slice;
      let stop = coroutine.start(fn as never, args);
      while (stop !== "returned") {
        if (++stops > 100_000) throw new Error("it does not end");
        coroutine.fuel += slice;
        fuel += slice;
        stop = stop === "suspended" ? coroutine.resume(answer) : coroutine.resume();
      }
      return coroutine.returned;
    } catch (error) {
      return error instanceof WebAssembly.Exception ? "exception" : `${error}`;
    }
  };
  const results = calls.map(run);
  return { results, notes, fuel: fuel - (coroutine?.fuel ?? 0), stops };
}

/** The slices that most tests use: a stop at every check, at many, and at none. */
export const SLICES = [1, 2, 7, 1_000_000] as const;
