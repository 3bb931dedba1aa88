// From the bytes of a reference to the reference, without decoding: each receive of an answer or a DOWN names one.
import { Ref, type Runtime } from "../otp/index.ts";
import { encodeTerm } from "../otp/term/index.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { IdentifierHead } from "./identifier-head.ts";

/** Upper words of numbers, and seals, from here on are of no reference that has a number. */
const MOST_HIGH = 0x20_0000;
const MOST_SEAL = 0x8000_0000;

/** Reads the references of one runtime's node. */
export class ReferenceReader {
  readonly #runtime: Runtime;
  readonly #head: IdentifierHead;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#head = new IdentifierHead(encodeTerm(new Ref(runtime.name, 0, runtime.creation)));
  }

  /**
   * The reference, or undefined when the bytes are anything else; whether the runtime made it is `Runtime.isOwn`. Throws `bad_argument` when they lie
   * outside the memory.
   */
  localRef(memory: GuestMemory, pointer: number, length: number): Ref | undefined {
    const at = this.#head.tailIn(memory, pointer, length);
    if (at < 0) return undefined;
    const view = memory.view();
    const high = view.getUint32(at + 4);
    const seal = view.getUint32(at + 8);
    if (high >= MOST_HIGH || seal >= MOST_SEAL) return undefined;
    const { name, creation } = this.#runtime;
    return new Ref(name, high * 0x1_0000_0000 + view.getUint32(at), creation, seal);
  }
}
