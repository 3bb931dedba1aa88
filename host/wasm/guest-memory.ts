// A guest's linear memory as syscalls see it: every pointer and length is checked here, and nowhere else.

import { copyEncoded } from "../otp/term/slab.ts";
import { GuestFault } from "./guest-fault.ts";

const utf8 = new TextDecoder();
const EMPTY = new Uint8Array(0);
/** Syscalls that touch this much at once cost more than the call itself. */
const BULK_BYTES = 4096;

/** Bounds-checked access to one instance's memory. Pointers and lengths arrive as signed i32 and are taken as unsigned. */
export class GuestMemory {
  readonly #charge: (bytes: number) => void;
  #memory: WebAssembly.Memory | undefined;
  /** The whole memory as the last `check` of a byte or more saw it, by bytes and by words: as `bytes` and `words`, without a look whether it has grown. */
  checkedBytes = EMPTY;
  checkedWords = new Int32Array(EMPTY.buffer);
  #view = new DataView(EMPTY.buffer);
  #region = EMPTY;
  #regionWords = new Int32Array(EMPTY.buffer);

  #reservedBytes = 0;

  /** `charge` is told of every region that is so large that somebody has to pay for it. */
  constructor(charge: (bytes: number) => void = () => {}) {
    this.#charge = charge;
  }

  /** The first `reservedBytes` of the memory are the instrumentation's; the guest's address 0 lies behind them. */
  attach(memory: WebAssembly.Memory, reservedBytes: number): void {
    this.#memory = memory;
    this.#reservedBytes = reservedBytes;
  }

  get byteLength(): number {
    // By what is at hand: asking the engine for the buffer takes 20 ns, and a spawn asks for this six times.
    return this.bytes().length;
  }

  /** The whole memory; valid until the guest runs again. */
  bytes(): Uint8Array {
    // A grown memory detaches its old buffer, whose length is then 0.
    if (this.checkedBytes.length === 0) this.#refresh();
    return this.checkedBytes;
  }
  /** The same by words; the guest's address 0 is the first. */
  words(): Int32Array {
    if (this.checkedBytes.length === 0) this.#refresh();
    return this.checkedWords;
  }
  /** The bytes before the guest's own, which the guest cannot reach. */
  region(): Uint8Array {
    if (this.#region.length === 0 && this.#memory)
      this.#region = new Uint8Array(this.#memory.buffer, 0, this.#reservedBytes);
    return this.#region;
  }
  /** The same by words. */
  regionWords(): Int32Array {
    if (this.#regionWords.length === 0 && this.#memory)
      this.#regionWords = new Int32Array(this.#memory.buffer, 0, this.#reservedBytes >> 2);
    return this.#regionWords;
  }
  view(): DataView {
    if (this.checkedBytes.length === 0) this.#refresh();
    return this.#view;
  }

  /**
   * Throws `bad_argument` unless `length` bytes from `pointer` on lie within the memory; returns the pointer as unsigned. A length that
   * was computed may be above 2^32.
   */
  check(pointer: number, length: number, what: string): number {
    // Nearly always, and then in small integers: a memory that has grown has length 0 here.
    if (pointer >= 0 && length >= 0 && length < BULK_BYTES && pointer + length < this.checkedBytes.length)
      return pointer;
    return this.#checkAny(pointer, length, what);
  }

  #checkAny(pointer: number, length: number, what: string): number {
    const size = this.assertWithin(pointer, length, what);
    if (size >= BULK_BYTES) this.#charge(size);
    return pointer >>> 0;
  }

  /** As `check`, for bytes that nothing is done with; returns how many they are. */
  assertWithin(pointer: number, length: number, what: string): number {
    const start = pointer >>> 0;
    const size = length < 0 ? length >>> 0 : length;
    if (start + size > this.bytes().length) {
      throw new GuestFault(
        "bad_argument",
        `${what}: ${size} bytes at ${start} reach outside the memory of ${this.bytes().length} bytes`,
      );
    }
    return size;
  }

  /** A copy of guest bytes. */
  copyOut(pointer: number, length: number, what: string): Uint8Array {
    const start = this.check(pointer, length, what);
    return this.bytes().slice(start, start + (length >>> 0));
  }

  /** As `copyOut`, for bytes that soon go: a small copy that lives on keeps up to 8 KB alive. */
  copyMessage(pointer: number, length: number, what: string): Uint8Array {
    const start = this.check(pointer, length, what);
    return copyEncoded(this.bytes(), start, start + (length >>> 0));
  }

  /** A view of guest bytes, valid until the guest runs again. */
  borrow(pointer: number, length: number, what: string): Uint8Array {
    const start = this.check(pointer, length, what);
    return this.bytes().subarray(start, start + (length >>> 0));
  }

  text(pointer: number, length: number, what: string): string {
    return utf8.decode(this.borrow(pointer, length, what));
  }

  /** Writes bytes that the caller has made sure fit at an address it has checked. */
  write(pointer: number, bytes: Uint8Array): void {
    this.bytes().set(bytes, pointer >>> 0);
  }

  #refresh(): void {
    if (!this.#memory) return;
    this.checkedBytes = new Uint8Array(this.#memory.buffer, this.#reservedBytes);
    this.checkedWords = new Int32Array(this.#memory.buffer, this.#reservedBytes);
    this.#view = new DataView(this.#memory.buffer, this.#reservedBytes);
  }
}
