// env.*: what AssemblyScript's standard library imports. Its strings are UTF-16 with their byte length in the 4 bytes before them.
import type { Guest } from "../guest.ts";
import { GuestFault } from "../guest-fault.ts";
import { type Namespace, type } from "../syscall.ts";

/** Characters of what a guest says when it aborts. */
const MOST_SHOWN = 8192;

/** An AssemblyScript string; empty for null and for a pointer that leads nowhere. */
function text(guest: Guest, pointer: number): string {
  const start = pointer >>> 0;
  const { memory } = guest;
  if (start < 4 || start > memory.byteLength) return "";
  const length = memory.view().getUint32(start - 4, true);
  if (start + length > memory.byteLength) return "";
  return new TextDecoder("utf-16le").decode(memory.borrow(start, length, "a string"));
}

const print = {
  type: type("i32 ->"),
  grant: "stdio",
  waits: true,
  call: (guest: Guest, pointer: number) => {
    const full = guest.output.write(1, new TextEncoder().encode(`${text(guest, pointer)}\n`));
    if (full) guest.waitFor(full, 0);
    return undefined;
  },
} as const;

function logger(level: "error" | "warn" | "info" | "debug") {
  return {
    type: type("i32 ->"),
    call: (guest: Guest, pointer: number) => {
      guest.log.write(level, text(guest, pointer));
      return undefined;
    },
  };
}

export const env: Namespace = {
  abort: {
    type: type("i32 i32 i32 i32 ->"),
    call: (guest, message: number, file: number, line: number, column: number) => {
      const where = text(guest, file).slice(0, MOST_SHOWN);
      const what = text(guest, message).slice(0, MOST_SHOWN) || "abort() was called";
      throw new GuestFault("abort", where === "" ? what : `${what} (${where}:${line}:${column})`);
    },
  },
  trace: {
    type: type("i32 i32 f64 f64 f64 f64 f64 ->"),
    call: (guest, message: number, count: number, ...values: number[]) => {
      const shown = [text(guest, message), ...values.slice(0, Math.max(0, count))].join(" ");
      guest.log.write("debug", shown);
      return undefined;
    },
  },
  seed: {
    type: type("-> f64"),
    call: (guest) => {
      const bytes = new Uint8Array(8);
      guest.process.runtime.environment.randomBytes(bytes);
      return new DataView(bytes.buffer).getUint32(0, true);
    },
  },
  "console.log": print,
  "console.debug": logger("debug"),
  "console.info": logger("info"),
  "console.warn": logger("warn"),
  "console.error": logger("error"),
};
