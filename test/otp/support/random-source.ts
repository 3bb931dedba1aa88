// A random source that is a function of its seed, for generators of scenarios that are recorded once and played for ever.

export interface RandomSource {
  /** From 0 up to and without `n`. */
  below(n: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(percent: number): boolean;
}

/** mulberry32. */
export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0;
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
  return {
    below,
    pick: (choices) => choices[below(choices.length)]!,
    chance: (percent) => below(100) < percent,
  };
}
