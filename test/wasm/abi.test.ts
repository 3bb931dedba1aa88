import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CALLS_ON_TRIAL } from "../../host/wasm/code-change.ts";
import { type FunctionType, formatFunctionType } from "../../host/wasm/module-types.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { SYSCALL_NAMES, SYSCALLS, WAITING_SYSCALLS } from "../../host/wasm/syscalls/index.ts";

const ABI = readFileSync(new URL("../../guest-sdk/ABI.md", import.meta.url), "utf8");
const SYSCALL_ROW = /^\| `([a-z_]+)\.([a-z_.]+)` \| `\((.*?)\)(?: -> (\w+))?` \| (.*) \|$/gm;

interface Row {
  readonly type: FunctionType;
  readonly meaning: string;
}

/** The import tables of ABI.md. */
const rows = new Map<string, Row>(
  Array.from(ABI.matchAll(SYSCALL_ROW), ([, module, name, params, result, meaning]) => [
    `${module}.${name}`,
    {
      type: {
        params: params === "" ? [] : params!.split(", ").map((param) => param.split(" ").at(-1)!),
        results: result ? [result] : [],
      },
      meaning: meaning!,
    },
  ]),
);
/** WASI has a specification of its own. */
const { wasi_snapshot_preview1: _, ...OWN } = SYSCALLS;
const syscalls = Object.entries(OWN).flatMap(([module, namespace]) =>
  Object.entries(namespace).map(([name, syscall]) => ({ name: `${module}.${name}`, syscall })),
);

describe("ABI.md", () => {
  it("specifies exactly the imports that the host has", () => {
    expect([...rows.keys()].sort()).toEqual(syscalls.map(({ name }) => name).sort());
  });

  it.each(syscalls)("gives $name the host's type", ({ name, syscall }) => {
    expect(formatFunctionType(rows.get(name)!.type)).toBe(formatFunctionType(syscall.type));
  });

  it("marks as waiting exactly the imports that may suspend", () => {
    const waiting = [...rows].filter(([, { meaning }]) => meaning.includes("*Waits")).map(([name]) => name);
    expect(waiting.sort()).toEqual(WAITING_SYSCALLS.filter((name) => !name.startsWith("wasi_")).sort());
  });

  it("lists the error codes", () => {
    const codes = Array.from(ABI.matchAll(/^\| (-\d) \| `(\w+)` \|/gm), ([, code, name]) => [
      name,
      Number(code),
    ]);
    expect(Object.fromEntries(codes)).toEqual(ERROR);
  });

  it("lists what a program may call before it is ready, all of which there is", () => {
    const [, list = ""] = /it can call ([\s\S]*?) Any other call/.exec(ABI) ?? [];
    const listed = Array.from(list.matchAll(/`([a-z_.]+)`/g), ([, name]) => name!)
      .filter((name) => name !== "wasi_snapshot_preview1")
      .map((name) => (name.includes(".") ? name : `wasi_snapshot_preview1.${name}`));
    expect(listed.sort()).toEqual([...CALLS_ON_TRIAL].sort());
    expect(listed.filter((name) => !SYSCALL_NAMES.includes(name))).toEqual([]);
  });

  it("names the grant of each import that needs one", () => {
    const listed = Array.from(ABI.matchAll(/^\| `(\w+)` \| (`[a-z]+\..*) \|$/gm), ([, grant, imports]) =>
      Array.from(imports!.matchAll(/`([a-z_]+\.[a-z_.]+)`/g), ([, name]) => `${grant} ${name}`),
    ).flat();
    const needed = syscalls
      .filter(({ syscall }) => syscall.grant)
      .map(({ name, syscall }) => `${syscall.grant} ${name}`);
    expect(
      listed.filter((entry) => !["register process.spawn", "code process.spawn"].includes(entry)).sort(),
    ).toEqual(needed.sort());
  });
});
