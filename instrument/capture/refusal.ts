// What cannot be instrumented, and why. Every refusal names the part of the module, and inside a function the instruction and its place.
import type { ModuleInfo } from "./module-reader.ts";
import { instructionName } from "./opcodes.ts";

/** Ends the pass; `instrument` makes an InstrumentError of it. */
export class Refusal extends Error {
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Refuses an instruction. `offset` is its place in the module. */
export function refuseInstruction(
  info: ModuleInfo,
  functionIndex: number,
  op: number,
  offset: number,
  reason: string,
  hint?: string,
): never {
  const where = offset < 0 ? "" : ` at 0x${offset.toString(16)}`;
  throw new Refusal(`${describe(info, functionIndex)}, ${instructionName(op)}${where}: ${reason}`, hint);
}

/** Refuses a function as a whole. */
export function refuseFunction(
  info: ModuleInfo,
  functionIndex: number,
  reason: string,
  hint?: string,
): never {
  throw new Refusal(`${describe(info, functionIndex)}: ${reason}`, hint);
}

/** Refuses something in the binary that the pass does not know: nothing behind it could be trusted. */
export function refuseUnknown(what: string, offset: number): never {
  throw new Refusal(`it has ${what} at 0x${offset.toString(16)}, which the pass does not know`);
}

function describe(info: ModuleInfo, functionIndex: number): string {
  const name = info.functionNames.get(functionIndex);
  return name === undefined ? `function ${functionIndex}` : `function "${name}" (${functionIndex})`;
}
