// The compiler as those who call it see it: what it gives, and what it says when a source is wrong.
import type binaryen from "binaryen";
import { describe, expect, test } from "vitest";
import { parseOptions } from "../../guest-sdk/compiler/compiler-options.ts";
import {
  CompileError,
  compileAssemblyScript,
  type Diagnostic,
  formatDiagnostic,
} from "../../guest-sdk/compiler/index.ts";
import { snakeCase } from "../../guest-sdk/compiler/message-transform.ts";
import { withTexts } from "./fake-host.ts";

const FAST = { optimizeLevel: 0 } as const;

async function failure(text: string, others: Record<string, string> = {}): Promise<readonly Diagnostic[]> {
  try {
    await compileAssemblyScript("main.ts", { ...FAST, readFile: withTexts({ "main.ts": text, ...others }) });
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics;
    throw error;
  }
  throw new Error("it compiled");
}

describe("a compiled guest", () => {
  const text = `import { add } from "./lib/add";\nimport { log } from "moonlet/guest-sdk";\nexport function main(): void {\n  if (add(1, 2) != 3) unreachable();\n  log.info("ok");\n}\n`;
  const readFile = withTexts({
    "main.ts": text,
    "lib/add.ts": "export function add(a: i32, b: i32): i32 {\n  return a + b;\n}\n",
  });

  test("exports memory, table and its entries, and maps to the sources by their names", async () => {
    const compiled = await compileAssemblyScript("main.ts", { ...FAST, readFile });
    const module = new WebAssembly.Module(compiled.transformed.wasm as BufferSource);
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["main", "memory", "table"]),
    );
    const map = JSON.parse(compiled.transformed.sourceMap) as { sources: string[] };
    expect(map.sources).toEqual(
      expect.arrayContaining(["main.ts", "lib/add.ts", "~lib/moonlet/guest-sdk/log.ts"]),
    );
    expect(compiled.warnings).toEqual([]);
  });

  test("says which files went in, and which would change it if they existed", async () => {
    const { files, missed } = await compileAssemblyScript("main.ts", { ...FAST, readFile });
    const names = [...files.keys()].map((path) => path.split("/").slice(-2).join("/"));
    expect(names).toEqual(expect.arrayContaining(["lib/add.ts", "assembly/index.ts"]));
    expect([...files.values()]).toContain(text);
    expect([...missed].every((path) => !files.has(path))).toBe(true);
  });

  test("can be changed by the caller while its names and positions are alive", async () => {
    const { transformed } = await compileAssemblyScript("main.ts", {
      ...FAST,
      readFile,
      transformModule: (module: binaryen.Module) => ({
        functions: module.getNumFunctions(),
        text: module.emitText(),
      }),
    });
    expect(transformed.functions).toBeGreaterThan(1);
    expect(transformed.text).toContain("lib/add.ts:2:");
    expect(transformed.text).toContain("(func $main/main");
  });

  test("passes on what the caller's change throws", async () => {
    const transformModule = () => {
      throw new RangeError("no");
    };
    await expect(compileAssemblyScript("main.ts", { ...FAST, readFile, transformModule })).rejects.toThrow(
      RangeError,
    );
  });

  test("has an optional value's type narrowed by a comparison with null, whatever == means for it", async () => {
    const source = `import { whereis, send, self, Pid, Term, receiveAnyWithin } from "moonlet/guest-sdk";
      export function main(): void {
        const pid = whereis("db");
        if (pid != null) send(pid, "hi");
        if (null === pid) return;
        const same: bool = pid == self();
        const term = receiveAnyWithin(0);
        if (term !== null && term.isPid) send(term.as<Pid>(), same);
      }`;
    await compileAssemblyScript("main.ts", { ...FAST, readFile: withTexts({ "main.ts": source }) });
  });
});

test("a frame with a few objects begins without a call of the engine's, and a large one with it", async () => {
  const objects = (count: number) => Array.from({ length: count }, (_, i) => `"${i}" + text`).join(", ");
  const frames = (count: number) => `export function main(): i32 { return held("", ${objects(count)}); }`;
  const parameters = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: string`).join(", ");
  const text = async (count: number) => {
    const source = `let text = "x";\nfunction held(first: string, ${parameters(count)}): i32 { return a0.length; }\n${frames(count)}\n`;
    const readFile = withTexts({ "main.ts": source });
    const transformModule = (module: binaryen.Module) => module.emitText();
    return (await compileAssemblyScript("main.ts", { ...FAST, readFile, transformModule })).transformed;
  };
  const fill = /\(memory\.fill\s+\(global\.get \$~lib\/memory\/__stack_pointer\)/;
  expect(await text(8)).not.toMatch(fill);
  expect(await text(40)).toMatch(fill);
});

describe("what a parameter refers to outlives a collection", () => {
  const run = async (text: string): Promise<string> => {
    const readFile = withTexts({ "main.ts": text });
    const { transformed } = await compileAssemblyScript("main.ts", { ...FAST, readFile });
    const module = new WebAssembly.Module(transformed.wasm as BufferSource);
    const abort = () => {
      throw new Error("it aborted");
    };
    const { exports } = new WebAssembly.Instance(module, { env: { abort } });
    const text16 = new Uint16Array((exports.memory as WebAssembly.Memory).buffer);
    const at = (exports.main as () => number)();
    const length = new Uint32Array(text16.buffer)[at / 4 - 1]! / 2;
    return String.fromCharCode(...text16.subarray(at / 2, at / 2 + length));
  };
  /** Ten objects of the size of what is at stake, after a collection: they lie where something was freed that is still used. */
  const collected = `
    function collect(): i32 {
      __collect();
      let all = "";
      for (let i = 0; i < 10; i++) all += "-" + i.toString();
      return 0;
    }
    function made(text: string): string { return text + "!"; }
    function last(text: string, _: i32): string { return text; }
    class Box {
      constructor(readonly text: string) {}
      opened(): string { return last(this.text, collect()); }
      twice(): string { return last(this.passed(collect()), 0); }
      passed(_: i32): string { return this.text; }
    }`;

  test.each([
    [
      "that is passed on",
      "function f(a: string): string { return last(a, collect()); }",
      'f(made("a"))',
      "a!",
    ],
    [
      "that was assigned anew",
      'function f(a: string): string { a = made(a); a = made(a + "?"); return last(a, collect()); }',
      'f(made("a"))',
      "a!!?!",
    ],
    [
      "that is assigned while it is passed on",
      'function f(a: string): string { a = made("b"); return both(a, (a = made("c")), collect()); } function both(a: string, b: string, _: i32): string { return a + b; }',
      'f(made("a"))',
      "b!c!",
    ],
    ["of a method", "", 'new Box(made("a")).twice()', "a!"],
    [
      "with a default",
      'function f(a: string = made("d")): string { return last(a, collect()); }',
      "f()",
      "d!",
    ],
    [
      "of a function that is inlined",
      "@inline function f(a: string): string { a = made(a); return last(a, collect()); }",
      'f(made("a"))',
      "a!!",
    ],
  ])("%s", async (_, functions, call, expected) => {
    const text = `${collected}\n${functions}\nexport function main(): usize { return changetype<usize>(${call}); }\n`;
    expect(await run(text)).toBe(expected);
  });
});

describe("a source that is wrong", () => {
  test("is reported with file, line, column, excerpt and caret", async () => {
    const [diagnostic] = await failure("export function main(): void {\n\tconst p = 1 + pong;\r\n}\n");
    expect(diagnostic).toEqual({
      severity: "error",
      code: "TS2304",
      message: "Cannot find name 'pong'.",
      file: "main.ts",
      line: 2,
      column: 16,
      length: 4,
      excerpt: "\tconst p = 1 + pong;",
    });
    expect(formatDiagnostic(diagnostic!)).toBe(
      [
        "main.ts:2:16: error TS2304: Cannot find name 'pong'.",
        "  2 | \tconst p = 1 + pong;",
        "    | \t              ^^^^",
      ].join("\n"),
    );
    expect(formatDiagnostic(diagnostic!, { color: true })).toContain("\x1b[31m^^^^\x1b[0m");
  });

  test("is reported where it is, also in another file and for several lines", async () => {
    const found = await failure(`import { f } from "./other"; export function main(): void { f(); }`, {
      "other.ts": "export function f(): i32 {\n  return (\n    'x'\n  );\n}",
    });
    expect(found[0]).toMatchObject({ file: "other.ts", line: 3, excerpt: "    'x'" });
  });

  test("may not even parse", async () => {
    const [diagnostic] = await failure("export function main(: void {}");
    expect(diagnostic).toMatchObject({ file: "main.ts", line: 1, severity: "error" });
    expect(diagnostic!.code).toMatch(/^TS1/);
  });

  test("may import what there is not, or not exist at all", async () => {
    const [missing] = await failure(`import { x } from "./nowhere";\nexport function main(): void { x(); }`);
    expect(missing).toMatchObject({ message: "File 'nowhere.ts' not found.", file: "main.ts", line: 1 });
    const nothing = compileAssemblyScript("absent.ts", { readFile: () => undefined });
    await expect(nothing).rejects.toMatchObject({ diagnostics: [{ code: "E_NO_ENTRY", line: 0, file: "" }] });
  });

  test("may not export what the compiler exports itself", async () => {
    const found = await failure("export function table(): void {}\nconst x = 1;\nexport { x as memory };");
    expect(found).toMatchObject([
      { code: "E_RESERVED_EXPORT", line: 1, column: 17, length: 5 },
      { code: "E_RESERVED_EXPORT", line: 3, column: 15, length: 6 },
    ]);
  });

  test("that crashes asc or binaryen gives an error as well, and the next one compiles", async () => {
    const found = await failure(`export * from "./x";\nexport function main(): void {}`, {
      "x.ts": "export function memory(): void {}",
    });
    expect(found).toMatchObject([{ code: "E_COMPILER_CRASHED", severity: "error" }]);
    await compileAssemblyScript("main.ts", {
      ...FAST,
      readFile: withTexts({ "main.ts": "export function main(): void {}" }),
    });
  });

  test("is shown whole in the error's message", async () => {
    const promise = compileAssemblyScript("main.ts", { readFile: withTexts({ "main.ts": "nope;" }) });
    await expect(promise).rejects.toThrow(
      /main\.ts does not compile: 1 error\n\nmain\.ts:1:1: error TS2304.*\n {2}1 \| nope;\n {4}\| \^\^\^\^/,
    );
  });

  test("that uses the library wrongly is reported at the guest's own line", async () => {
    const [notATerm] = await failure(
      `import { send, self } from "moonlet/guest-sdk";\nclass Plain { x: i32 = 0; }\nexport function main(): void {\n  send(self(), new Plain());\n}`,
    );
    expect(notATerm).toMatchObject({
      message: "this class is no term: mark it with @message to send it",
      file: "main.ts",
      line: 4,
      column: 3,
    });
    const [notAnAddress] = await failure(
      `import { send } from "moonlet/guest-sdk";\nexport function main(): void { send(5, "x"); }`,
    );
    expect(notAnAddress!.message).toMatch(/^not an address/);
    expect(notAnAddress!.line).toBe(2);
    const [notNullable] = await failure(
      `import { receiveWithin } from "moonlet/guest-sdk";\nexport function main(): void { receiveWithin<i32>(5); }`,
    );
    expect(notNullable).toMatchObject({
      message: "Type 'i32' cannot be nullable.",
      hint: expect.stringContaining("~lib/moonlet/guest-sdk/receive.ts:"),
      line: 2,
    });
  });
});

describe("a message class that cannot be one", () => {
  const one = async (declaration: string) => {
    const [diagnostic] = await failure(
      `import { send, self, receive } from "moonlet/guest-sdk";\n${declaration}\nexport function main(): void { send(self(), receive<M>()); }`,
    );
    return diagnostic!;
  };

  test("extends another", async () => {
    expect(await one("class B {}\n@message class M extends B {}")).toMatchObject({
      code: "E_MESSAGE",
      message: "message M extends another class",
      hint: expect.stringContaining("as a field"),
      line: 3,
      column: 26,
    });
  });

  test("stands in a program without the library", async () => {
    const [diagnostic] = await failure("@message class M {}\nexport function main(): void {}");
    expect(diagnostic).toMatchObject({
      code: "E_MESSAGE",
      line: 1,
      hint: expect.stringContaining("moonlet/guest-sdk"),
    });
  });

  test("has a tag that is none", async () => {
    expect(await one("@message(5) class M {}")).toMatchObject({ code: "E_MESSAGE", line: 2, column: 1 });
    expect(await one(`@message("${"x".repeat(256)}") class M {}`)).toMatchObject({ code: "E_MESSAGE" });
  });

  test("has a field of a type that is no term, and the field is shown", async () => {
    expect(await one("@message class M { a: i32 = 0; f: () => void = () => {}; }")).toMatchObject({
      message: "a function is no term and cannot be received",
      line: 2,
      column: 32,
    });
    expect(await one("class P {}\n@message class M { constructor(public p: P) {} }")).toMatchObject({
      message: "this class is no term: mark it with @message to receive it",
      line: 3,
      excerpt: "@message class M { constructor(public p: P) {} }",
    });
  });
});

test("a message's tag is its class's name in snake case", () => {
  expect(["Ping", "GetHTTPPage", "getPage2Now", "A", "HTTP", "Already_snake"].map(snakeCase)).toEqual([
    "ping",
    "get_http_page",
    "get_page2_now",
    "a",
    "http",
    "already_snake",
  ]);
});

describe("asconfig.json", () => {
  test("sets options of the compiler", () => {
    expect(parseOptions(`{"options": {"runtime": "stub", "optimizeLevel": 1}}`)).toMatchObject({
      runtime: "stub",
      optimizeLevel: 1,
      exportTable: true,
    });
  });

  test("is refused when it holds what is not applied", () => {
    expect(() => parseOptions(`{"options": {"bindings": "raw"}}`)).toThrow(/unknown option "bindings"/);
    expect(() => parseOptions(`{"options": {"runtime": "fast"}}`)).toThrow(/"runtime" is "fast"/);
    expect(() => parseOptions(`{"options": {"debug": 1}}`)).toThrow(/expected a boolean/);
    expect(() => parseOptions(`{"targets": {}}`)).toThrow(/unknown key "targets"/);
  });
});
