// The small map against a Map.
import fc from "fast-check";
import { expect, it } from "vitest";
import { SmallMap } from "../../host/otp/small-map.ts";

it("does what a Map does, in the same order, however few or many it holds", () => {
  const step = fc.record({
    type: fc.constantFrom("set", "set", "delete"),
    key: fc.nat(15),
    value: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const small = new SmallMap<number>();
      const map = new Map<number, number>();
      for (const { type, key, value } of steps) {
        if (type === "set") {
          small.set(key, value);
          map.set(key, value);
        } else {
          expect(small.delete(key)).toBe(map.delete(key));
        }
        expect(small.size).toBe(map.size);
        expect([...small.keys()]).toEqual([...map.keys()]);
        expect([...small.values()]).toEqual([...map.values()]);
        const met: number[] = [];
        small.forEach((value) => {
          met.push(value);
        });
        expect(met).toEqual([...map.values()]);
        for (let i = 0; i < 16; i++) {
          expect(small.get(i)).toBe(map.get(i));
          expect(small.has(i)).toBe(map.has(i));
        }
      }
    }),
    { numRuns: 300 },
  );
});
