// The format of snapshots, version 1: "moonlet\0", the version, a checksum of the rest; then hashes of the program, how the guest stopped,
// fuel, memories without their zeros, globals and tables. Numbers are LEB128 except fuel and the numbers that globals hold.
import { hash } from "./capture/hash.ts";
import { MAX_TABLE_ELEMENTS } from "./capture/module-limits.ts";
import type { Manifest } from "./contract.ts";
import { SnapshotError } from "./error.ts";
import { SnapshotReader, SnapshotWriter } from "./snapshot-bytes.ts";

/** What a snapshot says of the guest: nothing is running, or how it was stopped. */
export type SnapshotState = "idle" | "preempted" | "suspended";

/** What a coroutine keeps of its guest outside the instance. */
export interface Control {
  readonly state: SnapshotState;
  readonly fuel: number;
  /** Result types of the function that was started, as in `Manifest.results`. */
  readonly results: string;
}

/** null, a function's number, a name from `ReferenceNames`, or a number of a global. */
export type Value = null | { readonly fn: number } | { readonly name: string } | number | bigint;

export interface Run {
  readonly at: number;
  readonly bytes: Uint8Array;
}

const MAGIC = "moonlet\0";
const VERSION = 1;
export const STATES: readonly SnapshotState[] = ["idle", "preempted", "suspended"];
export const PAGE_BYTES = 65_536;

/** Whether bytes begin as a snapshot does. */
export function isSnapshot(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) === MAGIC;
}

/** Puts the head before the rest. */
export function seal(body: Uint8Array): Uint8Array {
  const head = new SnapshotWriter();
  head.raw(new TextEncoder().encode(MAGIC));
  head.u32(VERSION);
  head.text(hash(body));
  head.raw(body);
  return head.view().slice();
}

export interface Parsed {
  readonly control: Control;
  readonly address: number;
  readonly memories: readonly { readonly pages: number; readonly runs: readonly Run[] }[];
  readonly globals: readonly Value[];
  readonly tables: readonly {
    readonly length: number;
    readonly parts: readonly { readonly count: number; readonly value: Value }[];
  }[];
}

/** Reads all of it and checks it against the program; nothing of it has any effect yet. */
export function parse(manifest: Manifest, snapshot: Uint8Array): Parsed {
  try {
    return parseUnguarded(manifest, snapshot);
  } catch (error) {
    if (error instanceof RangeError) throw malformed("it ends too early", error);
    throw error;
  }
}

function parseUnguarded(manifest: Manifest, snapshot: Uint8Array): Parsed {
  if (!isSnapshot(snapshot)) throw malformed("it does not begin as one");
  const reader = new SnapshotReader(snapshot, MAGIC.length);
  const version = reader.u32();
  if (version !== VERSION) {
    throw new SnapshotError(
      "E_SNAPSHOT_VERSION",
      `the snapshot is of version ${version}, and this is version ${VERSION}`,
      "Restore it with the release of moonlet that made it.",
    );
  }
  if (reader.text() !== hash(reader.rest())) throw malformed("its checksum is wrong");
  if (reader.text() !== manifest.sourceHash) {
    throw new SnapshotError(
      "E_SNAPSHOT_MISMATCH",
      "the snapshot is of another program",
      "Restore it into an instance of the module that it was taken from.",
    );
  }
  if (reader.text() !== manifest.buildHash) {
    throw new SnapshotError(
      "E_SNAPSHOT_MISMATCH",
      "the snapshot is of the same program, instrumented by another release or with other options",
      "Keep the instrumented module beside its snapshots.",
    );
  }
  const { state } = manifest;
  const kind = STATES[reader.u32()];
  const fuel = reader.f64();
  const results = reader.text();
  if (kind === undefined || Number.isNaN(fuel) || !/^[iIfFvrcax]*$/.test(results))
    throw malformed("its head is broken");
  const address = reader.u32();
  const expect = (count: number, what: string) => {
    if (reader.u32() !== count) throw malformed(`it has another number of ${what} than the program`);
  };
  expect(state.memories.length, "memories");
  const memories = state.memories.map(() => {
    const pages = reader.u32();
    const found: Run[] = [];
    let end = 0;
    for (let length = reader.u32(); length > 0; length = reader.u32()) {
      const at = reader.u32();
      if (at < end || at + length > pages * PAGE_BYTES) throw malformed("its memory is broken");
      end = at + length;
      found.push({ at, bytes: reader.raw(length) });
    }
    return { pages, runs: found };
  });
  expect(state.globals.length, "globals");
  const globals = state.globals.map(() => readValue(reader, state.functions));
  expect(state.tables.length, "tables");
  const tables = state.tables.map(() => {
    const length = reader.u32();
    if (length > MAX_TABLE_ELEMENTS) throw malformed("a table in it is too large");
    const parts: { count: number; value: Value }[] = [];
    for (let sum = 0; sum < length; ) {
      const count = reader.u32();
      if (count === 0 || sum + count > length) throw malformed("a table in it is broken");
      sum += count;
      parts.push({ count, value: readValue(reader, state.functions) });
    }
    return { length, parts };
  });
  if (reader.rest().length > 0) throw malformed("something follows its end");
  return { control: { state: kind, fuel, results }, address, memories, globals, tables };
}

export function writeValue(out: SnapshotWriter, value: Value): void {
  if (value === null) out.u32(0);
  else if (typeof value === "number") {
    out.u32(3);
    out.f64(value);
  } else if (typeof value === "bigint") {
    out.u32(4);
    out.i64(value);
  } else if ("fn" in value) {
    out.u32(1);
    out.u32(value.fn);
  } else {
    out.u32(2);
    out.text(value.name);
  }
}

function readValue(reader: SnapshotReader, functions: number): Value {
  const tag = reader.u32();
  if (tag === 0) return null;
  if (tag === 1) {
    const fn = reader.u32();
    if (fn >= functions) throw malformed("a reference in it leads nowhere");
    return { fn };
  }
  if (tag === 2) return { name: reader.text() };
  if (tag === 3) return reader.f64();
  if (tag === 4) return reader.i64();
  throw malformed("a value in it is of no known kind");
}

export function malformed(what: string, cause?: unknown): SnapshotError {
  return new SnapshotError("E_SNAPSHOT_MALFORMED", `this is not a whole snapshot: ${what}`, undefined, cause);
}
