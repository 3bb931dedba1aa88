// Modules that are made to hurt whoever loads them, or to pass for something else.

import { parseWat } from "../../../instrument/index.ts";
import { NORMAL, refused, type Subject, traps } from "../attack.ts";
import { guest, main } from "../guest-text.ts";

const nop = '(func (export "main"))';
/** LEB128. */
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
const text = (value: string) => [...leb(value.length), ...new TextEncoder().encode(value)];
/** A module by hand: one memory, exported; `main` with this body. */
function raw(body: readonly number[], more: readonly number[] = []): Uint8Array {
  const code = [0, ...body, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text("memory"), 2, 0, ...text("main"), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
    ...more,
  ]);
}
const repeated = (count: number, ...bytes: number[]) => Array.from({ length: count }, () => bytes).flat();

export const modules: Subject = {
  name: "modules",
  attacks: [
    {
      tries: "exports a name of the instrumentation",
      module: () => guest(`${nop} (global $g (export "moonlet:fuel") (mut i32) (i32.const 2147483647))`),
      ends: refused("E_NOT_INSTRUMENTABLE"),
    },
    {
      tries: "imports what only the instrumentation has",
      module: () =>
        parseWat(
          `(module (import "moonlet" "fuel" (global $fuel (mut i32))) (memory (export "memory") 1) ${nop})`,
        ),
      ends: refused("E_UNKNOWN_IMPORT"),
    },
    {
      tries: "brings the manifest of a module that is instrumented already",
      module: () => {
        const custom = [...text("moonlet"), ...text('{"abiVersion":1,"costModel":1}')];
        return raw([0x03, 0x40, 0x0c, 0, 0x0b], section(0, custom));
      },
      ends: refused("E_ALREADY_INSTRUMENTED"),
    },
    {
      tries: "has a table of ten million places",
      module: () => guest(`(table 10000000 funcref) ${nop}`),
      ends: refused("E_NOT_INSTRUMENTABLE"),
    },
    {
      tries: "has a hundred tables of a million places each",
      module: () =>
        guest(`${Array.from({ length: 100 }, () => "(table 1000000 funcref)").join("\n")} ${nop}`),
      ends: refused("E_NOT_INSTRUMENTABLE"),
    },
    {
      tries: "grows a table without end",
      module: () =>
        guest(
          `(table $t 1 funcref) ${main("(loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))")}`,
        ),
      turns: 3000,
      ends: NORMAL,
    },
    {
      tries: "has a memory of four gigabytes",
      module: () => guest(`(memory (export "memory") 65536) ${nop}`),
      ends: refused("E_NOT_INSTRUMENTABLE"),
    },
    {
      tries: "begins with more memory than it may have",
      module: () => guest(`(memory (export "memory") 100) ${nop}`),
      ends: traps("memory_limit"),
    },
    {
      tries: "has a function of forty thousand locals",
      module: () => guest(`(func (export "main") (local ${"i64 ".repeat(40_000)}))`),
      ends: refused("E_NOT_INSTRUMENTABLE"),
    },
    {
      tries: "keeps three thousand locals alive over three hundred calls",
      module: () => {
        const names = Array.from({ length: 3000 }, (_, i) => i);
        return guest(`(func $f (call $process.yield)) (func (export "main") (local ${"i32 ".repeat(3000)})
          ${names.map((i) => `(local.set ${i} (i32.const ${i}))`).join(" ")}
          ${"(call $f)".repeat(300)}
          ${names.map((i) => `(drop (local.get ${i}))`).join(" ")})`);
      },
      ends: { type: "cleanly" },
    },
    {
      tries: "nests fifty thousand blocks",
      module: () => raw([...repeated(50_000, 0x02, 0x40), ...repeated(50_000, 0x0b)]),
      ends: { type: "cleanly" },
    },
    {
      tries: "nests ten thousand loops that spin",
      module: () => raw([...repeated(10_000, 0x03, 0x40), 0x0c, 0, ...repeated(10_000, 0x0b)]),
      ends: { type: "cleanly" },
    },
    {
      tries: "branches to sixty thousand places",
      module: () => raw([0x02, 0x40, 0x41, 7, 0x0e, ...leb(60_000), ...repeated(60_000, 0), 0, 0x0b]),
      ends: NORMAL,
    },
    {
      tries: "has two thousand functions and exports each of them twice",
      module: () =>
        guest(
          `${nop} ${Array.from({ length: 2000 }, (_, i) => `(func $f${i} (export "a${i}") (export "b${i}"))`).join("\n")}`,
        ),
      ends: NORMAL,
    },
    {
      tries: "has data and elements that do not fit",
      module: () =>
        guest(`(table 1 funcref) (elem (i32.const 1) $f) (func $f) (data (i32.const -1) "x") ${nop}`),
      ends: { type: "cleanly" },
    },
    {
      tries: "has a name section of nonsense, and custom sections of a megabyte",
      module: () =>
        raw(
          [0x00],
          [
            ...section(0, [...text("name"), 1, 255, 255, 255, 255, 15, 7]),
            ...section(0, [...text("producers"), ...repeated(1_000_000, 0xff)]),
            ...section(0, [...text("sourceMappingURL"), ...text("https://127.0.0.1/../../etc/passwd")]),
          ],
        ),
      ends: traps("unreachable"),
    },
    {
      tries: "makes structs on the engine's heap without end",
      module: () =>
        Uint8Array.of(
          ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
          ...section(1, [2, 0x5f, 0, 0x60, 0, 0]),
          ...section(3, [1, 1]),
          ...section(5, [1, 0, 1]),
          ...section(7, [2, ...text("memory"), 2, 0, ...text("main"), 0, 0]),
          ...section(10, [1, 11, 0, 3, 0x40, 0xfb, 0, 0, 0x1a, 0x0c, 0, 0x0b, 0x0b]),
        ),
      ends: { type: "cleanly" },
    },
  ],
};
