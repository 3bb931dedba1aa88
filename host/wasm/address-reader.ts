// From the bytes of a pid to the pid: the hot path of every send. Four bytes are compared at a time, and pids that were read lately are
// kept: a send to somebody known makes nothing (163 ns for a send and a receive, 193 without both).
import { Pid, type Process, type Runtime } from "../otp/index.ts";
import { encodeTerm } from "../otp/term/index.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** Number, serial and creation, with which an encoded pid ends. */
const TAIL_BYTES = 12;
const KNOWN = 1024;
const NO_PID = -1;

/** Reads the pids of one runtime without decoding: nearly every message goes to one. */
export class AddressReader {
  readonly #runtime: Runtime;
  /** The encoding of a pid of the runtime, up to its number. */
  readonly #head: DataView;
  /** Its whole words, as they lie in a memory at a multiple of four. */
  readonly #words: Int32Array;
  /** Living processes by the low bits of their numbers. */
  readonly #processes: (Process | undefined)[] = new Array(KNOWN).fill(undefined);
  /** As much for the pids of dead ones. */
  readonly #pids: (Pid | undefined)[] = new Array(KNOWN).fill(undefined);

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const encoded = encodeTerm(new Pid(runtime.name, 0, runtime.creation));
    this.#head = new DataView(encoded.buffer, encoded.byteOffset, encoded.length - TAIL_BYTES);
    this.#words = new Int32Array(encoded.slice(0, this.#head.byteLength & ~3).buffer);
  }

  /**
   * The living process of a pid; undefined when it is gone or the bytes are anything else. Throws `bad_argument` when they lie outside the
   * memory.
   */
  localProcess(memory: GuestMemory, pointer: number, length: number): Process | undefined {
    const number = this.#number(memory, pointer, length);
    return number === NO_PID ? undefined : this.#process(number);
  }

  /** The pid, or undefined when the bytes are anything else. Throws `bad_argument` when they lie outside the memory. */
  localPid(memory: GuestMemory, pointer: number, length: number): Pid | undefined {
    const number = this.#number(memory, pointer, length);
    if (number === NO_PID) return undefined;
    const process = this.#process(number);
    if (process !== undefined) return process.pid;
    const place = number % KNOWN;
    const known = this.#pids[place];
    if (known?.number === number) return known;
    const pid = new Pid(this.#runtime.name, number, this.#runtime.creation);
    this.#pids[place] = pid;
    return pid;
  }

  #process(number: number): Process | undefined {
    const place = number % KNOWN;
    const known = this.#processes[place];
    if (known !== undefined && known.pid.number === number && known.alive) return known;
    const process = this.#runtime.numbered(number);
    this.#processes[place] = process;
    return process;
  }

  #number(memory: GuestMemory, pointer: number, length: number): number {
    const head = this.#head;
    const headBytes = head.byteLength;
    if (length !== headBytes + TAIL_BYTES) return NO_PID;
    const start = memory.check(pointer, length, "an address");
    const view = memory.view();
    let i = 0;
    if ((start & 3) === 0) {
      const words = memory.words();
      const known = this.#words;
      const first = start >>> 2;
      for (; i < known.length; i++) if (words[first + i] !== known[i]) return NO_PID;
      i <<= 2;
    }
    for (; i < headBytes; i++) if (view.getUint8(start + i) !== head.getUint8(i)) return NO_PID;
    const at = start + headBytes;
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
