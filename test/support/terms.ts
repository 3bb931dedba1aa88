// Terms of every kind, as JavaScript has them, for property tests of libraries in other languages.
import fc from "fast-check";
import { atom, tuple } from "../../host/index.ts";

/** Reads back equal when it went through the external term format. */
export const anyTerm: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  term: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 200n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    fc.boolean(),
    fc.string({ maxLength: 20 }).map((name) => atom(name)),
    fc.array(tie("term"), { maxLength: 5 }),
    fc.array(tie("term"), { maxLength: 5 }).map((items) => tuple(...items)),
    fc.dictionary(fc.string({ maxLength: 5 }), tie("term"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).term;
