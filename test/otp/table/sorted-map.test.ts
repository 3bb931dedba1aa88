import fc from "fast-check";
import { expect, it } from "vitest";
import { SortedMap } from "../../../host/otp/table/sorted-map.ts";

const compare = (a: number, b: number): number => a - b;

it("does what a sorted list does, however it grows and shrinks", () => {
  const key = fc.integer({ min: 0, max: 400 });
  const step = fc.oneof(
    fc.record({ type: fc.constant("set" as const), key }),
    fc.record({ type: fc.constant("delete" as const), key }),
    fc.record({ type: fc.constant("fill" as const), key }),
    fc.record({ type: fc.constant("empty" as const), key }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(key, { maxLength: 20 }), (steps, probes) => {
      const map = new SortedMap<number, string>(compare);
      const model = new Map<number, string>();
      const set = (k: number, i: number): void => {
        map.set(k, `${k}.${i}`);
        model.set(k, `${k}.${i}`);
      };
      const remove = (k: number): void => expect(map.delete(k)).toBe(model.delete(k));
      for (const [i, { type, key: k }] of steps.entries()) {
        if (type === "set") set(k, i);
        else if (type === "delete") remove(k);
        else if (type === "fill") for (let j = 0; j < 150; j++) set(k + ((j * 37) % 300), i);
        else for (let j = 0; j < 200; j++) remove(k + j);
      }
      const keys = [...model.keys()].sort(compare);
      expect([...map]).toEqual(keys.map((k) => [k, model.get(k)]));
      expect(map.size).toBe(keys.length);
      expect(map.after()?.[0]).toBe(keys[0]);
      expect(map.before()?.[0]).toBe(keys.at(-1));
      for (const probe of probes) {
        expect(map.get(probe)).toBe(model.get(probe));
        expect(map.after(probe)?.[0]).toBe(keys.find((k) => k > probe));
        expect(map.before(probe)?.[0]).toBe(keys.findLast((k) => k < probe));
      }
    }),
    { numRuns: 200 },
  );
});

it("replaces a key that compares equal, itself too", () => {
  const map = new SortedMap<{ n: number; text: string }, number>((a, b) => a.n - b.n);
  map.set({ n: 1, text: "old" }, 1);
  map.set({ n: 1, text: "new" }, 2);
  expect([...map]).toEqual([[{ n: 1, text: "new" }, 2]]);
});
