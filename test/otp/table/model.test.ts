// Tables against a list of objects: whatever is done to both, they hold and tell the same.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ets } from "../../../host/otp/index.ts";
import {
  atom,
  compareTerms,
  equal,
  exactlyEqual,
  Float,
  type Tuple,
  termKey,
  tuple,
} from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const KEYS = [0, 1, new Float(1), 2, atom("a"), "text", tuple(1), [1], new Float(2.5), 2n ** 60n];
const key = fc.constantFrom(...KEYS);
const value = fc.integer({ min: 0, max: 2 });

type Step =
  | { readonly type: "insert" | "insertNew"; readonly objects: readonly (readonly [unknown, number])[] }
  | { readonly type: "take" | "deleteKey"; readonly key: unknown }
  | {
      readonly type: "deleteObject" | "updateElement" | "updateCounter";
      readonly key: unknown;
      readonly value: number;
    }
  | { readonly type: "selectDelete"; readonly value: number };

const objects = fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constantFrom("insert", "insertNew"), objects }),
  fc.record({ type: fc.constantFrom("take", "deleteKey"), key }),
  fc.record({ type: fc.constantFrom("deleteObject", "updateElement", "updateCounter"), key, value }),
  fc.record({ type: fc.constant("selectDelete"), value }),
) as fc.Arbitrary<Step>;

/** A table as the manual describes it, without any thought of speed. */
class Model {
  objects: Tuple[] = [];
  readonly #type: Ets.TableType;

  constructor(type: Ets.TableType) {
    this.#type = type;
  }

  same(a: unknown, b: unknown): boolean {
    return this.#type === "ordered_set" ? equal(a, b) : exactlyEqual(a, b);
  }

  lookup(wanted: unknown): Tuple[] {
    return this.objects.filter((object) => this.same(object[0], wanted));
  }

  insert(object: Tuple): void {
    if (this.#type === "set" || this.#type === "ordered_set") this.remove(object[0]);
    if (this.#type === "bag" && this.objects.some((known) => exactlyEqual(known, object))) return;
    this.objects.push(object);
  }

  remove(wanted: unknown): Tuple[] {
    const removed = this.lookup(wanted);
    this.objects = this.objects.filter((object) => !removed.includes(object));
    return removed;
  }
}

describe.each(["set", "ordered_set", "bag", "duplicate_bag"] as const)("a %s", (type) => {
  const isUnique = type === "set" || type === "ordered_set";

  it("is what its model is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        play(async (self) => {
          const table = Ets.new(self, "t", { type });
          const model = new Model(type);
          const attempt = (act: () => unknown): unknown => {
            try {
              return act();
            } catch {
              return "badarg";
            }
          };
          for (const action of steps) {
            switch (action.type) {
              case "insert": {
                const list = action.objects.map(([k, v]) => tuple(k, v));
                Ets.insert(self, table, list);
                for (const object of type === "bag" ? [...list].reverse() : list) model.insert(object);
                break;
              }
              case "insertNew": {
                const list = action.objects.map(([k, v]) => tuple(k, v));
                const isNew = list.every((object) => model.lookup(object[0]).length === 0);
                expect(Ets.insertNew(self, table, list)).toBe(isNew);
                if (isNew)
                  for (const object of list)
                    if (!isUnique || model.lookup(object[0]).length === 0) model.insert(object);
                break;
              }
              case "take":
                expect(Ets.take(self, table, action.key)).toEqual(model.remove(action.key));
                break;
              case "deleteKey":
                Ets.deleteKey(self, table, action.key);
                model.remove(action.key);
                break;
              case "deleteObject": {
                const object = tuple(action.key, action.value);
                Ets.deleteObject(self, table, object);
                model.objects = model.objects.filter((known) => !exactlyEqual(known, object));
                break;
              }
              case "updateElement": {
                const [known] = model.lookup(action.key);
                const result = attempt(() =>
                  Ets.updateElement(self, table, action.key, { position: 2, value: action.value }),
                );
                expect(result).toBe(isUnique ? known !== undefined : "badarg");
                if (isUnique && known !== undefined) known[1] = action.value;
                break;
              }
              case "updateCounter": {
                const [known] = model.lookup(action.key);
                const result = attempt(() => Ets.updateCounter(self, table, action.key, action.value));
                expect(result).toBe(
                  isUnique && known !== undefined ? (known[1] as number) + action.value : "badarg",
                );
                if (isUnique && known !== undefined) known[1] = (known[1] as number) + action.value;
                break;
              }
              case "selectDelete": {
                const spec = [tuple(tuple(atom("_"), action.value), [], [true])];
                const count = model.objects.filter((object) => object[1] === action.value).length;
                expect(Ets.selectDelete(self, table, spec)).toBe(count);
                model.objects = model.objects.filter((object) => object[1] !== action.value);
              }
            }
          }
          expect(Ets.size(self, table)).toBe(model.objects.length);
          for (const k of KEYS) expect(Ets.lookup(self, table, k)).toEqual(model.lookup(k));
          const listed = Ets.toList(self, table);
          const sorted = [...model.objects].sort((a, b) => compareTerms(a[0], b[0]));
          if (type === "ordered_set") expect(listed).toEqual(sorted);
          expect(listed.map(termKey).sort()).toEqual(model.objects.map(termKey).sort());
          const keys: unknown[] = [];
          for (let at = Ets.first(self, table); at !== undefined; at = Ets.next(self, table, at.key))
            keys.push(at.key);
          expect(new Set(keys.map(termKey))).toEqual(
            new Set(model.objects.map((object) => termKey(object[0]))),
          );
        }),
      ),
      { numRuns: 150 },
    );
  });
});
