import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cli } from "./support/terminal.ts";

const MAIN = "test/cli/guests/main.wat";
const CRASH = "test/cli/guests/crash.guest.ts";
let folder = "";
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "moonlet-build-"));
});

describe("moonlet build", () => {
  it("makes a module and its source map, and the module crashes as its source does", async () => {
    const output = file("crash.wasm");
    const built = await cli("build", CRASH, "-o", output);
    expect(built).toMatchObject({ code: 0, out: "" });
    expect(built.err).toMatch(/^built .*crash\.wasm: [\d.]+ KiB, source map in .*crash\.wasm\.map\n$/);
    const module = new WebAssembly.Module(readFileSync(output));
    const [url] = WebAssembly.Module.customSections(module, "sourceMappingURL");
    expect(new TextDecoder().decode(new Uint8Array(url!).subarray(1))).toBe("crash.wasm.map");

    const { code, err } = await cli("run", output);
    expect(code).toBe(1);
    expect(err).toContain("(test/cli/guests/crash.guest.ts:6:10)");
    expect(err).toContain("6 |   return total / divisor;");
  });

  it("makes no map for a module that has no sources, and tells about it in JSON", async () => {
    const output = file("main.wasm");
    const { code, out, err } = await cli("build", MAIN, "-o", output, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      output,
      sourceMap: null,
      bytes: readFileSync(output).length,
    });
    expect(existsSync(`${output}.map`)).toBe(false);
    expect(await cli("run", output)).toEqual({ code: 0, out: "hello\n", err: "" });
  });

  it("never writes over its input", async () => {
    const input = file("input.wasm");
    writeFileSync(input, "x");
    const { code, err } = await cli("build", input, "-o", join(folder, ".", "input.wasm"));
    expect(code).toBe(2);
    expect(err).toContain("would overwrite the input");
    expect(readFileSync(input, "utf8")).toBe("x");
  });

  it("is refused when it is for another version of the ABI", async () => {
    const output = file("other.wasm");
    await cli("build", MAIN, "-o", output);
    const bytes = readFileSync(output);
    const at = bytes.indexOf('"abiVersion":1');
    bytes.write("9", at + 13, "latin1");
    writeFileSync(output, bytes);
    const { code, err } = await cli("run", output);
    expect(code).toBe(3);
    expect(err).toContain("was built for version 9 of the guest ABI, and this is version 1");
  });

  it("runs without a map as well as with a broken one", async () => {
    const output = file("mapless.wasm");
    await cli("build", CRASH, "-o", output);
    writeFileSync(`${output}.map`, "{ broken");
    const { code, err } = await cli("run", output);
    expect(code).toBe(1);
    expect(err).toContain("trap integer_divide_by_zero");
    expect(err).toMatch(/at {8}test\/cli\/guests\/crash\.guest\/main \(byte 0x[0-9a-f]+\)/);
  });
});

describe("moonlet instrument", () => {
  it("writes a module whatever it imports, and tells both sizes", async () => {
    const input = file("foreign.wat");
    writeFileSync(input, '(module (import "env" "f" (func)) (func (export "g") (loop $l (br $l))))');
    const output = file("foreign.wasm");
    const { code, out } = await cli("instrument", input, "-o", output, "--suspending", "env.f", "--json");
    expect(code).toBe(0);
    const result = JSON.parse(out) as { bytesBefore: number; bytesAfter: number };
    expect(result).toMatchObject({ ok: true, output, manifest: { suspending: ["env.f"] } });
    expect(result.bytesAfter).toBe(readFileSync(output).length);
    expect(result.bytesAfter).toBeGreaterThan(result.bytesBefore);
    expect(result).toMatchObject({ imports: ["env.f"], grants: {} });
  });

  it("says which functions can be stopped and why, and what it costs", async () => {
    const input = file("reasons.wat");
    writeFileSync(
      input,
      `(module (import "stdio" "write" (func (param i32 i32 i32))) (import "env" "wait" (func $wait)) (memory (export "memory") 1)
        (func $loops (loop $l (br $l))) (func $again (call $again)) (func $fills (param i32)
          (memory.fill (i32.const 0) (i32.const 0) (local.get 0)))
        (func $waits (call $wait)) (func $calls (call $loops)) (func $plain))`,
    );
    const args = ["instrument", input, "-o", file("reasons.wasm"), "--suspending", "env.wait"];
    const { out } = await cli(...args, "--json");
    const { stops } = JSON.parse(out) as { stops: { stoppable: { functionName: string; reason: string }[] } };
    expect(stops).toMatchObject({ functions: 6, resumePoints: 6 });
    expect(Object.fromEntries(stops.stoppable.map((each) => [each.functionName, each.reason]))).toEqual({
      loops: "it has a loop",
      again: "it can call itself again",
      fills: "it has an instruction whose work grows with an operand",
      waits: "it calls an import that may suspend",
      calls: "it calls a function that can be stopped",
    });
    const { err } = await cli(...args);
    expect(err).toMatch(
      /^wrote .*reasons\.wasm\n {2}size {5}\d+ bytes before, .* after \(\+\d+ %\)\n {2}code /,
    );
    expect(err).toContain("\n  stops    5 of 6 functions can be stopped, at 6 points\n           1: it ");
    expect(err).toContain("\n  imports  stdio.write, env.wait\n  grants   stdio (stdio.write)\n");
  });

  it("names what cannot be instrumented and why", async () => {
    const input = file("tables.wat");
    writeFileSync(input, "(module (table 5000000 funcref))");
    const { code, out } = await cli("instrument", input, "-o", file("tables.wasm"), "--json");
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      error: {
        code: "E_NOT_INSTRUMENTABLE",
        message: expect.stringContaining("table 0: it has 5000000 elements"),
      },
    });
  });

  it("refuses what is instrumented already", async () => {
    const once = file("once.wasm");
    await cli("instrument", MAIN, "-o", once);
    const { code, err } = await cli("instrument", once, "-o", file("twice.wasm"));
    expect(code).toBe(3);
    expect(err).toContain("E_ALREADY_INSTRUMENTED");
  });
});

describe("moonlet inspect", () => {
  it("shows entries, imports, the grants they need, and memory", async () => {
    const { code, out, err } = await cli("inspect", MAIN);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`${MAIN}\n  entries    main (default), chatty, echo,`);
    expect(out).toMatch(/\n {2}functions {2}typed\n/);
    expect(out).toMatch(/\n {2}grants {5}stdio \(stdio\.write\)\n/);
    expect(out).toMatch(/\n {2}stops {6}\d+ of \d+ functions can be stopped, at \d+ points, \d+: it /);
    expect(out).toMatch(/\n {2}memory {5}64 KiB at the start, no limit of its own\n/);
  });

  it("shows what a WASI program will ask for", async () => {
    const { out } = await cli("inspect", "test/cli/guests/wasi.wat");
    expect(out).toMatch(
      /\n {2}grants {5}none\n {2}asks for {3}directories \(fd_prestat_get, path_create_directory\), environment variables \(environ_get\), stdin \(fd_read\), stdio \(fd_write\)\n/,
    );
  });

  it("gives the same as JSON", async () => {
    const { out } = await cli("inspect", MAIN, "--json");
    const found = JSON.parse(out) as { imports: string[]; entries: string[] };
    expect(found).toMatchObject({
      program: MAIN,
      defaultEntry: "main",
      functions: ["typed"],
      grants: { stdio: ["stdio.write"] },
      stops: { functions: expect.any(Number), stoppable: expect.any(Array) },
      memory: { startBytes: 65_536, maxBytes: null },
      manifest: { abiVersion: 1 },
    });
    expect(found.imports).toContain("message.receive");
    expect(found.entries).not.toContain("typed");
  });
});
