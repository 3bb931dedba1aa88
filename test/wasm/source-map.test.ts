// Our reader of source maps against one that others wrote, and what is no map.
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SourceMapReader } from "../../host/wasm/source-map.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A number in base 64, as segments hold it. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

/** A map of segments, each with its distance from the one before. */
function mapOf(segments: readonly (readonly number[])[], sourceRoot?: string): string {
  const mappings = segments.map((fields) => fields.map(vlq).join("")).join(",");
  return JSON.stringify({
    version: 3,
    sources: ["a.ts", "~lib/b.ts"],
    names: ["n"],
    mappings,
    ...(sourceRoot !== undefined && { sourceRoot }),
  });
}

it("says of every offset what the other one says", () => {
  const place = fc.tuple(fc.nat(40), fc.nat(100_000), fc.nat(300));
  const segment = fc.tuple(
    fc.integer({ min: 1, max: 5000 }),
    fc.option(place, { nil: undefined }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(
      fc.array(segment, { maxLength: 40 }),
      fc.constantFrom(undefined, "src", "src/"),
      (parts, root) => {
        let [file, line, column, end] = [0, 0, 0, 0];
        const segments = parts.map(([distance, to, hasName]) => {
          end += distance;
          if (to === undefined) return [distance];
          const next = [to[0] % 2, to[1], to[2]] as const;
          const fields = [
            distance,
            next[0] - file,
            next[1] - line,
            next[2] - column,
            ...(hasName ? [0] : []),
          ];
          [file, line, column] = next;
          return fields;
        });
        const text = mapOf(segments, root);
        const ours = SourceMapReader.read(text)!;
        const theirs = new TraceMap(text);
        for (let offset = 0; offset <= end + 10; offset += Math.max(1, Math.floor(end / 500))) {
          const wanted = originalPositionFor(theirs, { line: 1, column: offset });
          const position =
            wanted.source === null
              ? undefined
              : { file: wanted.source, line: wanted.line, column: wanted.column + 1 };
          expect(ours.find(offset)).toEqual(position);
        }
      },
    ),
    { numRuns: 200 },
  );
});

it("takes what is no map for none", () => {
  for (const text of [
    "",
    "null",
    "{}",
    '{"sources":[],"mappings":3}',
    '{"sources":["a"],"mappings":"A?"}',
    '{"sources":["a"],"mappings":"g"}',
  ])
    expect(SourceMapReader.read(text)).toBeUndefined();
});
