// From the bytes of a pid to the pid: the hot path of every send.
import { Pid } from "../otp/index.ts";
import type { Guest } from "./guest.ts";

/** Reads pids of this runtime without decoding: nearly every message goes to one. */
export class AddressReader {
  readonly #guest: Guest;
  /** The encoding of a local pid up to its number. */
  readonly #head: Uint8Array;
  #last: Pid | undefined;

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#head = guest.selfTerm.subarray(0, guest.selfTerm.length - 12);
  }

  /** The pid, or undefined when the bytes are anything else. */
  localPid(pointer: number, length: number): Pid | undefined {
    const head = this.#head;
    if (length !== head.length + 12) return undefined;
    const { memory, process } = this.#guest;
    const start = memory.check(pointer, length, "an address");
    const bytes = memory.bytes();
    for (let i = 0; i < head.length; i++) if (bytes[start + i] !== head[i]) return undefined;
    const view = memory.view();
    const at = start + head.length;
    if (view.getUint32(at + 8) !== process.pid.creation) return undefined;
    const number = view.getUint32(at + 4) * 0x1_0000_0000 + view.getUint32(at);
    if (this.#last?.number !== number) this.#last = new Pid(process.pid.node, number, process.pid.creation);
    return this.#last;
  }
}
