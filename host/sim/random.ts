// Named streams of pseudo-random numbers. Each name has its own generator, so that one draw more in one stream shifts no other.

/** A small fast generator (sfc32), the same on every machine. Not for secrets. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Equal seeds give equal sequences. */
  constructor(seed: string) {
    [this.#a, this.#b, this.#c] = hashText(seed);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 up to, but not, 1. */
  float(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer from 0 up to, but not, `n`. */
  below(n: number): number {
    return Math.floor(this.float() * n);
  }

  /** Between two positive numbers, every order of magnitude equally likely. */
  logUniform(low: number, high: number): number {
    return low * (high / low) ** this.float();
  }

  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.uint32() >>> 24;
  }
}

/** The streams of one seed. */
export class RandomStreams {
  readonly #seed: string;
  readonly #streams = new Map<string, Random>();

  constructor(seed: number | string) {
    this.#seed = String(seed);
  }

  /** The stream of that name; it goes on where it was left. */
  stream(name: string): Random {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new Random(`${this.#seed}/${name}`);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

/** Three words that differ in about half their bits between any two texts. */
function hashText(text: string): [number, number, number] {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x85ebca6b);
    b = Math.imul(b ^ code, 0xc2b2ae35);
    c = Math.imul(c ^ code, 0x27d4eb2f) + ((a >>> 15) ^ (b >>> 13));
  }
  return [
    Math.imul(a ^ (c >>> 16), 0x9e3779b1),
    Math.imul(b ^ (a >>> 15), 0x85ebca77),
    Math.imul(c ^ (b >>> 13), 0xc2b2ae3d),
  ];
}
