// What the pass throws when it meets something that it would have to get wrong.

/** A function or instruction that cannot be captured. */
export class CannotCapture extends Error {
  readonly functionName: string;
  readonly instruction: string;

  constructor(functionName: string, instruction: string, reason: string) {
    super(`function ${functionName} holds ${instruction}: ${reason}`);
    this.functionName = functionName;
    this.instruction = instruction;
  }
}
