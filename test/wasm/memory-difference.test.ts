import fc from "fast-check";
import { expect, it } from "vitest";
import { applyRuns, foundRuns, takeDifferences } from "../../host/wasm/memory-difference.ts";

const PAGE = 65_536;
const WORDS = (2 * PAGE) / 4;

const NO_STATE = new Int32Array(0);

it("what is taken out of a memory leaves the image, and put into the image it is the memory again; wherever, and however often before", () => {
  const image = new Uint8Array(4096).map((_, i) => i * 7);
  const change = fc.record({
    at: fc.oneof(fc.nat(WORDS - 1), fc.nat(2000), fc.constantFrom(0, 1023, 1024, WORDS - 1)),
    words: fc.array(fc.oneof(fc.integer(), fc.constant(0)), { minLength: 1, maxLength: 600 }),
  });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 12 }),
      fc.array(fc.integer(), { maxLength: 40 }),
      (changes, state) => {
        const memory = new Uint8Array(2 * PAGE);
        memory.set(image);
        const words = new Int32Array(memory.buffer);
        for (const { at, words: values } of changes) words.set(values.slice(0, WORDS - at), at);
        const before = memory.slice();
        const now = Int32Array.from(state);
        const then = Int32Array.from(state, (word, i) => (i % 3 === 0 ? word : 5));
        const { memoryWords, words: all } = takeDifferences(memory, image, now, then);
        const runs = foundRuns(all).slice();
        const clean = new Uint8Array(2 * PAGE);
        clean.set(image);
        expect(Buffer.compare(memory, clean)).toBe(0);

        const again = new Uint8Array(2 * PAGE);
        again.set(image);
        applyRuns(new Int32Array(again.buffer), runs, 0, memoryWords);
        expect(Buffer.compare(again, before)).toBe(0);
        expect([...now]).toEqual([...then]);
        applyRuns(then, runs, memoryWords, all);
        expect([...then]).toEqual(state);
      },
    ),
    { numRuns: 300 },
  );
});

it("a memory that is as its image has no difference", () => {
  const image = new Uint8Array(4096).fill(3);
  const memory = new Uint8Array(PAGE);
  memory.set(image);
  expect(takeDifferences(memory, image, NO_STATE, NO_STATE)).toEqual({ memoryWords: 0, words: 0 });
});

it("places beyond 64 MB, and runs of more words than a short header holds, are found as well", () => {
  const memory = new Uint8Array(2 ** 26 + PAGE);
  const words = new Int32Array(memory.buffer);
  words.fill(9, 2 ** 24 + 5, 2 ** 24 + 7);
  words.fill(8, 100, 1000);
  const before = memory.slice();
  const { memoryWords } = takeDifferences(memory, new Uint8Array(0), NO_STATE, NO_STATE);
  const again = new Int32Array(words.length);
  applyRuns(again, foundRuns(memoryWords).slice(), 0, memoryWords);
  expect(Buffer.compare(new Uint8Array(again.buffer), before)).toBe(0);
  expect(memory.some((byte) => byte !== 0)).toBe(false);
});
