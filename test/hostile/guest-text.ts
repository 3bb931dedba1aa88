// Guests as an attacker writes them: text in the WebAssembly text format over the raw imports, which are declared by being called.
import { encodeTerm } from "../../host/otp/term/index.ts";
import { SYSCALLS } from "../../host/wasm/syscalls/index.ts";
import { parseWat } from "../../instrument/index.ts";

/** Where in a guest's memory things are put; what lies below is for the guest. */
const FIRST = 8192;
const WASI = "wasi_snapshot_preview1";

/** A guest's memory as its text fills it. What is put there is named by its address and length, as two operands. */
export class GuestData {
  #next = FIRST;
  readonly #segments: string[] = [];

  /** A term in the external term format. */
  readonly term = (value: unknown): string => this.bytes(encodeTerm(value));
  readonly text = (text: string): string => this.bytes(new TextEncoder().encode(text));
  readonly bytes = (bytes: Iterable<number>): string => {
    const all = [...bytes];
    const at = this.room(all.length);
    const escaped = all.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    this.#segments.push(`(data (i32.const ${at}) "${escaped}")`);
    return `(i32.const ${at}) (i32.const ${all.length})`;
  };
  /** The address of so many zeros. */
  readonly room = (length: number): number => {
    const at = this.#next;
    this.#next += (length + 15) & ~7;
    return at;
  };

  get segments(): string {
    return this.#segments.join("\n");
  }
}

/**
 * A module. `$message.send` in the text is the import of that name, `$wasi.fd_read` one of WASI's. Without a memory of its own it gets
 * one page; `(call $victim)` writes the victim's pid to address 0 and gives its length.
 */
export function guest(write: string | ((data: GuestData) => string)): Uint8Array {
  const data = new GuestData();
  const written = typeof write === "string" ? write : write(data);
  const helper = written.includes("$victim")
    ? "(func $victim (result i32) (call $process.argument (i32.const 0) (i32.const 64)))"
    : "";
  const body = `${written}\n${helper}`;
  const memory = /\(memory\s/.test(body) ? "" : '(memory (export "memory") 1)';
  return parseWat(`(module ${importsOf(body)}\n${memory}\n${data.segments}\n${body})`);
}

/** A guest whose `main` is this; it has the locals $i, $n and $m. */
export function attacker(write: (data: GuestData) => string, rest = ""): Uint8Array {
  return guest((data) => `${main(write(data))}\n${rest}`);
}

/** The entry `main`, with the locals $i, $n and $m. */
export function main(body: string): string {
  return `(func (export "main") (local $i i32) (local $n i32) (local $m i32) ${body})`;
}

export function forever(body: string): string {
  return `(loop $forever ${body} (br $forever))`;
}

/** So many times, counted in $i from 0. */
export function times(count: number, body: string): string {
  return `(local.set $i (i32.const 0)) (loop $times ${body}
    (br_if $times (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count}))))`;
}

/** Ends the guest with `{exit_code, number}` unless the value is what it has to be. */
export function expectResult(value: string, expected: number, number: number): string {
  return `(if (i32.ne ${value} (i32.const ${expected})) (then (call $wasi.proc_exit (i32.const ${number}))))`;
}

function importsOf(text: string): string {
  const names = new Set(text.match(/\$[a-z]+\.[a-z_]+(?:\.[a-z_]+)?/g));
  return [...names]
    .map((id) => {
      const [short = "", ...rest] = id.slice(1).split(".");
      const module = short === "wasi" ? WASI : short;
      const name = rest.join(".");
      const type = SYSCALLS[module as keyof typeof SYSCALLS]?.[name]?.type;
      if (!type) throw new Error(`there is no import ${module}.${name}`);
      const params = type.params.length > 0 ? ` (param ${type.params.join(" ")})` : "";
      const results = type.results.length > 0 ? ` (result ${type.results.join(" ")})` : "";
      return `(import "${module}" "${name}" (func ${id}${params}${results}))`;
    })
    .join("\n");
}
