// What makes a function stoppable. Apart from the pass, so that reading a module loads nothing of it.

/** Why a function can be stopped, the first that holds. */
export const STOP_REASONS = [
  "it can call itself again",
  "it has a loop",
  "it has an instruction whose work grows with an operand",
  "it calls an import that may suspend",
  "it calls a function that can be stopped",
  "it and what it calls take much work or stack without a loop",
] as const;
export type StopReason = (typeof STOP_REASONS)[number];
