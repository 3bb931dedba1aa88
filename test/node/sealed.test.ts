import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { seal, unseal, unsealFile } from "../../host/node/sealed.ts";

const LARGE = 2 ** 20 + 1;

function bytesOf(length: number): Buffer {
  return Buffer.alloc(length, "a few bytes over and over");
}

const folder = mkdtempSync(join(tmpdir(), "moonlet-sealed-"));
afterAll(() => rmSync(folder, { recursive: true }));

function openFromFile(sealed: Buffer): Buffer | undefined {
  const path = join(folder, "sealed");
  writeFileSync(path, sealed);
  return unsealFile(path);
}

describe.each([
  ["in memory", unseal],
  ["in a file", openFromFile],
])("what is sealed %s", (_, open) => {
  it.each([0, 1, 1000, LARGE - 1, LARGE])("opens what was sealed, of %i bytes", (length) => {
    expect(open(seal(bytesOf(length)))?.equals(bytesOf(length))).toBe(true);
  });

  it.each([1, 1000, LARGE])("notices a changed byte wherever it is, of %i bytes", (length) => {
    const sealed = seal(bytesOf(length));
    for (const share of [0, 0.3, 0.5, 0.7, 1]) {
      const damaged = Buffer.from(sealed);
      const at = Math.floor(share * (sealed.length - 1));
      damaged[at] = damaged[at]! ^ 4;
      expect(open(damaged), `byte ${at} of ${sealed.length}`).toBeUndefined();
    }
  });

  it.each([0, 1, 1000, LARGE])("notices what is missing or too much, of %i bytes", (length) => {
    const sealed = seal(bytesOf(length));
    expect(open(sealed.subarray(0, -1))).toBeUndefined();
    expect(open(sealed.subarray(1))).toBeUndefined();
    expect(open(Buffer.concat([sealed, Buffer.of(1)]))).toBeUndefined();
    expect(open(Buffer.alloc(sealed.length))).toBeUndefined();
  });
});

it("makes large ones hardly larger", () => {
  expect(seal(bytesOf(LARGE)).length - LARGE).toBeLessThan(64);
});
