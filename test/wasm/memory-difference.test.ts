import fc from "fast-check";
import { expect, it } from "vitest";
import { GuestMemory } from "../../host/wasm/guest-memory.ts";
import type { Image } from "../../host/wasm/image.ts";
import { chunksOf, endOfChunks } from "../../host/wasm/image-chunks.ts";
import { type Difference, MemoryDifference, WORK_BYTES } from "../../host/wasm/memory-difference.ts";

const PAGE = 65_536;
const REGION_PAGES = 4;
const REGION = REGION_PAGES * PAGE;

/** A guest's memory of so many pages with what an image says. */
function memoryLike(image: Image, pages: number) {
  const shared = new WebAssembly.Memory({ initial: REGION_PAGES + pages });
  const memory = new GuestMemory();
  memory.attach(shared, REGION);
  for (const { parts } of image.chunks)
    for (const { address, bytes } of parts) memory.bytes().set(bytes, address);
  return { memory, difference: new MemoryDifference(memory, shared, REGION) };
}

function imageOf(memory: Uint8Array, pages: number, state = new Uint8Array(0)): Image {
  const chunks = chunksOf(memory);
  return {
    chunks,
    chunksEnd: endOfChunks(chunks),
    memoryBytes: pages * PAGE,
    state,
    stateWords: new Int32Array(state.slice().buffer),
    stages: [],
  };
}

/** All runs, and how many words of them are the memory's. */
function runsOf({ pieces, memoryBytes, bytes }: Difference) {
  const runs = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    runs.set(piece, at);
    at += piece.length;
  }
  expect(at).toBe(bytes);
  return { runs: new Int32Array(runs.buffer), memoryWords: memoryBytes / 4 };
}

const change = (words: number) =>
  fc.record({
    at: fc.oneof(fc.nat(words - 1), fc.nat(2000), fc.constantFrom(0, 1023, 1024, words - 1)),
    words: fc.array(fc.oneof(fc.integer(), fc.constant(0)), { minLength: 1, maxLength: 600 }),
  });

it("what is taken out of a memory leaves the image, and put into the image it is the memory again; or it is put back", () => {
  const pages = 2;
  const words = (pages * PAGE) / 4;
  fc.assert(
    fc.property(
      fc.array(change(words), { maxLength: 12 }),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(0, 128, 4096, 2 * PAGE),
      (changes, half, used) => {
        const state = Uint8Array.from({ length: 8 * half.length }, (_, i) => half[i >> 3]!);
        const image = imageOf(
          new Uint8Array(used).map((_, i) => i * 7),
          pages,
          state.map((byte, i) => (i % 3 === 0 ? byte : 5)),
        );
        const { memory, difference } = memoryLike(image, pages);
        for (const { at, words: values } of changes) memory.words().set(values.slice(0, words - at), at);
        const before = memory.bytes().slice();
        const stateAt = REGION - state.length;
        memory.region().set(state, stateAt);

        const found = runsOf(difference.take(image, stateAt));
        const clean = memoryLike(image, pages);
        expect(Buffer.compare(memory.bytes(), clean.memory.bytes())).toBe(0);

        clean.difference.put(found.runs, 0, found.memoryWords);
        clean.memory.region().set(image.state, stateAt);
        clean.difference.put(found.runs, found.memoryWords, found.runs.length, stateAt);
        expect(Buffer.compare(clean.memory.bytes(), before)).toBe(0);
        expect(Buffer.compare(clean.memory.region().subarray(stateAt), state)).toBe(0);

        difference.putBack();
        expect(Buffer.compare(memory.bytes(), before)).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

it("a memory that is as its image has no difference", () => {
  const image = imageOf(new Uint8Array(4096).fill(3), 1);
  const { difference } = memoryLike(image, 1);
  expect(runsOf(difference.take(image, REGION)).runs).toHaveLength(0);
});

it("more than the region has room for is found in pieces, also of a large image, and put in again; and put back from them", () => {
  // Line numbers above 2^16, too.
  const pages = 80;
  const image = imageOf(new Uint8Array(3 * PAGE).fill(3), pages);
  const { memory, difference } = memoryLike(image, pages);
  // Every other word: as many headers as words.
  for (let at = 0; at < memory.words().length; at += 2) memory.words()[at] = at + 1;
  const before = memory.bytes().slice();
  const found = runsOf(difference.take(image, REGION));
  const clean = memoryLike(image, pages);
  expect(Buffer.compare(memory.bytes(), clean.memory.bytes())).toBe(0);
  clean.difference.put(found.runs, 0, found.memoryWords);
  expect(Buffer.compare(clean.memory.bytes(), before)).toBe(0);
  difference.putBack();
  expect(Buffer.compare(memory.bytes(), before)).toBe(0);
});

it("a state with ten thousand words that differ is found in pieces, too", () => {
  const state = new Uint8Array(40_000).map((_, i) => i);
  const image = imageOf(new Uint8Array(0), 1, new Uint8Array(state.length).fill(77));
  const { memory, difference } = memoryLike(image, 1);
  memory.words().fill(5, 100, 12_000);
  // As near as it may be.
  const stateAt = (WORK_BYTES + 7) & -8;
  memory.region().set(state, stateAt);
  const found = runsOf(difference.take(image, stateAt));
  memory.region().set(image.state, stateAt);
  difference.put(found.runs, found.memoryWords, found.runs.length, stateAt);
  expect(Buffer.compare(memory.region().subarray(stateAt, stateAt + state.length), state)).toBe(0);
});

it("places beyond 64 MB are found, and again the next time", () => {
  const pages = 1025;
  const image = imageOf(new Uint8Array(0), pages);
  const { memory, difference } = memoryLike(image, pages);
  memory.words().fill(9, 2 ** 24 - 2, 2 ** 24 + 7);
  memory.words().fill(8, 100, 1000);
  const found = runsOf(difference.take(image, REGION));
  expect(memory.bytes().some((byte) => byte !== 0)).toBe(false);
  difference.put(found.runs, 0, found.memoryWords);
  const words = memory.words();
  expect(words.findIndex((word) => word !== 0)).toBe(100);
  expect(words.findLastIndex((word) => word !== 0)).toBe(2 ** 24 + 6);
  expect(words.reduce((sum, word) => sum + word, 0)).toBe(9 * 9 + 8 * 900);
  expect(runsOf(difference.take(image, REGION)).runs).toEqual(found.runs);
});
