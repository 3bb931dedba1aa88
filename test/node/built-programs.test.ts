import { expect, it } from "vitest";
import { createHost } from "../../host/index.ts";
import { BuiltPrograms } from "../../host/node/built-programs.ts";
import { parseWat } from "../../instrument/index.ts";

const RAW = await parseWat('(module (memory (export "memory") 1) (func (export "main")))');
const LARGER = await parseWat('(module (memory (export "memory") 2) (func (export "main")))');
const MANIFEST = "moonlet";

async function build(raw = RAW): Promise<Uint8Array> {
  await using host = await createHost();
  return (await host.load(raw)).bytes;
}

/** The bytes with another manifest. */
function withManifest(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const manifest = Buffer.from(
    WebAssembly.Module.customSections(new WebAssembly.Module(Buffer.from(bytes)), MANIFEST)[0]!,
  ).toString("latin1");
  const changed = change(manifest);
  expect(changed).toHaveLength(manifest.length);
  return new Uint8Array(Buffer.from(text.replace(manifest, changed), "latin1"));
}

it("takes what was built as it is, once for the same bytes", async () => {
  const bytes = await build();
  const programs = new BuiltPrograms();
  const program = programs.take(bytes, "a", undefined)!;
  expect(program.bytes).toBe(bytes);
  expect(program.types.functionExports.has("main")).toBe(true);
  expect(programs.take(bytes.slice(), "a", undefined)).toBe(program);
  expect(programs.take(bytes, "b", undefined)).not.toBe(program);
});

it("tells programs with one name apart, and forgets one of them", async () => {
  const programs = new BuiltPrograms();
  const [bytes, others] = [await build(), await build(LARGER)];
  const program = programs.take(bytes, "a", undefined)!;
  const other = programs.take(others, "a", undefined)!;
  expect(other).not.toBe(program);
  programs.forget(program);
  expect(programs.take(others, "a", undefined)).toBe(other);
  expect(programs.take(bytes, "a", undefined)).not.toBe(program);
});

it("takes nothing that was not built, whatever is in it", async () => {
  const programs = new BuiltPrograms();
  const named = await parseWat('(module (memory 1) (data (i32.const 0) "\\07moonlet"))');
  for (const bytes of [RAW, named, Buffer.from("\u0007moonlet"), new Uint8Array()]) {
    expect(programs.take(new Uint8Array(bytes), "a", undefined)).toBeUndefined();
  }
});

it("refuses what another version built, or what has a manifest that cannot be read", async () => {
  const programs = new BuiltPrograms();
  const other = withManifest(await build(), (text) => text.replace('"abiVersion":1', '"abiVersion":2'));
  expect(() => programs.take(other, "a.wasm", undefined)).toThrow(
    expect.objectContaining({
      code: "E_OTHER_ABI",
      message: expect.stringContaining("a.wasm was built for version 2"),
    }),
  );
  const broken = withManifest(await build(), (text) => text.replace("{", "["));
  expect(() => programs.take(broken, "a.wasm", undefined)).toThrow(
    expect.objectContaining({ code: "E_MALFORMED_WASM", hint: expect.any(String) }),
  );
});
