// From the bytes of a pid to the pid: the hot path of every send. The words of pids that were read lately are kept beside their processes, so
// that a send to somebody known is a handful of comparisons and makes nothing.
import { Pid, type Process, type Runtime } from "../otp/index.ts";
import { encodeTerm } from "../otp/term/index.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { IdentifierHead } from "./identifier-head.ts";

const KNOWN = 1024;
/** From the lowest byte of the number, which comes last of its four, to the end of a pid. */
const LAST_OF_NUMBER = 9;
const NO_PID = -1;

/** Reads the pids of one runtime without decoding: nearly every message goes to one. */
export class AddressReader {
  readonly #runtime: Runtime;
  readonly #head: IdentifierHead;
  /** Its whole words, and the bits of the one after them that belong to it. */
  readonly #wholeWords: number;
  readonly #lastBits: number;
  /** Living processes by the low bits of their numbers. */
  readonly #processes: (Process | undefined)[] = new Array(KNOWN).fill(undefined);
  /** The words of their pids, as they lie in a memory at a multiple of four. */
  readonly #words: Int32Array;
  /** As much for the pids of dead ones. */
  readonly #pids: (Pid | undefined)[] = new Array(KNOWN).fill(undefined);

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const encoded = encodeTerm(new Pid(runtime.name, 0, runtime.creation));
    this.#head = new IdentifierHead(encoded);
    this.#wholeWords = encoded.length >>> 2;
    this.#lastBits = (1 << (8 * (encoded.length & 3))) - 1;
    this.#words = new Int32Array(KNOWN * (this.#wholeWords + 1));
  }

  /**
   * The living process of a pid; undefined when it is gone or the bytes are anything else. Throws `bad_argument` when they lie outside the
   * memory.
   */
  localProcess(memory: GuestMemory, pointer: number, length: number): Process | undefined {
    if (length !== this.#head.size || (pointer & 3) !== 0) return this.#find(memory, pointer, length);
    const start = memory.check(pointer, length, "an address");
    const last = start + length - LAST_OF_NUMBER;
    const bytes = memory.checkedBytes;
    const place = ((bytes[last - 1]! << 8) | bytes[last]!) & (KNOWN - 1);
    const process = this.#processes[place];
    return process?.alive === true && this.#isKnown(memory.checkedWords, start, place)
      ? process
      : this.#find(memory, pointer, length);
  }

  /** The pid, or undefined when the bytes are anything else. Throws `bad_argument` when they lie outside the memory. */
  localPid(memory: GuestMemory, pointer: number, length: number): Pid | undefined {
    const number = this.#number(memory, pointer, length);
    if (number === NO_PID) return undefined;
    const place = number % KNOWN;
    // Not kept: who is linked, monitored or killed is mostly somebody else each time.
    const process = this.#processes[place];
    const living = process?.pid.number === number && process.alive ? process : this.#runtime.numbered(number);
    if (living !== undefined) return living.pid;
    const known = this.#pids[place];
    if (known?.number === number) return known;
    const pid = new Pid(this.#runtime.name, number, this.#runtime.creation);
    this.#pids[place] = pid;
    return pid;
  }

  /** Whether the pid at an address, a multiple of four, is the one of the process that is kept at that place. */
  #isKnown(words: Int32Array, start: number, place: number): boolean {
    const known = this.#words;
    const whole = this.#wholeWords;
    const first = start >>> 2;
    const own = place * (whole + 1);
    for (let i = 0; i < whole; i++) if (words[first + i] !== known[own + i]) return false;
    return ((words[first + whole]! ^ known[own + whole]!) & this.#lastBits) === 0;
  }

  /** As `localProcess`, for whatever the bytes are. */
  #find(memory: GuestMemory, pointer: number, length: number): Process | undefined {
    const number = this.#number(memory, pointer, length);
    return number === NO_PID ? undefined : this.#process(number, memory, pointer);
  }

  /** The process of that number, the bytes of whose pid lie there. */
  #process(number: number, memory: GuestMemory, pointer: number): Process | undefined {
    const place = number % KNOWN;
    const known = this.#processes[place];
    if (known !== undefined && known.pid.number === number && known.alive) return known;
    const process = this.#runtime.numbered(number);
    this.#processes[place] = process;
    const own = 4 * (this.#wholeWords + 1) * place;
    const { size } = this.#head;
    const words = new Uint8Array(this.#words.buffer, own, size);
    words.set(memory.bytes().subarray(pointer >>> 0, (pointer >>> 0) + size));
    return process;
  }

  #number(memory: GuestMemory, pointer: number, length: number): number {
    const at = this.#head.tailIn(memory, pointer, length);
    if (at < 0) return NO_PID;
    const view = memory.view();
    if (view.getUint32(at + 8) !== this.#runtime.creation) return NO_PID;
    return view.getUint32(at + 4) * 0x1_0000_0000 + view.getUint32(at);
  }
}

const readers = new WeakMap<Runtime, AddressReader>();

/** The reader that all guests of a runtime share. */
export function addressReader(runtime: Runtime): AddressReader {
  let reader = readers.get(runtime);
  if (!reader) {
    reader = new AddressReader(runtime);
    readers.set(runtime, reader);
  }
  return reader;
}
