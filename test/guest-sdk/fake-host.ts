// Runs a compiled guest as one process without the host: imports written by hand from ABI.md, messages scripted beforehand.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { instantiateSync } from "@assemblyscript/loader";
import { compileAssemblyScript } from "../../guest-sdk/compiler/index.ts";
import { Pid } from "../../host/otp/pid.ts";
import { Ref } from "../../host/otp/ref.ts";
import { decodeTerm, encodeTerm } from "../../host/otp/term/index.ts";

/** Compiles a guest from a text; it is called main.ts. Optimisation is off: what is tested is the code, not binaryen. */
export async function compileText(text: string, others: Record<string, string> = {}): Promise<Uint8Array> {
  const compiled = await compileAssemblyScript("main.ts", {
    readFile: withTexts({ "main.ts": text, ...others }),
    optimizeLevel: 0,
  });
  return compiled.transformed.wasm;
}

/** Reads files by name from texts, and all others from disk. */
export function withTexts(texts: Record<string, string>): (path: string) => string | undefined {
  const virtual = new Map(Object.entries(texts).map(([name, text]) => [resolve(name), text]));
  return (path) => {
    const text = virtual.get(path);
    if (text !== undefined) return text;
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
}

/** The guest ended itself with this reason. */
export class Exited extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("the guest exited");
    this.reason = reason;
  }
}

export const SELF = new Pid("nonode@nohost", 7, 1);
export const OTHER = new Pid("nonode@nohost", 8, 1);

export interface Sent {
  readonly to: unknown;
  readonly message: unknown;
  /** The message as it went over the wire. */
  readonly bytes: Uint8Array;
}

/** One process. What it sends is recorded; what it receives is what was put into its mailbox. */
export class FakeHost {
  readonly sent: Sent[] = [];
  readonly logged: string[] = [];
  readonly spawned: unknown[] = [];
  readonly syscalls: string[] = [];
  /** Encoded messages, oldest first. */
  readonly mailbox: Uint8Array[] = [];
  argument: Uint8Array = encodeTerm([]);
  /** What `message.send` returns. */
  sendResult = 0;
  whereis: Pid | undefined;
  /** Answers to `receive_tagged`, in order; none is a timeout. */
  readonly tagged: Uint8Array[] = [];
  #kept: Uint8Array | undefined;
  #memory: WebAssembly.Memory | undefined;
  #refs = 0;
  #instance: WebAssembly.Instance;

  constructor(wasm: Uint8Array) {
    const module = new WebAssembly.Module(wasm as BufferSource);
    const table = this.#imports();
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module: namespace, name } of WebAssembly.Module.imports(module)) {
      const fn = table[`${namespace}.${name}`] as ((...args: number[]) => unknown) | undefined;
      if (fn === undefined) throw new Error(`the fake host has no ${namespace}.${name}`);
      imports[namespace] ??= {};
      imports[namespace][name] = (...args: number[]) => {
        this.syscalls.push(`${namespace}.${name}`);
        return fn(...args) as number;
      };
    }
    this.#instance = instantiateSync(module, imports).instance;
    this.#memory = this.#instance.exports.memory as WebAssembly.Memory;
  }

  /** How large the guest's memory is, in pages of 64 KiB. */
  get pages(): number {
    return this.#memory!.buffer.byteLength / 65536;
  }

  /** Puts a message into the mailbox. */
  deliver(message: unknown): this {
    this.mailbox.push(encodeTerm(message));
    return this;
  }

  /** Calls an export; throws `Exited` when the guest ends itself. */
  run(name = "main"): this {
    (this.#instance.exports[name] as () => void)();
    return this;
  }

  /** Calls an export that is expected to end the process, and gives the reason. */
  reason(name = "main"): unknown {
    try {
      this.run(name);
    } catch (error) {
      if (error instanceof Exited) return error.reason;
      throw error;
    }
    throw new Error("the guest returned");
  }

  #bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory!.buffer, pointer >>> 0, length >>> 0).slice();
  }

  #term(pointer: number, length: number): unknown {
    return decodeTerm(this.#bytes(pointer, length));
  }

  #answer(bytes: Uint8Array, out: number, capacity: number): number {
    if (bytes.length > capacity) this.#kept = bytes;
    else new Uint8Array(this.#memory!.buffer).set(bytes, out);
    return bytes.length;
  }

  #text(pointer: number, length: number): string {
    return new TextDecoder().decode(this.#bytes(pointer, length));
  }

  #ref(): Ref {
    return new Ref("nonode@nohost", ++this.#refs, 1);
  }

  #imports(): Record<string, (...args: never[]) => unknown> {
    return {
      "process.self": (out: number, cap: number) => this.#answer(encodeTerm(SELF), out, cap),
      "process.argument": (out: number, cap: number) => this.#answer(this.argument, out, cap),
      "process.exit": (p: number, n: number) => {
        throw new Exited(this.#term(p, n));
      },
      "process.spawn": (
        e: number,
        en: number,
        a: number,
        an: number,
        o: number,
        on: number,
        out: number,
        cap: number,
      ) => {
        this.spawned.push({
          entry: this.#term(e, en),
          argument: an === 0 ? undefined : this.#term(a, an),
          options: on === 0 ? {} : this.#term(o, on),
        });
        return this.#answer(encodeTerm(OTHER), out, cap);
      },
      "process.monitor": (_t: number, _n: number, _alias: number, out: number, cap: number) =>
        this.#answer(encodeTerm(this.#ref()), out, cap),
      "process.demonitor": () => 1,
      "process.link": () => 0,
      "process.label": () => {},
      "process.trap_exit": () => 0,
      "process.exit_signal": () => 0,
      "message.send": (to: number, toLength: number, p: number, n: number) => {
        const bytes = this.#bytes(p, n);
        this.sent.push({ to: this.#term(to, toLength), message: decodeTerm(bytes), bytes });
        return this.sendResult;
      },
      "message.receive": (p: number, n: number, out: number, cap: number, timeout: number) => {
        const prefixes = this.#prefixes(p, n);
        const index = this.mailbox.findIndex(
          (bytes) =>
            prefixes.length === 0 || prefixes.some((prefix) => prefix.every((byte, i) => bytes[i] === byte)),
        );
        if (index < 0) {
          if (timeout >>> 0 === 0xffffffff) throw new Error("the guest would wait for ever");
          return -1;
        }
        return this.#answer(this.mailbox.splice(index, 1)[0]!, out, cap);
      },
      "message.receive_tagged": (_p: number, _n: number, out: number, cap: number) => {
        const answer = this.tagged.shift();
        return answer === undefined ? -1 : this.#answer(answer, out, cap);
      },
      "message.read": (out: number, cap: number) => {
        const kept = this.#kept;
        this.#kept = undefined;
        return kept === undefined ? -1 : this.#answer(kept, out, cap);
      },
      "registry.whereis": (_p: number, _n: number, out: number, cap: number) =>
        this.whereis === undefined ? -3 : this.#answer(encodeTerm(this.whereis), out, cap),
      "registry.register": () => -2,
      "timer.send_after": (
        _ms: number,
        to: number,
        tn: number,
        p: number,
        n: number,
        out: number,
        cap: number,
      ) => {
        this.sent.push({ to: this.#term(to, tn), message: this.#term(p, n), bytes: this.#bytes(p, n) });
        return this.#answer(encodeTerm(this.#ref()), out, cap);
      },
      "timer.cancel": () => 12.5,
      "log.write": (level: number, p: number, n: number) => {
        this.logged.push(`${["error", "warn", "info", "debug"][level]}: ${this.#text(p, n)}`);
      },
      "clock.monotonic": () => 1_500_000n,
      "random.fill": (p: number, n: number) => new Uint8Array(this.#memory!.buffer, p, n).fill(0x80),
      "env.abort": (message: number, file: number, line: number, column: number) => {
        throw new Error(`abort: ${this.#string(message)} at ${this.#string(file)}:${line}:${column}`);
      },
    } as Record<string, (...args: never[]) => unknown>;
  }

  #prefixes(pointer: number, length: number): Uint8Array[] {
    const bytes = this.#bytes(pointer, length);
    const view = new DataView(bytes.buffer);
    const prefixes: Uint8Array[] = [];
    for (let at = 0; at < length; ) {
      const size = view.getUint32(at, true);
      if (at + 4 + size > length) throw new Error("the patterns end in the middle of one");
      prefixes.push(bytes.subarray(at + 4, at + 4 + size));
      at += 4 + size;
    }
    return prefixes;
  }

  /** A string of AssemblyScript's: UTF-16, its size in bytes before it. */
  #string(pointer: number): string {
    const size = new DataView(this.#memory!.buffer).getUint32(pointer - 4, true);
    return new TextDecoder("utf-16le").decode(this.#bytes(pointer, size));
  }
}
