// Reads a source map of a Wasm module (ECMA-426): one line, with byte offsets as columns. Decoded when a guest first traps, and then kept.

export interface SourcePosition {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

interface SourceMapText {
  readonly sources: readonly (string | null)[];
  readonly sourceRoot?: string;
  readonly mappings: string;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS.charCodeAt(i)] = i;
/** Numbers that a decoded segment takes: offset, file, line and column; the file is -1 where there is none. */
const FIELDS = 4;

export class SourceMapReader {
  readonly #files: readonly string[];
  readonly #segments: Int32Array;

  /** The map of a text; undefined for one that is none, which is as good as no map. */
  static read(text: string): SourceMapReader | undefined {
    try {
      return new SourceMapReader(JSON.parse(text) as SourceMapText);
    } catch {
      return undefined;
    }
  }

  private constructor({ sources, sourceRoot, mappings }: SourceMapText) {
    const root = sourceRoot ? sourceRoot.replace(/\/?$/, "/") : "";
    this.#files = sources.map((source) => `${root}${source ?? "unknown"}`);
    this.#segments = decode(mappings);
  }

  /** Where the code at a byte offset comes from; undefined where the map does not say. */
  find(offset: number): SourcePosition | undefined {
    const segments = this.#segments;
    let low = 0;
    let high = segments.length / FIELDS;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (segments[middle * FIELDS]! <= offset) low = middle + 1;
      else high = middle;
    }
    const at = (low - 1) * FIELDS;
    const file = at < 0 ? undefined : this.#files[segments[at + 1]!];
    if (file === undefined) return undefined;
    return { file, line: segments[at + 2]! + 1, column: segments[at + 3]! + 1 };
  }
}

/** The segments of the first line, by their offsets. */
function decode(mappings: string): Int32Array {
  const line = mappings.split(";", 1)[0]!;
  const segments: number[] = [];
  const state = [0, 0, 0, 0];
  let isSorted = true;
  for (const segment of line.split(",")) {
    if (segment === "") continue;
    const before = state[0]!;
    const fields = addFields(segment, state);
    isSorted &&= state[0]! >= before;
    segments.push(state[0]!, fields < FIELDS ? -1 : state[1]!, state[2]!, state[3]!);
  }
  const found = Int32Array.from(segments);
  return isSorted ? found : sorted(found);
}

/** Adds what a segment says to the numbers so far; gives how many it has. A name, the fifth, says nothing of a place. */
function addFields(segment: string, state: number[]): number {
  let field = 0;
  for (let at = 0; at < segment.length; field++) {
    let value = 0;
    for (let shift = 0; ; shift += 5) {
      const digit = VALUES[segment.charCodeAt(at++)] ?? -1;
      if (digit < 0) throw new Error(`a source map has a segment that cannot be read: ${segment}`);
      value |= (digit & 31) << shift;
      if (digit < 32) break;
    }
    if (field < FIELDS) state[field]! += value & 1 ? -(value >>> 1) : value >>> 1;
  }
  return field;
}

function sorted(segments: Int32Array): Int32Array {
  const places = Array.from({ length: segments.length / FIELDS }, (_, i) => i * FIELDS);
  places.sort((left, right) => segments[left]! - segments[right]!);
  return Int32Array.from(places.flatMap((at) => [...segments.subarray(at, at + FIELDS)]));
}
