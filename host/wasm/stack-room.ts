// Makes sure, before a syscall changes anything, that the host has enough of the native stack left to finish it. A guest shares that
// stack: by recursing it could otherwise make the host's own code overflow between two steps that belong together.

/** 16 KB of arguments: V8 looks at the start of a call whether the whole frame fits, also when the optimised code needs less. */
const ARGUMENTS = 2000;
/** Where code cannot be made from text (CSP): so many small frames. */
const FRAMES = 100;

/** Calls of a short program, which are not worth a warm-up. */
const COLD_CALLS = 30;
/**
 * V8 optimises a function that has used up a budget, in which a call of this one hardly counts and each turn of a loop does. Without turns it took
 * a million calls, of 600 ns each because the frame is filled; with these it is 2,000.
 */
const WARM_CALLS = 2000;
const TURNS = 300;

/** Throws V8's RangeError, a `stack_overflow` trap for the guest, when there is too little room. 10 ns. */
export const assertStackRoom: () => void = largeFrame() ?? (() => descend(FRAMES));

function largeFrame(): (() => void) | undefined {
  let enter: (turns: number) => void;
  try {
    // A call that never happens has its place in the frame. As many variables would take 2 ms to compile.
    enter = new Function(
      "turns",
      "f",
      `for (let i = 0; i < turns; i++); return f && f(${"0,".repeat(ARGUMENTS)});`,
    ) as typeof enter;
  } catch {
    return undefined;
  }
  let calls = 0;
  return () => {
    if (calls >= WARM_CALLS) {
      enter(0);
      return;
    }
    calls++;
    enter(calls > COLD_CALLS ? TURNS : 0);
  };
}

function descend(frames: number): number {
  return frames === 0 ? 0 : descend(frames - 1);
}
