// The sections of a valid Wasm module, as far as commands look into them (WebAssembly specification, Binary Format, Modules).

export interface Section {
  readonly id: number;
  /** `code`, `data`, ..., or `custom "name"`. */
  readonly name: string;
  /** Where the section begins and ends, its header included. */
  readonly start: number;
  readonly end: number;
  /** What is in it, after the name of a custom section. */
  readonly content: Uint8Array;
}

export interface MemoryLimits {
  readonly minPages: number;
  readonly maxPages: number | undefined;
}

const NAMES = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];
const HEADER_BYTES = 8;
const CUSTOM = 0;
const MEMORY = 5;
const SOURCE_MAP = "sourceMappingURL";

export function sections(bytes: Uint8Array): Section[] {
  const found: Section[] = [];
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const start = at;
    const id = bytes[at++]!;
    const size = readU32(bytes, at);
    const end = size.next + size.value;
    let name = NAMES[id] ?? `section ${id}`;
    let content = bytes.subarray(size.next, end);
    if (id === CUSTOM) {
      const length = readU32(content, 0);
      const nameEnd = length.next + length.value;
      name = `custom "${new TextDecoder().decode(content.subarray(length.next, nameEnd))}"`;
      content = content.subarray(nameEnd);
    }
    found.push({ id, name, start, end, content });
    at = end;
  }
  return found;
}

/** The limits of the module's own memory; undefined when it has none or imports it. */
export function memoryLimits(bytes: Uint8Array): MemoryLimits | undefined {
  const section = sections(bytes).find(({ id }) => id === MEMORY);
  if (!section || section.content[0] === 0) return undefined;
  const flags = section.content[1] ?? 0;
  const min = readU32(section.content, 2);
  return {
    minPages: min.value,
    maxPages: flags & 1 ? readU32(section.content, min.next).value : undefined,
  };
}

/** The module with the URL of its source map replaced or, without one, taken out. */
export function withSourceMapUrl(bytes: Uint8Array, url: string | undefined): Uint8Array {
  const kept = sections(bytes).filter(({ name }) => name !== `custom "${SOURCE_MAP}"`);
  const parts = [
    bytes.subarray(0, HEADER_BYTES),
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
  ];
  if (url !== undefined) {
    const content = [...text(SOURCE_MAP), ...text(url)];
    parts.push(Uint8Array.from([CUSTOM, ...u32(content.length), ...content]));
  }
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function readU32(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, next: at + 1 };
    scale *= 128;
  }
  return { value, next: bytes.length };
}

function u32(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...u32(bytes.length), ...bytes];
}
