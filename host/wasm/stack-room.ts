// Makes sure, before a syscall changes anything, that the host has enough of the native stack left to finish it. A guest shares that
// stack: by recursing it could otherwise make the host's own code overflow between two steps that belong together.

/** 16 KB of arguments: V8 looks at the start of a call whether the whole frame fits, also when the optimised code needs less. */
const ARGUMENTS = 2000;
/** Where code cannot be made from text (CSP): so many small frames. */
const FRAMES = 100;

/** Throws V8's RangeError, a `stack_overflow` trap for the guest, when there is too little room. 15 ns. */
export const assertStackRoom: () => void = largeFrame() ?? (() => descend(FRAMES));

function largeFrame(): (() => void) | undefined {
  try {
    // A call that never happens has its place in the frame. As many variables would take 2 ms to compile.
    return new Function("f", `return f && f(${"0,".repeat(ARGUMENTS)});`) as () => void;
  } catch {
    return undefined;
  }
}

function descend(frames: number): number {
  return frames === 0 ? 0 : descend(frames - 1);
}
