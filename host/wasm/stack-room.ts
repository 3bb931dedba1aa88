// Makes sure, before a syscall changes anything, that the host has enough of the native stack left to finish it. A guest shares that
// stack: by recursing it could otherwise make the host's own code overflow between two steps that belong together.

/** 16 KB of locals: V8 looks at the start of a call whether the whole frame fits, also when the optimised code needs less. */
const LOCALS = 2000;
/** Where code cannot be made from text (CSP): so many small frames. */
const FRAMES = 100;

/** Throws V8's RangeError, a `stack_overflow` trap for the guest, when there is too little room. 15 ns. */
export const assertStackRoom: () => void = largeFrame() ?? (() => descend(FRAMES));

function largeFrame(): (() => void) | undefined {
  const names = Array.from({ length: LOCALS }, (_, i) => `a${i}=0`);
  try {
    return new Function(`let ${names.join()}; return a0;`) as () => void;
  } catch {
    return undefined;
  }
}

function descend(frames: number): number {
  return frames === 0 ? 0 : descend(frames - 1);
}
