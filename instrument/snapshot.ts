// A guest between two slices as bytes, and back into a fresh instance of the same program, in this process or another. Everything that is
// read is checked before the instance is touched.
import type { Manifest } from "./contract.ts";
import { SnapshotError } from "./error.ts";
import { SnapshotWriter } from "./snapshot-bytes.ts";
import {
  type Control,
  malformed,
  PAGE_BYTES,
  parse,
  type Run,
  STATES,
  seal,
  type Value,
  writeValue,
} from "./snapshot-format.ts";

/** Names for references that are not functions of the program: objects of the host, and functions from outside. */
export interface ReferenceNames {
  /** A name that `valueOf` understands in the process that restores; undefined for a value that has none. */
  nameOf(value: unknown): string | undefined;
  valueOf(name: string): unknown;
}

type Exports = Readonly<Record<string, unknown>>;
/** Zeros are left out in blocks of so many bytes. */
const BLOCK_BYTES = 256;

/** Throws SnapshotError E_NOT_SERIALISABLE for a reference that no other process would understand. */
export function saveSnapshot(
  manifest: Manifest,
  exports: Exports,
  control: Control,
  names?: ReferenceNames,
): Uint8Array {
  const { state } = manifest;
  const body = new SnapshotWriter();
  body.text(manifest.sourceHash);
  body.text(manifest.buildHash);
  body.u32(STATES.indexOf(control.state));
  body.f64(control.fuel);
  body.text(control.results);
  const address = state.bytes > 0 ? (exports["moonlet:save"] as () => number)() >>> 0 : 0;
  body.u32(address);
  body.u32(state.memories.length);
  state.memories.forEach((name, index) => {
    const { buffer } = exports[name] as WebAssembly.Memory;
    body.u32(buffer.byteLength / PAGE_BYTES);
    // Below the state, the frame region holds nothing that counts.
    const from = index === 0 ? address : 0;
    for (const { at, bytes } of runs(new Uint8Array(buffer), from)) {
      body.u32(bytes.length);
      body.u32(at);
      body.raw(bytes);
    }
    body.u32(0);
  });
  const numberOf = functionNumbers(manifest, exports);
  const write = (value: unknown, where: string) => writeValue(body, encode(value, where, numberOf, names));
  body.u32(state.globals.length);
  for (const name of state.globals) write(readGlobal(exports[name] as WebAssembly.Global, name), name);
  body.u32(state.tables.length);
  for (const name of state.tables) {
    const table = exports[name] as WebAssembly.Table;
    body.u32(table.length);
    for (let i = 0; i < table.length; ) {
      const value: unknown = table.get(i);
      let count = 1;
      while (i + count < table.length && table.get(i + count) === value) count++;
      body.u32(count);
      write(value, `${name}[${i}]`);
      i += count;
    }
  }
  return seal(body.view());
}

/**
 * Puts a snapshot into an instance that has not run more than the program's instantiation. Throws SnapshotError, after which the instance is
 * as it was, except where memory or a table could not grow.
 */
export function restoreSnapshot(
  manifest: Manifest,
  exports: Exports,
  snapshot: Uint8Array,
  names?: ReferenceNames,
): Control {
  const parsed = parse(manifest, snapshot);
  const { state } = manifest;
  const functions = Array.from({ length: state.functions });
  const functionAt = (n: number): unknown => {
    functions[n] ??= (exports["moonlet:function"] as (n: number) => unknown)(n);
    return functions[n];
  };
  const decode = (value: Value): unknown => {
    if (value === null || typeof value !== "object") return value;
    if ("fn" in value) return functionAt(value.fn);
    const found = names?.valueOf(value.name);
    if (found === undefined) {
      throw new SnapshotError(
        "E_NOT_SERIALISABLE",
        `nothing here is called "${value.name}", which the snapshot refers to`,
        "Pass the same names to restore as to save.",
      );
    }
    return found;
  };
  const globals = parsed.globals.map(decode);
  const tables = parsed.tables.map(({ parts }) => parts.map(({ value }) => decode(value)));
  state.memories.forEach((name, i) => {
    const memory = exports[name] as WebAssembly.Memory;
    const now = memory.buffer.byteLength / PAGE_BYTES;
    growTo(name, "pages of memory", now, parsed.memories[i]!.pages, (n) => growMemory(memory, n));
  });
  state.tables.forEach((name, i) => {
    const table = exports[name] as WebAssembly.Table;
    growTo(name, "elements of a table", table.length, parsed.tables[i]!.length, (n) => table.grow(n, null));
  });

  state.memories.forEach((name, i) => {
    const bytes = new Uint8Array((exports[name] as WebAssembly.Memory).buffer);
    bytes.fill(0);
    for (const run of parsed.memories[i]!.runs) bytes.set(run.bytes, run.at);
  });
  try {
    if (state.bytes > 0) (exports["moonlet:load"] as (address: number) => void)(parsed.address);
    state.globals.forEach((name, i) => {
      (exports[name] as WebAssembly.Global).value = globals[i];
    });
    state.tables.forEach((name, i) => {
      const table = exports[name] as WebAssembly.Table;
      let at = 0;
      parsed.tables[i]!.parts.forEach(({ count }, k) => {
        for (let n = count; n > 0; n--) table.set(at++, tables[i]![k]);
      });
    });
  } catch (cause) {
    throw malformed("its state does not fit the program", cause);
  }
  return parsed.control;
}

function encode(
  value: unknown,
  where: string,
  numberOf: ReadonlyMap<unknown, number>,
  names: ReferenceNames | undefined,
): Value {
  if (value === null || typeof value === "number" || typeof value === "bigint") return value;
  const fn = numberOf.get(value);
  if (fn !== undefined) return { fn };
  const name = names?.nameOf(value);
  if (name !== undefined) return { name };
  throw new SnapshotError(
    "E_NOT_SERIALISABLE",
    `${where} holds a ${typeof value} that is not of the program and has no name`,
    "Pass names for such references to save and restore.",
  );
}

function functionNumbers(manifest: Manifest, exports: Exports): ReadonlyMap<unknown, number> {
  const numbers = new Map<unknown, number>();
  const functionAt = exports["moonlet:function"] as (n: number) => unknown;
  for (let n = 0; n < manifest.state.functions; n++) numbers.set(functionAt(n), n);
  return numbers;
}

function readGlobal(global: WebAssembly.Global, name: string): unknown {
  try {
    return global.value;
  } catch (cause) {
    throw new SnapshotError("E_NOT_SERIALISABLE", `JavaScript cannot read ${name}`, undefined, cause);
  }
}

/** The pages are a bigint for a memory with 64-bit addresses, which only the engine can tell. */
function growMemory(memory: WebAssembly.Memory, pages: number): void {
  try {
    memory.grow(pages);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    memory.grow(BigInt(pages) as unknown as number);
  }
}

function growTo(name: string, what: string, now: number, wanted: number, grow: (by: number) => void): void {
  if (now > wanted) {
    throw new SnapshotError(
      "E_NOT_FRESH",
      `${name} has ${now} ${what} and the snapshot ${wanted}: the instance has run before`,
      "Restore into a new instance.",
    );
  }
  if (now === wanted) return;
  try {
    grow(wanted - now);
  } catch (cause) {
    throw new SnapshotError(
      "E_NO_ROOM",
      `${name} cannot have the ${wanted} ${what} of the snapshot`,
      undefined,
      cause,
    );
  }
}

/** The stretches of memory from an address on that are not zeros. */
function* runs(bytes: Uint8Array, from: number): Generator<Run> {
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  let start = -1;
  for (let at = from & -BLOCK_BYTES; at < bytes.length; at += BLOCK_BYTES) {
    let used = false;
    for (let w = at / 8; w < (at + BLOCK_BYTES) / 8 && !used; w++) used = words[w] !== 0n;
    if (used && start < 0) start = Math.max(at, from);
    if (!used && start >= 0) {
      yield { at: start, bytes: bytes.subarray(start, at) };
      start = -1;
    }
  }
  if (start >= 0) yield { at: start, bytes: bytes.subarray(start) };
}
