// A guest that makes a list of WASI calls: tests write the list, and get the errnos and the memory that it left.
import { Host } from "../../../../host/host.ts";
import type { GuestSpawnOptions, HostOptions } from "../../../../host/options.ts";
import type { ExitReason } from "../../../../host/otp/index.ts";
import type { Program } from "../../../../host/wasm/program.ts";
import { PREVIEW1 } from "../../../../host/wasm/wasi/preview1-types.ts";
import { parseWat } from "../../../../instrument/index.ts";

/** A number or bigint as it is, or what lies in memory when the call is made. */
export type Argument = number | bigint | { readonly load: number };

export const MEMORY_BYTES = 65_536;
/** Where errnos are left, four bytes each. */
const RESULTS = 60_000;

export interface Played {
  readonly reason: ExitReason;
  /** One for each call that came back. */
  readonly errnos: readonly number[];
  readonly memory: DataView;
  /** What the calls wrote to standard output and error. */
  readonly output: string;
}

export class Script {
  readonly #calls: string[] = [];
  readonly #data: string[] = [];
  #free = 1024;
  #count = 0;

  /** Bytes in memory: their address and length. */
  bytes(bytes: Uint8Array): readonly [number, number] {
    const at = this.room(bytes.length);
    const text = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    this.#data.push(`(data (i32.const ${at}) "${text}")`);
    return [at, bytes.length];
  }
  text(text: string): readonly [number, number] {
    return this.bytes(new TextEncoder().encode(text));
  }

  /** The address of zeros. */
  room(length: number): number {
    const at = this.#free;
    this.#free += (length + 15) & ~7;
    return at;
  }

  /** An array of buffers, `[address, length]` each: its address and how many there are. */
  vectors(...buffers: readonly (readonly [number, number])[]): readonly [number, number] {
    const words = new Uint32Array(buffers.flat());
    const [at] = this.bytes(new Uint8Array(words.buffer));
    return [at, buffers.length];
  }

  call(name: string, ...args: readonly Argument[]): this {
    const types = PREVIEW1[name]!.split(" ").filter((type) => type !== "");
    const values = args.map((arg, i) =>
      typeof arg === "object" ? `(i32.load (i32.const ${arg.load}))` : `(${types[i]}.const ${arg})`,
    );
    const call = `(call $${name} ${values.join(" ")})`;
    this.#calls.push(
      name === "proc_exit" ? call : `(i32.store (i32.const ${RESULTS + 4 * this.#count++}) ${call})`,
    );
    return this;
  }

  /** Opens a path below descriptor 3, or `from`; the number of the descriptor is left at the address that this gives. */
  open(
    path: string,
    options: { flags?: number; rights?: bigint; from?: Argument; follow?: boolean; fdFlags?: number } = {},
  ): { load: number } {
    const { flags = 0, from = 3, follow = true, fdFlags = 0 } = options;
    // Nobody may write to a directory.
    const { rights = flags & OPEN.directory ? ALL_RIGHTS & ~64n : ALL_RIGHTS } = options;
    const fd = this.room(4);
    this.call("path_open", from, follow ? 1 : 0, ...this.text(path), flags, rights, ALL_RIGHTS, fdFlags, fd);
    return { load: fd };
  }

  get source(): string {
    const imports = Object.entries(PREVIEW1).map(([name, params]) => {
      const result = name === "proc_exit" ? "" : "(result i32)";
      return `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) ${result}))`;
    });
    // The results begin at -1, so that a call which never came back is seen.
    return `(module ${imports.join("\n")}
      (import "stdio" "write" (func $print (param i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      ${this.#data.join("\n")}
      (func $run (export "_start")
        (memory.fill (i32.const ${RESULTS}) (i32.const 255) (i32.const ${4 * this.#count}))
        ${this.#calls.join("\n")}
        (drop (call $print (i32.const 1) (i32.const 0) (i32.const ${MEMORY_BYTES})))))`;
  }

  async load(host: Pick<Host, "load">): Promise<Program> {
    return host.load(parseWat(this.source), { name: "script.wasm" });
  }

  /** Runs it in a host of its own. */
  async play(options: HostOptions = {}, spawn: GuestSpawnOptions = {}): Promise<Played> {
    const pieces: Uint8Array[] = [];
    await using host = new Host({
      grants: ["stdio", "stdin"],
      write: (_, bytes) => void pieces.push(bytes),
      ...options,
    });
    const program = await this.load(host);
    const reason = await host.exited(host.spawn(program, "_start", spawn));
    return this.read(reason, pieces);
  }

  /** What there is to know, from the pieces that it has written. */
  read(reason: ExitReason, pieces: readonly Uint8Array[]): Played {
    const written = Buffer.concat(pieces);
    const isWhole = reason === "normal";
    const output = isWhole ? written.subarray(0, written.length - MEMORY_BYTES) : written;
    const memory = new Uint8Array(MEMORY_BYTES);
    if (isWhole) memory.set(written.subarray(written.length - MEMORY_BYTES));
    const view = new DataView(memory.buffer);
    const errnos = isWhole
      ? Array.from({ length: this.#count }, (_, i) => view.getInt32(RESULTS + 4 * i, true))
      : [];
    return { reason, errnos, memory: view, output: output.toString() };
  }
}

/** Every right that there is. */
export const ALL_RIGHTS = (1n << 28n) - 1n;
/** `$oflags`. */
export const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

export function textAt(memory: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(memory.buffer, at, length));
}
