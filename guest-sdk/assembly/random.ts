// Randomness from the host. In a simulation it comes from the seed.
import * as abi from "./abi/random";

const word: usize = memory.data(8, 8);

export namespace random {
  /** Any 64 bits. */
  export function bits(): u64 {
    abi.fill(word, 8);
    return load<u64>(word);
  }

  /** At least 0, below 1. */
  export function float(): f64 {
    return <f64>(bits() >> 11) / 9007199254740992.0;
  }

  /** A number from 0 to `limit` - 1, each as likely as the others. `limit` is at least 1. */
  export function below(limit: u32): u32 {
    assert(limit > 0, "random.below needs a limit of at least 1");
    // Numbers from the last incomplete round would favour the small ones.
    const rest = (<u32>0 - limit) % limit;
    while (true) {
      const drawn = <u64><u32>bits() * <u64>limit;
      if (<u32>drawn >= rest) return <u32>(drawn >> 32);
    }
  }

  /** That many random bytes. */
  export function bytes(count: i32): Uint8Array {
    const made = new Uint8Array(count);
    abi.fill(made.dataStart, count);
    return made;
  }
}
