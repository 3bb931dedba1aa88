// Moves a source map of a Wasm module (one line, byte offsets as columns) to where the pass has put the instructions.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

interface Segment {
  readonly offset: number;
  /** Source, line, column and perhaps name, absolute; empty where the map says that nothing is known. */
  readonly position: readonly number[];
}

/** Offsets that the map speaks of, ascending. */
export function mappedOffsets(sourceMap: string): number[] {
  return decode((JSON.parse(sourceMap) as { mappings: string }).mappings).map((segment) => segment.offset);
}

/** `offsets` holds pairs of an instruction's offset before and after, in order of the offset after. */
export function moveSourceMap(sourceMap: string, offsets: Uint32Array): string {
  const map = JSON.parse(sourceMap) as { mappings: string };
  const segments = decode(map.mappings);
  const moved: Segment[] = [];
  let last: Segment | undefined;
  for (let k = 0; k < offsets.length; k += 2) {
    const found = segmentAt(segments, offsets[k]!);
    if (!found || found === last) continue;
    last = found;
    moved.push({ offset: offsets[k + 1]!, position: found.position });
  }
  return JSON.stringify({ ...map, mappings: encode(moved) });
}

/** The last segment at or before an offset. */
function segmentAt(segments: readonly Segment[], offset: number): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

function decode(mappings: string): Segment[] {
  const segments: Segment[] = [];
  let offset = 0;
  const position = [0, 0, 0, 0];
  for (const text of mappings.split(",")) {
    if (text === "") continue;
    const numbers = decodeNumbers(text);
    offset += numbers[0]!;
    for (let i = 1; i < numbers.length; i++) position[i - 1]! += numbers[i]!;
    segments.push({ offset, position: position.slice(0, numbers.length - 1) });
  }
  return segments;
}

function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of text) {
    const bits = VALUES.get(digit) ?? 0;
    value |= (bits & 31) << shift;
    if (bits & 32) shift += 5;
    else {
      numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
      value = 0;
      shift = 0;
    }
  }
  return numbers;
}

function encode(segments: readonly Segment[]): string {
  const parts: string[] = [];
  let offset = 0;
  const before = [0, 0, 0, 0];
  for (const segment of segments) {
    let text = encodeNumber(segment.offset - offset);
    offset = segment.offset;
    segment.position.forEach((value, i) => {
      text += encodeNumber(value - before[i]!);
      before[i] = value;
    });
    parts.push(text);
  }
  return parts.join(",");
}

function encodeNumber(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const bits = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? bits | 32 : bits];
  } while (rest > 0);
  return text;
}
