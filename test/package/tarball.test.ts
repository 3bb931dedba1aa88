// The package as it is published: packed, installed into an empty project with install scripts allowed, and used.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MINUTE_MS = 60_000;
let folder = "";
let app = "";

function npm(cwd: string, ...argv: string[]): string {
  const env = { ...process.env, npm_config_ignore_scripts: "false", npm_config_update_notifier: "false" };
  return execFileSync("npm", argv, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs the installed `moonlet`. */
function moonlet(...argv: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(join("node_modules", ".bin", "moonlet"), argv, {
    cwd: app,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

function write(name: string, text: string): void {
  writeFileSync(join(app, name), text);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "moonlet-package-"));
  app = mkdtempSync(join(folder, "app-"));
  npm(process.cwd(), "pack", "--ignore-scripts", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  write("package.json", JSON.stringify({ name: "app", private: true, type: "module" }));
  npm(app, "install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, tarball));
}, 3 * MINUTE_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the installed package", () => {
  it("brings no wasi-js, whose install script fails", () => {
    expect(existsSync(join(app, "node_modules", "wasi-js"))).toBe(false);
  });

  it("holds the documents and the guests' library, and neither tests nor maps", () => {
    const root = join(app, "node_modules", "moonlet");
    const files = readdirSync(root, { recursive: true, encoding: "utf8" });
    for (const name of [
      "README.md",
      "RATIONALE.md",
      "CHANGELOG.md",
      "LICENSE",
      "guest-sdk/ABI.md",
      "guest-sdk/include/moonlet.h",
      "guest-sdk/include/moonlet-server.h",
      "guest-sdk/rust/Cargo.toml",
      "guest-sdk/rust/src/lib.rs",
    ]) {
      expect(files).toContain(name);
    }
    expect(files.filter((name) => name.endsWith(".map") || name.includes("test"))).toEqual([
      "dist/host/sim/sim-test.d.ts",
      "dist/host/sim/sim-test.js",
    ]);
  });

  it("runs a guest in AssemblyScript that imports moonlet/guest-sdk", () => {
    write(
      "hello.ts",
      `import { print, receive, self, send, spawn, Pid } from "moonlet/guest-sdk";
@message class Hello { constructor(public from: Pid, public name: string) {} }
function greeter(): void { const m = receive<Hello>(); send(m.from, "hello " + m.name); }
export function main(): void { send(spawn(greeter), new Hello(self(), "world")); print(receive<string>()); }
`,
    );
    expect(moonlet("run", "hello.ts")).toEqual({ code: 0, out: "hello world\n", err: "" });
  });

  it("runs a WASI program and ends with its exit code", () => {
    write(
      "wasi.wat",
      `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (call $exit (i32.load (i32.const 0)))))
`,
    );
    const { code, err } = moonlet("run", "wasi.wat", "--", "one", "two");
    expect([code, err]).toEqual([3, ""]);
  });

  it("gives every entry point, with types", () => {
    write(
      "use.ts",
      `import { createHost, type Host, MoonletError } from "moonlet";
import { type Context, Runtime } from "moonlet/otp";
import { instrument } from "moonlet/instrument";
import { createSimulation } from "moonlet/sim";

const runtime = new Runtime();
const pid = runtime.spawn(async (self: Context) => self.receive());
runtime.send(pid, "hello");
await runtime.exited(pid);
const host: Host = await createHost();
// @ts-expect-error: the types are not any
const wrong: number = host.spawn;
await host.close();
const refused: unknown = await instrument(new Uint8Array(4)).catch((error: Error) => error.name);
console.log(refused, typeof createSimulation, typeof MoonletError, typeof wrong);
`,
    );
    const tsc = join(process.cwd(), "node_modules", "typescript", "bin", "tsc");
    const options = [
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--lib",
      "es2023,dom",
      "--strict",
      "--types",
      "",
    ];
    const compiled = spawnSync(process.execPath, [tsc, ...options, "use.ts"], { cwd: app, encoding: "utf8" });
    expect(compiled.stdout).toBe("");
    const output = execFileSync(process.execPath, ["use.js"], { cwd: app, encoding: "utf8" });
    expect(output).toBe("InstrumentError function function function\n");
  });
});
