// One case of the loader: a module with something in it changed, moved, doubled, cut off, or from another module. A function of its seed
// and the corpus.
import { Random } from "../../fuzz/random.ts";

interface Section {
  readonly start: number;
  readonly end: number;
}

export function mutant(corpus: readonly Uint8Array[], seed: number): Uint8Array {
  const random = new Random(seed);
  let bytes = corpus[random.below(corpus.length)]!;
  for (let i = Math.max(1, random.below(5) - 1); i > 0; i--) bytes = change(bytes, corpus, random);
  return bytes;
}

function change(bytes: Uint8Array, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  if (bytes.length < 16) return bytes;
  switch (random.below(9)) {
    case 0:
      return bytes.slice(0, random.below(bytes.length));
    case 1: {
      const [at, length] = [random.below(bytes.length), random.below(16)];
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    }
    case 2: {
      const at = random.below(bytes.length);
      const added = Uint8Array.from({ length: 1 + random.below(8) }, () => random.next());
      return joined(bytes.subarray(0, at), added, bytes.subarray(at));
    }
    case 3:
    case 4:
      return withSections(bytes, corpus, random);
    default: {
      const changed = bytes.slice();
      for (let i = 1 + random.below(4); i > 0; i--) {
        const at = 8 + random.below(bytes.length - 8);
        changed[at] = random.below(2) === 0 ? random.next() : changed[at]! ^ (1 << random.below(8));
      }
      return changed;
    }
  }
}

/** Sections in another order, twice, not at all, or from another module. */
function withSections(bytes: Uint8Array, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const sections = sectionsOf(bytes).map(({ start, end }) => bytes.subarray(start, end));
  if (sections.length === 0) return bytes;
  const at = random.below(sections.length);
  const other = corpus[random.below(corpus.length)]!;
  switch (random.below(4)) {
    case 0:
      sections.splice(at, 1);
      break;
    case 1:
      sections.splice(random.below(sections.length), 0, sections[at]!);
      break;
    case 2: {
      const [moved] = sections.splice(at, 1);
      sections.splice(random.below(sections.length + 1), 0, moved!);
      break;
    }
    default: {
      const found = sectionsOf(other);
      if (found.length === 0) break;
      const { start, end } = found[random.below(found.length)]!;
      sections.splice(at, random.below(2), other.subarray(start, end));
    }
  }
  return joined(bytes.subarray(0, 8), ...sections);
}

function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  let at = 8;
  while (at < bytes.length) {
    const start = at++;
    let size = 0;
    for (let shift = 0; shift < 35 && at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at = Math.min(bytes.length, at + size);
    sections.push({ start, end: at });
  }
  return sections;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
