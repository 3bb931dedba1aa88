// Reads from an instrumented module which of its functions can be stopped, where and why.
import { decodeFrameTable, FRAME_TABLE_SECTION } from "./capture/frame-table.ts";
import type { StopReason } from "./capture/stop-reasons.ts";

export interface StoppableFunctions {
  /** Functions that the module had before it was instrumented, imports included. */
  readonly functionCount: number;
  /** In order of their numbers. */
  readonly stoppable: readonly StoppableFunction[];
}

export interface StoppableFunction {
  readonly functionIndex: number;
  /** From the name section; undefined when the module has none. */
  readonly functionName?: string;
  /** Places at which it can be stopped. */
  readonly resumePoints: number;
  /** Bytes of its largest captured frame. */
  readonly frameBytes: number;
  readonly reason: StopReason;
}

/** Undefined for a module that is not instrumented. */
export function stoppableFunctions(module: WebAssembly.Module): StoppableFunctions | undefined {
  const [section] = WebAssembly.Module.customSections(module, FRAME_TABLE_SECTION);
  if (!section) return undefined;
  const { functionCount, functions } = decodeFrameTable(new Uint8Array(section));
  const stoppable = functions
    .map(({ functionIndex, functionName, sizes, reason }) => ({
      functionIndex,
      ...(functionName !== undefined && { functionName }),
      resumePoints: sizes.length,
      frameBytes: sizes.reduce((most, size) => Math.max(most, size), 0),
      reason,
    }))
    .sort((x, y) => x.functionIndex - y.functionIndex);
  return { functionCount, stoppable };
}
