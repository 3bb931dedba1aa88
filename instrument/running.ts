// What running an instrumented module needs. Loads nothing of binaryen, which the passes need, so that a prebuilt module starts at once.
import { CaptureCoroutine } from "./capture-coroutine.ts";
import type { Coroutine, Manifest } from "./contract.ts";

export { hash } from "./capture/hash.ts";
export type {
  Coroutine,
  Growth,
  GuestFrame,
  Instrumented,
  InstrumentOptions,
  Manifest,
  StateFacts,
  Stop,
} from "./contract.ts";
export { InstrumentError, SnapshotError } from "./error.ts";
export { capturedFrames } from "./guest-frames.ts";
export { ABI_VERSION, COST_MODEL, MANIFEST_SECTION, readManifest } from "./manifest.ts";
export type { ReferenceNames } from "./snapshot.ts";
export { isSnapshot, type SnapshotState } from "./snapshot-format.ts";
export {
  type StoppableFunction,
  type StoppableFunctions,
  stoppableFunctions,
} from "./stoppable-functions.ts";

/** What drives one instance of a module with this manifest. */
export function createCoroutine(manifest: Manifest): Coroutine {
  return new CaptureCoroutine(manifest);
}
