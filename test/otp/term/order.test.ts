import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pid } from "../../../host/otp/pid.ts";
import { Ref } from "../../../host/otp/ref.ts";
import {
  atom,
  BitString,
  compareTerms,
  equal,
  exactlyEqual,
  Float,
  ImproperList,
  Opaque,
  reasonFromTerm,
  reasonToTerm,
  termKey,
  tuple,
} from "../../../host/otp/term/index.ts";
import { term } from "./terms.ts";

function expectAscending(values: readonly unknown[]): void {
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j < values.length; j++) {
      expect(Math.sign(compareTerms(values[i], values[j])), `${i} and ${j}`).toBe(Math.sign(i - j));
    }
  }
}

describe("the order of terms", () => {
  it("S225: goes by type, then tuples by size, lists element by element, atoms by text, bitstrings by bits", () => {
    expectAscending([
      -(2n ** 70n),
      -1,
      0.5,
      3,
      2n ** 70n,
      atom("a"),
      atom("b"),
      false,
      true,
      new Ref("n@h", 1, 1),
      new Ref("n@h", 2, 1),
      new Opaque("fun", new Uint8Array([1])),
      new Opaque("port", new Uint8Array([1])),
      new Pid("n@h", 1, 1),
      new Pid("n@h", 2, 1),
      tuple(),
      tuple(9),
      tuple(1, 2),
      {},
      { z: 1 },
      { a: 1, b: 1 },
      [],
      [1],
      [1, 2],
      new ImproperList([1], new BitString(new Uint8Array([128]), 1)),
      [2],
      "",
      new BitString(new Uint8Array([0]), 3),
      "a",
      "ab",
      "b",
      "\u{ffff}",
      "\u{10000}",
      new Uint8Array([255]),
    ]);
  });

  it("S226: integers and floats compare by exact value, and are equal but not exactly", () => {
    expect(compareTerms(9007199254740993n, new Float(2 ** 53))).toBeGreaterThan(0);
    expect(compareTerms(2n ** 53n, new Float(2 ** 53))).toBe(0);
    expect(equal(1, new Float(1))).toBe(true);
    expect(exactlyEqual(1, new Float(1))).toBe(false);
    expect(exactlyEqual(new Float(0), new Float(-0))).toBe(true);
    const sorted = [new Float(1), 1, 0].sort((a, b) => compareTerms(a, b));
    expect(sorted).toEqual([0, new Float(1), 1]);
  });

  it("S227: maps go by size, keys in order with integers before floats, then values", () => {
    expectAscending([{ b: 1 }, { a: 1, b: 2 }, { a: 2, b: 1 }, { a: 1, c: 0 }]);
    const integerKey = new Map([[2, 1]]);
    const floatKey = new Map([[new Float(1), 1]]);
    expect(compareTerms(integerKey, floatKey)).toBeLessThan(0);
    expect(equal({ a: 1 }, { a: new Float(1) })).toBe(true);
    expect(equal(new Map([[1, 1]]), new Map([[new Float(1), 1]]))).toBe(false);
    expect(exactlyEqual({ a: 1 }, new Map([[atom("a"), 1]]))).toBe(true);
  });

  it("is total, and agrees with the keys of a table", () => {
    fc.assert(
      fc.property(term, term, term, (a, b, c) => {
        expect(Math.sign(compareTerms(a, b)) + Math.sign(compareTerms(b, a))).toBe(0);
        if (compareTerms(a, b) <= 0 && compareTerms(b, c) <= 0)
          expect(compareTerms(a, c)).toBeLessThanOrEqual(0);
        expect(new Set([termKey(a), termKey(b)]).size === 1).toBe(exactlyEqual(a, b));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("exit reasons", () => {
  it("are strings where Erlang has atoms", () => {
    expect(reasonFromTerm(atom("normal"))).toBe("normal");
    expect(reasonFromTerm(tuple(atom("shutdown"), atom("x")))).toEqual(tuple("shutdown", atom("x")));
    expect(reasonToTerm("killed")).toBe(atom("killed"));
    expect(reasonToTerm(["shutdown", 1])).toEqual(tuple(atom("shutdown"), 1));
    expect(reasonToTerm("it broke")).toBe("it broke");
    expect(reasonToTerm("undefined")).toBe(undefined);
    expect(reasonToTerm({ type: "trap", kind: "unreachable", message: "m", frames: [] })).toEqual(
      tuple(atom("trap"), atom("unreachable"), "m", []),
    );
    expect(reasonToTerm({ type: "error", name: "RangeError", message: "m" })).toEqual(
      tuple(atom("error"), "RangeError", "m"),
    );
  });

  it("come back from a term as they went, and text is never taken for an atom", () => {
    fc.assert(
      fc.property(term, (value) => {
        expect(exactlyEqual(reasonToTerm(reasonFromTerm(value)), value)).toBe(true);
      }),
    );
    expect(reasonFromTerm("normal")).not.toBe("normal");
  });
});
