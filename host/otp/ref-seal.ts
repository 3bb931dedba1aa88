// What makes a reference unguessable: numbers of references count up, so each one carries a keyed hash of its number when it leaves the
// runtime in the external term format, and one that comes back with another hash is not the runtime's. HalfSipHash-2-4, of which 31 bits
// are kept: a guess is one in two billion.
import type { Environment } from "./environment.ts";

export class RefSealer {
  readonly #environment: Environment;
  #key: Uint32Array | undefined;

  /** The key is drawn when it is first needed. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The seal of the reference with this number, from 0 to 2^31 - 1. */
  of(number: number): number {
    this.#key ??= this.#draw();
    const key = this.#key;
    return halfSipHash(key[0]!, key[1]!, number | 0, Math.floor(number / 0x1_0000_0000)) >>> 1;
  }

  #draw(): Uint32Array {
    const bytes = new Uint8Array(8);
    this.#environment.randomBytes(bytes);
    const view = new DataView(bytes.buffer);
    return Uint32Array.of(view.getUint32(0), view.getUint32(4));
  }
}

/** Of a message of two words (J.-P. Aumasson, D. J. Bernstein: SipHash). */
function halfSipHash(key0: number, key1: number, low: number, high: number): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const words = [low, high, 8 << 24];
  for (let i = 0; i < 4; i++) {
    const word = words[i] ?? 0;
    const isLast = i === words.length;
    if (isLast) v2 ^= 0xff;
    v3 ^= word;
    for (let round = isLast ? 4 : 2; round > 0; round--) {
      v0 = (v0 + v1) | 0;
      v1 = rotate(v1, 5) ^ v0;
      v0 = rotate(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotate(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotate(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotate(v1, 13) ^ v2;
      v2 = rotate(v2, 16);
    }
    v0 ^= word;
  }
  return v1 ^ v3;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
