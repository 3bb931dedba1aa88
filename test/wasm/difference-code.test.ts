import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseWat } from "../../instrument/wat.ts";

const FOLDER = `${import.meta.dirname}/../../host/wasm`;

it("the module that finds differences is what its text says; vitest -u writes it anew", async () => {
  const code = parseWat(readFileSync(`${FOLDER}/difference.wat`, "utf8"), "difference.wat");
  const base64 = Buffer.from(code).toString("base64");
  const lines = [
    "// difference.wat, assembled: a test compares them, and with -u writes this file.",
    "export const DIFFERENCE_CODE =",
    `  "${base64}";`,
  ];
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`${FOLDER}/difference-code.ts`);
});
