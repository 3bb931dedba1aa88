// ABI.md, the declarations of the AssemblyScript library, the C header and the Rust crate say the same about every import.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const sdk = new URL("../../guest-sdk/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, sdk), "utf8");

/** `process.self` to `(i32, i32) -> i32`. */
type Signatures = Record<string, string>;

function signature(parameters: readonly string[], result: string): string {
  return `(${parameters.join(", ")})${result === "" ? "" : ` -> ${result}`}`;
}

function fromDocument(): Signatures {
  const found: Signatures = {};
  for (const [, name = "", parameters = "", result = ""] of read("ABI.md").matchAll(
    /^\| `(\w+\.\w+)` \| `\(([^)]*)\)(?: -> (\w+))?` \|/gm,
  )) {
    const types = parameters.split(", ").filter(Boolean);
    found[name] = signature(
      types.map((parameter) => parameter.split(" ").at(-1)!),
      result,
    );
  }
  return found;
}

function fromLibrary(): Signatures {
  const wasm: Record<string, string> = {
    usize: "i32",
    i32: "i32",
    u32: "i32",
    i64: "i64",
    f64: "f64",
    void: "",
  };
  const found: Signatures = {};
  for (const file of readdirSync(new URL("assembly/abi/", sdk))) {
    for (const [, namespace, name, parameters = "", result = ""] of read(`assembly/abi/${file}`).matchAll(
      /@external\("(\w+)", "(\w+)"\)\nexport declare function \w+\(([^)]*)\): (\w+);/g,
    )) {
      const types = parameters.split(",").map((parameter) => parameter.split(":")[1]?.trim() ?? "");
      found[`${namespace}.${name}`] = signature(
        types.filter(Boolean).map((type) => wasm[type]!),
        wasm[result]!,
      );
    }
  }
  return found;
}

function fromHeader(): Signatures {
  const wasm = (type: string) =>
    type === "void" ? "" : type === "double" ? "f64" : type === "int64_t" ? "i64" : "i32";
  const found: Signatures = {};
  for (const [, namespace, name, result = "", parameters = ""] of read("include/moonlet.h").matchAll(
    /^MOONLET_IMPORT\("(\w+)", "(\w+)"\)\n(\w+) \w+\(([^)]*)\);/gm,
  )) {
    const types = parameters.split(",").map((parameter) => parameter.trim());
    found[`${namespace}.${name}`] = signature(
      types.map((type) => wasm(type.includes("*") ? "pointer" : type.split(" ")[0]!)).filter(Boolean),
      wasm(result),
    );
  }
  return found;
}

function fromCrate(): Signatures {
  const wasm = (type: string) => (type === "f64" || type === "i64" ? type : "i32");
  const found: Signatures = {};
  for (const [, namespace, lines = ""] of read("rust/src/abi.rs").matchAll(
    /^ +\w+: "(\w+)" \{\n([^}]*)\}/gm,
  )) {
    for (const [, name, parameters = "", result] of lines.matchAll(
      /"(\w+)" \w+\(([^)]*)\)(?: -> (\w+))?;/g,
    )) {
      const types = parameters.split(",").flatMap((parameter) => parameter.split(":")[1]?.trim() ?? []);
      expect(found).not.toHaveProperty([`${namespace}.${name}`]);
      found[`${namespace}.${name}`] = signature(types.map(wasm), result ? wasm(result) : "");
    }
  }
  return found;
}

const documented = fromDocument();
/** What AssemblyScript's own library imports is no part of ours. */
const own = Object.fromEntries(Object.entries(documented).filter(([name]) => !name.startsWith("env.")));

test("the document lists imports with their types", () => {
  expect(Object.keys(own).length).toBeGreaterThan(30);
  expect(own["message.send"]).toBe("(i32, i32, i32, i32) -> i32");
  expect(own["timer.cancel"]).toBe("(i32, i32) -> f64");
  expect(own["process.yield"]).toBe("()");
});

test("the AssemblyScript library declares exactly the documented imports", () => {
  expect(fromLibrary()).toEqual(own);
});

test("the C header declares exactly the documented imports", () => {
  expect(fromHeader()).toEqual(own);
});

test("the Rust crate declares exactly the documented imports, and the abort that its panics use", () => {
  expect(fromCrate()).toEqual({ ...own, "env.abort": documented["env.abort"] });
});

test("the error codes are the same everywhere", () => {
  const codes = [...read("ABI.md").matchAll(/^\| (-\d) \| `(\w+)` \|/gm)].map(([, code, name]) => [
    name!.toUpperCase(),
    Number(code),
  ]);
  const library = [...read("assembly/abi/code.ts").matchAll(/export const (\w+): i32 = (-\d);/g)].map(
    ([, name, code]) => [name, Number(code)],
  );
  const header = [...read("include/moonlet.h").matchAll(/#define MOONLET_(\w+) \((-\d)\)/g)].map(
    ([, name, code]) => [name, Number(code)],
  );
  const crate = [...read("rust/src/error.rs").matchAll(/^ +\((-\d), Error::\w+, "(\w+)"\)/gm)].map(
    ([, code, name]) => [name!.toUpperCase(), Number(code)],
  );
  expect(crate).toEqual(codes);
  expect(codes.length).toBe(9);
  expect(library).toEqual(codes);
  expect(header).toEqual(codes);
});
