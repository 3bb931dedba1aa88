// Term, the value of unknown type: looked into, made, compared and printed in a guest, held against the host's codec; and the
// decoder on bytes that are no term.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Ref } from "../../host/otp/ref.ts";
import { atom, encodeTerm, float, formatTerm, ImproperList, tuple } from "../../host/otp/term/index.ts";
import { compileText, Exited, FakeHost, OTHER } from "./fake-host.ts";

const GUEST = `
import { receiveAny, send, self, log, Term, Pid, Ref, atom, Atom, Selector } from "moonlet/guest-sdk";
@message class Point { constructor(public x: i32, public y: i32) {} }
@message class Tree { constructor(public value: i64, public left: Tree | null, public right: Tree | null) {} }

export function prints(): void { log.info(receiveAny().toString()); }
export function returns(): void { send(self(), receiveAny()); }
export function looks(): void {
  const t = receiveAny();
  const seen: string[] = [];
  if (t.isInteger) seen.push("integer");
  if (t.isFloat) seen.push("float");
  if (t.isAtom) seen.push("atom " + t.text);
  if (t.isText) seen.push("text " + t.text);
  if (t.isBinary) seen.push("binary");
  if (t.isPid) seen.push("pid");
  if (t.isRef) seen.push("ref");
  if (t.isTuple) seen.push("tuple");
  if (t.isList) seen.push("list");
  if (t.isMap) seen.push("map");
  if (t.is<Point>()) seen.push("point");
  seen.push(t.length.toString());
  if (t.length > 0 && !t.isMap) seen.push(t.at(t.length - 1).toString());
  log.info(seen.join(" "));
}
export function gets(): void {
  const map = receiveAny();
  const text = map.get("text"), nothing = map.get(5), one = map.get(atom("one"));
  log.info((text ? text.toString() : "null") + " " + (nothing ? nothing.toString() : "null") + " " + (one ? one.as<i32>().toString() : "null"));
}
export function compares(): void {
  const a = receiveAny(), b = receiveAny();
  log.info((a == b).toString() + " " + (a != b).toString() + " " + (a == Term.of(7)).toString() + " " + (a == null).toString());
  if (a.isPid && b.isPid) log.info((a.as<Pid>() == b.as<Pid>()).toString());
  if (a.isRef) log.info(a.as<Ref>().toString() + " " + (a.as<Ref>() != b.as<Ref>()).toString());
}
export function makes(): void {
  send(self(), Term.tuple([Term.of(atom("ok")), Term.of(new Point(1, -1)), Term.of<Map<string, bool>>(new Map<string, bool>().set("yes", true))]));
}
export function outside(): void { receiveAny().at(3); }
export function asPoint(): void { const p = receiveAny().as<Point>(); log.info((p.x + p.y).toString()); }
export function tree(): void { send(self(), receiveAny().as<Tree>()); }
export function longs(): void { send(self(), receiveAny().as<i64>()); }
export function words(): void { send(self(), receiveAny().as<string[]>()); }
export function bytes(): void { send(self(), receiveAny().as<u8[]>()); }
export function raw(): void { send(self(), receiveAny().as<Uint8Array>()); }
export function mapped(): void { send(self(), receiveAny().as<Map<string, f64>>()); }
export function selects(): void {
  const some = new Selector().on<Point>().on<string>();
  log.info(some.receive().toString()); log.info(some.receive().toString());
  log.info((some.receiveWithin(0) == null).toString());
  log.info(new Selector().on<Term>().receive().toString());
}
`;

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await compileText(GUEST);
});
const host = () => new FakeHost(wasm);
const logged = (entry: string, ...messages: unknown[]) => {
  const fake = host();
  for (const message of messages) fake.deliver(message);
  return fake.run(entry).logged.map((line) => line.replace(/^info: /, ""));
};

const ref = new Ref("nonode@nohost", 5 + 2 ** 33, 1);

describe("a term", () => {
  test("knows what it is", () => {
    expect(logged("looks", 5)).toEqual(["integer 0"]);
    expect(logged("looks", 2n ** 90n)).toEqual(["integer 0"]);
    expect(logged("looks", 0.5)).toEqual(["float 0"]);
    expect(logged("looks", atom("äpfel"))).toEqual(["atom äpfel 0"]);
    expect(logged("looks", "ö")).toEqual(["text ö binary 0"]);
    expect(logged("looks", Uint8Array.of(1))).toEqual(["binary 0"]);
    expect(logged("looks", OTHER)).toEqual(["pid 0"]);
    expect(logged("looks", ref)).toEqual(["ref 0"]);
    expect(logged("looks", tuple(1, "x"))).toEqual([`tuple 2 <<"x">>`]);
    expect(logged("looks", tuple(atom("point"), 1, 2))).toEqual(["tuple point 3 2"]);
    expect(logged("looks", tuple(atom("point"), 1))).toEqual(["tuple 2 1"]);
    expect(logged("looks", [])).toEqual(["list 0"]);
    expect(logged("looks", [1, [2]])).toEqual(["list 2 [2]"]);
    expect(logged("looks", tuple(...Array.from({ length: 300 }, (_, i) => i)))).toEqual(["tuple 300 299"]);
    expect(logged("looks", new Map([[1, 2]]))).toEqual(["map 1"]);
  });

  test("gives what a map has for a key", () => {
    const map = new Map<unknown, unknown>([
      ["text", tuple(1)],
      [atom("one"), 1],
      [6, 6],
    ]);
    expect(logged("gets", map)).toEqual(["{1} null 1"]);
    expect(logged("gets", [])).toEqual(["null null null"]);
  });

  test("is compared by value", () => {
    expect(logged("compares", 7, 7)).toEqual(["true false true false"]);
    expect(logged("compares", 7, float(7))).toEqual(["false true true false"]);
    expect(logged("compares", OTHER, OTHER)).toEqual(["true false false false", "true"]);
    expect(logged("compares", ref, ref)).toEqual(["true false false false", "#Ref<0.0.2.5> false"]);
  });

  test("is made of values and of other terms", () => {
    expect(host().run("makes").sent[0]!.message).toEqual(
      tuple(atom("ok"), tuple(atom("point"), 1, -1), new Map([["yes", true]])),
    );
  });

  test("ends the process when it is taken for what it is not", () => {
    expect(host().deliver([1, 2]).reason("outside")).toEqual(
      tuple(atom("bad_message"), "at(3): expected a tuple or list of more elements, got [1,2]"),
    );
    expect(
      host()
        .deliver(tuple(atom("circle"), 1, 2))
        .reason("asPoint"),
    ).toEqual(tuple(atom("bad_message"), "Point: expected a message Point, got {circle,1,2}"));
    expect(logged("asPoint", tuple(atom("point"), 4, 3))).toEqual(["7"]);
  });

  test("nests as deep as messages do", () => {
    const leaf = tuple(atom("tree"), 1, undefined, undefined);
    const tree = tuple(atom("tree"), 2n ** 60n, leaf, tuple(atom("tree"), 3, undefined, leaf));
    expect(host().deliver(tree).run("tree").sent[0]!.bytes).toEqual(encodeTerm(tree));
  });
});

test("a selector takes the messages of its types in their order, and leaves the others", () => {
  expect(logged("selects", 1, "a", tuple(atom("point"), 0, 0))).toEqual([
    `<<"a">>`,
    "{point,0,0}",
    "true",
    "1",
  ]);
});

/** Any term that JavaScript can say. */
const terms = fc.letrec((tie) => ({
  term: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => float(value)),
    fc.string({ unit: "grapheme" }),
    fc
      .string({ minLength: 1, maxLength: 30, unit: "binary" })
      .filter((name) => !["true", "false", "null", "undefined"].includes(name))
      .map(atom),
    fc.boolean(),
    fc.constant(undefined),
    fc.uint8Array(),
    fc.constant(OTHER),
    fc.constant(ref),
    fc.array(tie("term")),
    fc.array(tie("term")).map((elements) => tuple(...elements)),
    fc
      .tuple(fc.array(tie("term"), { minLength: 1 }), fc.integer())
      .map(([heads, tail]) => new ImproperList(heads, tail)),
    fc
      .uniqueArray(fc.tuple(fc.integer(), tie("term")), { selector: ([key]) => key })
      .map((pairs) => new Map(pairs)),
  ),
})).term;

test("every term goes through a guest unchanged, and prints", () => {
  const fake = host();
  fc.assert(
    fc.property(terms, (term) => {
      fake.sent.length = 0;
      fake.logged.length = 0;
      fake.deliver(term).run("returns").deliver(term).run("prints");
      expect(fake.sent[0]!.bytes).toEqual(encodeTerm(term));
      expect(fake.logged[0]).not.toContain("info: ?");
    }),
    { numRuns: 300 },
  );
});

test("simple terms print as the host prints them", () => {
  for (const term of [
    1,
    -70000,
    atom("ok"),
    atom("it's"),
    atom("Up"),
    'té"x\\',
    [1, [2, 3]],
    tuple(atom("a"), tuple()),
    ref,
    OTHER,
    12345678901n,
  ]) {
    expect(logged("prints", term)).toEqual([formatTerm(term)]);
  }
});

test("values of a type survive the way into a guest and back", () => {
  const fake = host();
  const there = (entry: string, value: unknown) => {
    fake.sent.length = 0;
    return fake.deliver(value).run(entry).sent[0]!.bytes;
  };
  const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const words = fc.array(fc.string({ unit: "grapheme" }));
  const bytes = fc.array(fc.nat(255));
  const table = fc.dictionary(
    fc.string(),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => float(value)),
  );
  fc.assert(fc.property(longs, (value) => void expect(there("longs", value)).toEqual(encodeTerm(value))));
  fc.assert(fc.property(words, (value) => void expect(there("words", value)).toEqual(encodeTerm(value))));
  fc.assert(fc.property(bytes, (value) => void expect(there("bytes", value)).toEqual(encodeTerm(value))));
  for (const value of [Uint8Array.of(), Uint8Array.of(0, 255)])
    expect(there("raw", value)).toEqual(encodeTerm(value));
  fc.assert(
    fc.property(table, (value) => {
      const map = new Map(Object.entries(value));
      expect(there("mapped", map)).toEqual(encodeTerm(map));
    }),
  );
});

test("a map of strings takes a plain object of JavaScript, whose keys are atoms", () => {
  const { sent } = host()
    .deliver({ one: 1.5, two: float(2) })
    .run("mapped");
  expect(sent[0]!.message).toEqual(
    new Map([
      ["one", 1.5],
      ["two", 2],
    ]),
  );
});

describe("bytes that are no term", () => {
  const entries = ["prints", "looks", "asPoint", "tree", "longs", "words", "bytes", "mapped"];

  /** Neither a trap of WebAssembly's own nor an endless loop: the guest goes on, or says what it met. */
  function survives(bytes: Uint8Array, entry: string): void {
    const fake = host();
    fake.mailbox.push(bytes);
    try {
      fake.run(entry);
    } catch (error) {
      if (!(error instanceof Exited)) throw error;
      expect(error.reason).toMatchObject({ 0: atom("bad_message") });
    }
  }

  test("end the process with bad_message, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.constantFrom(...entries),
        (bytes, entry) => survives(Uint8Array.of(131, ...bytes), entry),
      ),
      { numRuns: 500 },
    );
  });

  test("and so do terms that are cut short or changed in one place", () => {
    fc.assert(
      fc.property(
        terms,
        fc.nat(),
        fc.nat(255),
        fc.boolean(),
        fc.constantFrom(...entries),
        (term, at, byte, cut, entry) => {
          const bytes = encodeTerm(term);
          if (bytes.length < 3) return;
          const where = 1 + (at % (bytes.length - 1));
          if (!cut) bytes[where] = byte;
          survives(cut ? bytes.subarray(0, where) : bytes, entry);
        },
      ),
      { numRuns: 500 },
    );
  });
});
