// The arrows between the layers, in one place. Reads import lines, so it needs no build and knows every file.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";

/** What each layer may import, besides itself. `node:*` stands for Node's own modules; the rest are packages. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "host/otp": [],
  "host/wasm": ["host/otp", "instrument"],
  "host/report": ["host/otp", "host/wasm"],
  "host/node": ["host/otp", "host/wasm", "host/report", "instrument", "guest-sdk", "node:*"],
  host: ["host/otp", "host/wasm", "host/report", "host/node", "guest-sdk"],
  "host/sim": ["host/otp", "host/wasm", "host"],
  "host/cli": [
    "host/otp",
    "host/wasm",
    "host/report",
    "host/node",
    "host",
    "instrument",
    "guest-sdk",
    "node:*",
  ],
  instrument: ["binaryen"],
  "guest-sdk": ["binaryen", "assemblyscript", "node:*"],
};
/** Types of the embedding API's options, which layers below it fill. They leave no import behind. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  "host/report": ["host"],
  "host/node": ["host"],
  "host/cli": ["host"],
};
const MAX_LINES = 400;

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((name) => name.endsWith(".ts"));
}

const FILES = ["host", "instrument", "guest-sdk/compiler"].flatMap(filesUnder);
const textOf = (file: string): string => readFileSync(file, "utf8");

/** `host/otp/term/atom.ts` lies in `host/otp`, `host/host.ts` in `host`. */
function layerOf(file: string): string {
  const [top = "", second = "", third] = file.split("/");
  return top === "host" && third !== undefined ? `${top}/${second}` : top;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return "node:*";
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0];
}

function importsOf(file: string): Import[] {
  const pattern =
    /^(?:import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import\s+"([^"]+)"/gm;
  const code = textOf(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(pattern)].map(([, type, from, dynamic, bare]) => {
    const specifier = from ?? dynamic ?? bare ?? "";
    const isRelative = specifier.startsWith(".");
    const to = isRelative
      ? layerOf(posix.join(dirname(file).replaceAll("\\", "/"), specifier))
      : packageOf(specifier);
    return { file, from: layerOf(file), to, isType: type !== undefined };
  });
}

const IMPORTS = FILES.flatMap(importsOf);

describe("the layers", () => {
  it("are all known", () => {
    expect([...new Set(FILES.map(layerOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it.each(Object.keys(MAY_IMPORT))("%s imports what it may, and nothing else", (layer) => {
    const allowed = new Set([layer, ...MAY_IMPORT[layer]!]);
    const types = new Set(MAY_IMPORT_TYPES[layer] ?? []);
    const forbidden = IMPORTS.filter(({ from }) => from === layer)
      .filter(({ to, isType }) => !allowed.has(to) && !(isType && types.has(to)))
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(forbidden).toEqual([]);
  });

  it("are seen by this test: it finds the imports that there are", () => {
    expect(IMPORTS).toContainEqual({ file: "host/host.ts", from: "host", to: "host/wasm", isType: false });
    expect(IMPORTS).toContainEqual({ file: "host/cli/run.ts", from: "host/cli", to: "host", isType: false });
    expect(IMPORTS).toContainEqual({
      file: "instrument/wat.ts",
      from: "instrument",
      to: "binaryen",
      isType: false,
    });
  });
});

describe("the core", () => {
  const core = FILES.filter((file) => layerOf(file) === "host/otp");
  const code = (file: string): string => textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

  it("knows no clock, no randomness and no WebAssembly of its own", () => {
    const pattern =
      /\bWebAssembly\b|\bDate\b|\bMath\.random\b|\bprocess\.(?:env|argv|stdout|stderr|hrtime|nextTick)\b/;
    expect(core.filter((file) => pattern.test(code(file)))).toEqual([]);
  });

  it("touches the platform's timers, clock and randomness in its default environment only", () => {
    const pattern =
      /\b(?:performance|crypto|setTimeout|setInterval|setImmediate|MessageChannel|queueMicrotask)\b/;
    expect(core.filter((file) => pattern.test(code(file)))).toEqual(["host/otp/environment.ts"]);
  });
});

describe("files", () => {
  it("open with a comment that says what they are", () => {
    const silent = FILES.filter((file) => !/^(?:#!.*\n\n?|\/\/\/ .*\n)*\/\/ /.test(textOf(file)));
    expect(silent).toEqual([]);
  });

  it(`have at most ${MAX_LINES} lines, or say that their one subject cannot be cut`, () => {
    const long = FILES.filter((file) => textOf(file).split("\n").length > MAX_LINES + 1);
    const unexplained = long.filter(
      (file) => !/one subject/i.test(textOf(file).split("\n").slice(0, 6).join("\n")),
    );
    expect(unexplained).toEqual([]);
  });
});

describe("folders", () => {
  it.each(["host", "host/otp", "host/wasm", "guest-sdk", "instrument", "examples", "test"])(
    "%s has a README that names what lies in it",
    (folder) => {
      const readme = readFileSync(join(folder, "README.md"), "utf8");
      const entries = readdirSync(folder, { withFileTypes: true });
      const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      expect(folders.filter((name) => !readme.includes(name))).toEqual([]);
    },
  );
});
