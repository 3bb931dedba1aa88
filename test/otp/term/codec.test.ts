import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pid } from "../../../host/otp/pid.ts";
import {
  atom,
  decodeTerm,
  encodeTerm,
  exactlyEqual,
  Float,
  formatTerm,
  ImproperList,
  isTuple,
  Opaque,
  termKey,
  tuple,
} from "../../../host/otp/term/index.ts";
import { term } from "./terms.ts";

interface Row {
  readonly source: string;
  readonly text: string;
  readonly bytes: readonly string[];
}
const rows = JSON.parse(readFileSync(new URL("fixtures/beam-terms.json", import.meta.url), "utf8")) as Row[];
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const raw = (...bytes: number[]): Uint8Array => new Uint8Array([131, ...bytes]);

/** As ~w prints: text as bytes. */
function asWritten(value: unknown): unknown {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (isTuple(value)) return tuple(...value.map(asWritten));
  if (Array.isArray(value)) return value.map(asWritten);
  if (value instanceof ImproperList)
    return new ImproperList(value.heads.map(asWritten), asWritten(value.tail));
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [asWritten(k), asWritten(v)]));
  return value;
}

describe("terms of a BEAM", () => {
  const plain = rows.filter((row) => !/self|ref|fun|port|maps:/.test(row.source));
  it.each(plain)("reads and prints $source", ({ text, bytes }) => {
    for (const hex of bytes) expect(formatTerm(asWritten(decodeTerm(fromHex(hex))))).toBe(text);
  });

  it.each(rows)("passes $source on unchanged in meaning", ({ bytes }) => {
    for (const hex of bytes) {
      const value = decodeTerm(fromHex(hex));
      expect(exactlyEqual(decodeTerm(encodeTerm(value)), value)).toBe(true);
    }
  });

  it("keeps funs, ports and references of other nodes as they came", () => {
    for (const { source, bytes } of rows.filter((row) => /^(make_ref|fun|hd)/.test(row.source))) {
      const value = decodeTerm(fromHex(bytes[0] as string));
      expect(value, source).toBeInstanceOf(Opaque);
      expect(Buffer.from(encodeTerm(value)).toString("hex")).toBe(bytes[0]);
    }
  });
});

describe("encoding", () => {
  it("gives back what was encoded", () => {
    fc.assert(
      fc.property(term, (value) => {
        const back = decodeTerm(encodeTerm(value));
        expect(exactlyEqual(back, value)).toBe(true);
        expect(termKey(back)).toEqual(termKey(value));
        expect(encodeTerm(back)).toEqual(encodeTerm(value));
      }),
      { numRuns: 500 },
    );
  });

  it("is canonical", () => {
    const hex = (value: unknown): string => Buffer.from(encodeTerm(value)).toString("hex").slice(2);
    expect(hex(255)).toBe("61ff");
    expect(hex(-1)).toBe("62ffffffff");
    expect(hex(2 ** 31)).toBe("6e040000000080");
    expect(hex(-(2n ** 31n))).toBe("6280000000");
    expect(hex(1.5)).toBe("463ff8000000000000");
    expect(hex(new Float(1))).toBe("463ff0000000000000");
    expect(hex("ab")).toBe("6d000000026162");
    expect(hex(new Uint8Array([1]))).toBe("4d000000010801");
    expect(hex(new Uint8Array(0))).toBe("4d0000000000");
    expect(hex(atom("ok"))).toBe("77026f6b");
    expect(hex([])).toBe("6a");
    expect(hex([1])).toBe("6c0000000161016a");
    expect(hex(tuple(true))).toBe("6801770474727565");
    expect(hex({ a: undefined })).toBe("74000000017701617709756e646566696e6564");
    expect(hex(new Pid("n@h", 2 ** 32 + 7, 3))).toBe("5877036e4068000000070000000100000003");
  });

  it("uses toTerm, also one that encodes on its own", () => {
    const wrapped = { toTerm: () => tuple(atom("wrapped"), encodeTerm("inner")) };
    expect(encodeTerm([1, wrapped, 2])).toEqual(
      encodeTerm([1, tuple(atom("wrapped"), encodeTerm("inner")), 2]),
    );
  });

  it("refuses what is no term and goes on working", () => {
    class Thing {}
    for (const value of [
      () => 1,
      Symbol("x"),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Thing(),
      new Date(0),
    ]) {
      expect(() => encodeTerm([1, value])).toThrow(expect.objectContaining({ code: "badarg" }));
    }
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => encodeTerm(loop)).toThrow(/nested deeper/);
    expect(decodeTerm(encodeTerm("fine"))).toBe("fine");
  });

  it("keeps a big message and a small one after it apart", () => {
    const large = "x".repeat(3_000_000);
    expect(decodeTerm(encodeTerm(large))).toBe(large);
    expect(decodeTerm(encodeTerm([1, 2]))).toEqual([1, 2]);
  });
});

describe("decoding hostile bytes", () => {
  it("never throws anything but badarg, and what it reads it can write", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let value: unknown;
        try {
          value = decodeTerm(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "badarg" });
          return;
        }
        expect(exactlyEqual(decodeTerm(encodeTerm(value)), value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("survives any change of a byte of a valid term", () => {
    const change = fc.tuple(term, fc.nat(), fc.nat(255), fc.boolean());
    fc.assert(
      fc.property(change, ([value, where, byte, cut]) => {
        const bytes = encodeTerm(value);
        bytes[where % bytes.length] = byte;
        try {
          decodeTerm(cut ? bytes.subarray(0, where % bytes.length) : bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "badarg" });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["no bytes", new Uint8Array(0), /no bytes/],
    ["another version", new Uint8Array([130, 97, 1]), /version/],
    ["bytes after the term", raw(97, 1, 0), /after the term/],
    ["a list of four billion", raw(108, 255, 255, 255, 255, 106), /4294967295 elements/],
    ["a tuple of four billion", raw(105, 255, 255, 255, 255), /elements/],
    ["a map of four billion", raw(116, 255, 255, 255, 255), /elements/],
    ["a binary of four billion", raw(109, 255, 255, 255, 255), /announced/],
    ["a number of four billion bytes", raw(111, 255, 255, 255, 255, 0), /announced/],
    ["compressed terms", raw(80, 0, 0, 0, 1, 120, 156), /compressed/],
    ["an infinite float", raw(70, 127, 240, 0, 0, 0, 0, 0, 0), /finite/],
    ["a key twice", raw(116, 0, 0, 0, 2, 119, 1, 97, 97, 1, 119, 1, 97, 97, 2), /twice/],
    ["a compound key twice", raw(116, 0, 0, 0, 2, 104, 1, 97, 1, 106, 104, 1, 98, 0, 0, 0, 1, 106), /twice/],
    ["an atom of bad UTF-8", raw(119, 1, 255), /UTF-8/],
    ["a cache reference", raw(82, 0), /cache/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeTerm(bytes)).toThrow(message);
  });

  it("refuses deep nesting without running out of stack", () => {
    const deep = new Uint8Array(200_001).fill(104);
    deep[0] = 131;
    for (let i = 2; i < deep.length; i += 2) deep[i] = 1;
    expect(() => decodeTerm(deep)).toThrow(/deeper than 512/);
  });

  it("gives an own property for __proto__", () => {
    const value = decodeTerm(encodeTerm(new Map([[atom("__proto__"), { polluted: true }]]))) as Record<
      string,
      unknown
    >;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
