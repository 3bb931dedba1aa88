// Arbitrary terms for property tests.
import fc from "fast-check";
import { Pid } from "../../../host/otp/pid.ts";
import { Ref } from "../../../host/otp/ref.ts";
import { atomTerm, BitString, ImproperList, tuple } from "../../../host/otp/term/index.ts";

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isSafeInteger(n)),
);
const big = fc.bigInt().filter((n) => !Number.isSafeInteger(Number(n)));
const atoms = fc
  .oneof(fc.constantFrom("ok", "true", "false", "undefined", "null", "error"), fc.string({ maxLength: 60 }))
  .map(atomTerm);
const text = fc.string({ unit: "binary", maxLength: 80 });
const bytes = fc.uint8Array({ maxLength: 40 });
const bits = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 7 }))
  .map(([all, last]) => {
    all[all.length - 1] = (all[all.length - 1] as number) & (0xff00 >> last);
    return new BitString(all, last);
  });
const count = fc.integer({ min: 0, max: 2 ** 53 - 1 });
const node = fc.constantFrom("nonode@nohost", "a@b", "é@host");
const creation = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const pid = fc.tuple(node, count, creation).map(([n, c, k]) => new Pid(n, c, k));
const ref = fc.tuple(node, count, creation).map(([n, c, k]) => new Ref(n, c, k));

/** Any term that decodes to what it was encoded from. */
export const term: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  term: fc.oneof({ depthSize: "small" }, number, big, atoms, text, bytes, bits, pid, ref, tie("nested")),
  nested: fc.oneof(
    fc.array(tie("term"), { maxLength: 5 }),
    fc.array(tie("term"), { maxLength: 5 }).map((elements) => tuple(...elements)),
    fc
      .dictionary(fc.string({ maxLength: 10 }), tie("term"), { maxKeys: 5 })
      .map((entries) => ({ ...entries })),
    fc
      .uniqueArray(fc.tuple(fc.integer(), tie("term")), { selector: ([k]) => k, minLength: 1, maxLength: 5 })
      .map((e) => new Map(e)),
    fc
      .tuple(fc.array(tie("term"), { minLength: 1, maxLength: 3 }), fc.oneof(number, atoms, text))
      .map(([heads, tail]) => new ImproperList(heads, tail)),
  ),
})).term;
