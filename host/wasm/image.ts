// What every process of a program begins as: the state after its start function and `_initialize` have run, once for all. A program whose
// start asks the host for anything, or takes long, runs it in every process instead, as one without any of this would.
import { chunksOf, endOfChunks, type ImageChunk } from "./image-chunks.ts";
import { linkNothing } from "./link.ts";
import { Machine } from "./machine.ts";
import type { Program } from "./program.ts";

export interface Image {
  /** What in the guest's memory is not zeros, in ascending order. */
  readonly chunks: readonly ImageChunk[];
  /** See `endOfChunks`. */
  readonly chunksEnd: number;
  /** The size of that memory. */
  readonly memoryBytes: number;
  /** What belongs right at the end of the frame region. */
  readonly state: Uint8Array;
  /** The same by words. */
  readonly stateWords: Int32Array;
  /** Exports that each process still has to run before its entry, in this order. */
  readonly stages: readonly string[];
}

/** Fuel for a start that is run on the way, while everybody else waits: some 2 ms. */
const START_FUEL = 1_000_000;
/** The largest memory that is worth a copy. */
const MAX_IMAGE_BYTES = 2 ** 26;

/**
 * The image, made on first use; undefined for a program with state that cannot be carried from one instance to another. Throws what the
 * instantiation throws.
 */
export function imageOf(program: Program): Image | undefined {
  program.begun ??= { image: program.manifest.state.plain ? started(program) : undefined };
  return program.begun.image;
}

/** Whether its processes can leave an instance and take up another. */
export function isMovable(program: Program): boolean {
  return imageOf(program) !== undefined;
}

/** Exports that run before an entry. */
export function startStages(program: Program): string[] {
  const stages = program.manifest.start === undefined ? [] : [program.manifest.start];
  return program.exportsFunction("_initialize") ? [...stages, "_initialize"] : stages;
}

function started(program: Program): Image | undefined {
  const stages = startStages(program);
  const fresh = new Machine(program, linkNothing);
  if (fresh.memory.byteLength > MAX_IMAGE_BYTES) return undefined;
  const before = take(fresh, stages);
  if (stages.length === 0) return before;
  const { coroutine } = fresh;
  coroutine.fuel = START_FUEL;
  try {
    for (const stage of stages) if (coroutine.start(fresh.stage(stage)) !== "returned") return before;
  } catch {
    // It called an import or trapped: each process does that for itself.
    return before;
  }
  return fresh.memory.byteLength > MAX_IMAGE_BYTES ? before : take(fresh, []);
}

function take(machine: Machine, stages: readonly string[]): Image {
  const bytes = machine.memory.bytes();
  const region = machine.region();
  const state = region.slice(machine.coroutine.saveState());
  const chunks = chunksOf(bytes);
  return {
    chunks,
    chunksEnd: endOfChunks(chunks),
    memoryBytes: bytes.length,
    state,
    stateWords: new Int32Array(state.buffer),
    stages,
  };
}
