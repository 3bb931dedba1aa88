// Runs every export of a module raw and instrumented, sliced at random and moved to new instances at random, and compares all that can be
// seen: results, calls of imports, traps, memory, globals, tables; and the fuel of each call between one slicing and another.
import {
  createCoroutine,
  InstrumentError,
  instrument,
  type Manifest,
  readManifest,
  SnapshotError,
} from "../../instrument/index.ts";
import { importsOf, NAMES, type Run, SUSPENDING, show } from "./host.ts";
import { BUDGET } from "./program.ts";
import { Random } from "./random.ts";

export type Verdict =
  | { readonly type: "same"; readonly calls: number; readonly stops: number; readonly moves: number }
  | { readonly type: "different"; readonly detail: string }
  | { readonly type: "refused"; readonly detail: string };

type Fn = (...args: unknown[]) => unknown;
/** Slices after which a run that does not end is given up. */
const MAX_STOPS = 2_000;
/** Units that a call may take in all. */
const MAX_FUEL = 2_000_000;

/** New instances of one run, which take longer than all else. */
const MAX_MOVES = 8;
/** Elements of a table that are looked at. */
const MAX_ELEMENTS = 200;

/** How a run is cut into slices, and how often it moves: one in so many stops, 0 for never. */
interface Slicing {
  readonly units: () => number;
  readonly moves: number;
}

export async function compareModule(bytes: Uint8Array, seed: number): Promise<Verdict> {
  let wasm: Uint8Array;
  let manifest: Manifest;
  try {
    ({ wasm, manifest } = await instrument(bytes, { name: `seed ${seed}`, suspending: SUSPENDING }));
  } catch (error) {
    if (error instanceof InstrumentError) return { type: "refused", detail: error.message };
    throw error;
  }
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(wasm as BufferSource);
  } catch (error) {
    return { type: "different", detail: `the instrumented module is not valid: ${(error as Error).message}` };
  }
  const random = new Random(seed ^ 0x5eed);
  const slicings: Slicing[] = [
    { units: () => 1, moves: 0 },
    { units: () => 1 + random.below(20), moves: 3 },
    { units: () => 1 + random.below(200), moves: 1 },
    { units: () => MAX_FUEL, moves: 0 },
  ];
  const raw = play(new WebAssembly.Module(bytes as BufferSource), seed, undefined);
  let stops = 0;
  let moves = 0;
  let first: Played | undefined;
  let calls = raw.events.length;
  for (const slicing of slicings) {
    const ours = play(module, seed, slicing, readManifest(module) ?? manifest);
    stops += ours.stops;
    moves += ours.moves;
    const difference = compare(raw, ours);
    if (typeof difference === "string")
      return { type: "different", detail: `${describe(slicing)}: ${difference}` };
    calls = Math.min(calls, difference);
    first ??= ours;
    for (const [i, fuel] of ours.fuels) {
      const other = first.fuels.get(i);
      if (i < calls && other !== undefined && other !== fuel)
        return {
          type: "different",
          detail: `${describe(slicing)}: ${raw.events[i]} takes ${fuel} units, with slices of 1 ${other}`,
        };
    }
  }
  return { type: "same", calls, stops, moves };
}

function describe({ moves }: Slicing): string {
  return moves > 0 ? `moving at one stop in ${moves}` : "without moving";
}

interface Played {
  readonly events: readonly string[];
  readonly stops: number;
  readonly moves: number;
  /** Units of each call that returned, by the number of the event that tells so. */
  readonly fuels: ReadonlyMap<number, number>;
}

/** What differs, or how many events are the same: an overflow of the stack, which comes where the engine likes, ends the comparison. */
function compare(raw: Played, ours: Played): string | number {
  const common = Math.min(raw.events.length, ours.events.length);
  for (let i = 0; i < common; i++) {
    const [theirs, own] = [raw.events[i]!, ours.events[i]!];
    if (theirs === UNLIKE || own === UNLIKE) return i;
    if (theirs !== own) return `event ${i}: raw ${theirs}, ours ${own} (after ${raw.events[i - 1]})`;
  }
  if (raw.events.length !== ours.events.length)
    return `raw has ${raw.events.length} events, ours ${ours.events.length} (after ${raw.events[common - 1]})`;
  return common;
}

/** After this event runs need not be alike. */
const UNLIKE = "stack overflow, or no end";

function play(
  module: WebAssembly.Module,
  seed: number,
  slicing: Slicing | undefined,
  manifest?: Manifest,
): Played {
  const events: string[] = [];
  const fuels = new Map<number, number>();
  const run: Run = { events, coroutine: undefined, exports: [], depth: 0, backs: 0, answer: undefined };
  let instance: WebAssembly.Instance;
  /** A raw module's start function runs before the host has the exports. */
  let isStarting = manifest?.start !== undefined;
  let stops = 0;
  let moves = 0;
  const random = new Random(seed ^ 0xca11);
  const whereTo = new Random(seed ^ 0x30e5);

  const own = () => Object.entries(instance.exports).filter(([name]) => !name.startsWith("moonlet:"));
  const findExports = () => {
    // What sets a limit on the guest's work up again is not called back from inside: nothing would end.
    run.exports = own().flatMap(([name, value]) =>
      !isStarting && typeof value === "function" && name !== "hangLimitInitializer" ? [value as Fn] : [],
    );
  };
  const make = () => {
    run.coroutine = manifest && createCoroutine(manifest);
    const imports = importsOf(module, run);
    instance = new WebAssembly.Instance(module, run.coroutine ? run.coroutine.imports(imports) : imports);
    run.coroutine?.attach(instance);
    findExports();
  };
  const move = () => {
    let snapshot: Uint8Array;
    try {
      snapshot = run.coroutine!.save(NAMES);
    } catch (error) {
      if (error instanceof SnapshotError && error.code === "E_NOT_SERIALISABLE") return;
      throw error;
    }
    const { fuel } = run.coroutine!;
    make();
    run.coroutine!.restore(snapshot, NAMES);
    if (run.coroutine!.fuel !== fuel) throw new Error("a move changed the fuel");
    moves++;
  };
  const call = (fn: Fn, args: readonly unknown[]) => {
    try {
      let value: unknown;
      if (!run.coroutine || !slicing) value = fn(...args);
      else {
        let given = slicing.units();
        run.coroutine.fuel = given;
        let stop = run.coroutine.start(fn, args);
        while (stop !== "returned") {
          if (++stops > MAX_STOPS || given - run.coroutine.fuel > MAX_FUEL) {
            events.push(UNLIKE);
            return;
          }
          if (slicing.moves > 0 && moves < MAX_MOVES && whereTo.below(slicing.moves) === 0) move();
          const more = slicing.units();
          given += more;
          run.coroutine.fuel += more;
          stop = stop === "suspended" ? run.coroutine.resume(run.answer) : run.coroutine.resume();
        }
        value = run.coroutine.returned;
        fuels.set(events.length, given - run.coroutine.fuel);
      }
      events.push(`gives ${show(value)}`);
    } catch (error) {
      events.push(nameOf(error));
    }
  };

  const played = {
    events,
    fuels,
    get stops() {
      return stops;
    },
    get moves() {
      return moves;
    },
  };
  try {
    make();
  } catch (error) {
    events.push(`no instance: ${nameOf(error)}`);
    return played;
  }
  if (manifest?.start) {
    call(instance!.exports[manifest.start] as Fn, []);
    const end = events.pop()!;
    if (end !== "gives undefined") {
      events.push(end === UNLIKE ? end : `no instance: ${end}`);
      return played;
    }
    isStarting = false;
    findExports();
  }
  for (const [name, value] of own()) {
    if (typeof value !== "function") continue;
    const args = Array.from({ length: value.length }, () => random.next() | 0);
    events.push(`call ${name}`);
    run.backs = 0;
    const { budget } = instance!.exports;
    if (budget instanceof WebAssembly.Global) budget.value = BUDGET;
    // Between calls it may have moved.
    call(instance!.exports[name] as Fn, args);
    if (events.at(-1) === UNLIKE) return played;
  }
  for (const [name, value] of own()) {
    if (value instanceof WebAssembly.Memory)
      events.push(`memory ${name}: ${hash(value, manifest?.frameBytes ?? 0)}`);
    else if (value instanceof WebAssembly.Global) events.push(`global ${name}: ${globalValue(value)}`);
    else if (value instanceof WebAssembly.Table) events.push(`table ${name}: ${elements(value)}`);
  }
  return played;
}

function hash(memory: WebAssembly.Memory, frameBytes: number): string {
  const words = new Uint32Array(memory.buffer, frameBytes);
  let state = words.length;
  for (const word of words) state = (Math.imul(state, 31) + word) | 0;
  return `${words.length} ${state}`;
}

function elements(table: WebAssembly.Table): string {
  const shown = Math.min(table.length, MAX_ELEMENTS);
  return `${table.length}: ${Array.from({ length: shown }, (_, i) => show(table.get(i))).join(" ")}`;
}

function globalValue(global: WebAssembly.Global): string {
  try {
    return show(global.value);
  } catch {
    return "vector";
  }
}

function nameOf(error: unknown): string {
  if (error instanceof RangeError) return UNLIKE;
  const { message } = error as Error;
  if (message === "stack overflow") return UNLIKE;
  if (error instanceof WebAssembly.RuntimeError) return `trap ${message}`;
  return error instanceof WebAssembly.Exception ? "exception" : `error ${message}`;
}
