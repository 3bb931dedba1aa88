// What all instances of a host have together: bytes of linear memory, elements of tables. Bounded, because the machine's memory and V8's heap are;
// how far is asked for once it matters.
import { type Bound, LateBound } from "../otp/index.ts";
import { GuestExit } from "./guest-fault.ts";
import { imageOf } from "./image.ts";
import type { Machine } from "./machine.ts";
import type { Program } from "./program.ts";

/** Elements of each instance that do not count: what usual programs have, so that nobody's large tables stand in their way. */
const UNCOUNTED_ELEMENTS = 4096;
/** As much memory may be had on any machine. */
const ALWAYS_BYTES = 2 ** 28;

export class InstanceTotals {
  readonly #mostBytes: LateBound;
  readonly #mostElements: LateBound;
  /** Whether somebody might want more memory than there is. */
  isTight = false;
  /** The most that somebody may have. */
  #wanted = 0;
  #bytes = 0;
  /** Those that count. */
  #elements = 0;

  constructor(mostBytes: Bound, mostElements: Bound) {
    this.#mostBytes = new LateBound(mostBytes, ALWAYS_BYTES);
    this.#mostElements = new LateBound(mostElements, 1);
  }

  /** Takes note of how large the memories and tables of an instance have become. */
  settle(machine: Machine): void {
    const { memoryBytes } = machine;
    this.#bytes += memoryBytes - machine.countedBytes;
    machine.countedBytes = memoryBytes;
    const elements = countedElements(machine.coroutine.tableElements);
    this.#elements += elements - machine.countedElements;
    machine.countedElements = elements;
    machine.hasGrown = false;
    this.#look();
  }

  /** The instance goes. */
  drop(machine: Machine): void {
    this.#bytes -= machine.countedBytes;
    this.#elements -= machine.countedElements;
    this.#look();
  }

  /** Whether there is room for one more instance; GuestExit `system_limit` when there would be none were it the only one. */
  hasRoomFor(program: Program): boolean {
    const startBytes = imageOf(program)?.memoryBytes ?? 0;
    const elements = countedElements(program.manifest.state.elements);
    if (this.#lacks(0, startBytes) || this.#lacksElements(0, elements)) throw new GuestExit("system_limit");
    return !this.#lacks(this.#bytes, startBytes) && !this.#lacksElements(this.#elements, elements);
  }

  most(limit: "memoryBytes" | "tableElements"): number {
    return (limit === "memoryBytes" ? this.#mostBytes : this.#mostElements).value;
  }

  /** Bytes by which memories may grow now; Infinity while so many more, which somebody may want, are no question. */
  memoryRoom(wanted: number): number {
    if (wanted > this.#wanted) {
      this.#wanted = wanted;
      this.#look();
    }
    return Math.max(0, this.#mostBytes.room(this.#bytes, wanted));
  }

  /** Elements by which the tables of an instance that have so many may grow now. */
  tableRoom(elements: number): number {
    const uncounted = Math.max(0, UNCOUNTED_ELEMENTS - elements);
    return uncounted + Math.max(0, this.#mostElements.value - this.#elements);
  }

  #look(): void {
    this.isTight = this.#lacks(this.#bytes, this.#wanted);
  }

  #lacks(used: number, bytes: number): boolean {
    return this.#mostBytes.room(used, bytes) < bytes;
  }

  #lacksElements(used: number, elements: number): boolean {
    return elements > 0 && this.#mostElements.room(used, elements) < elements;
  }
}

/** Of so many elements of an instance's tables. */
function countedElements(elements: number): number {
  return Math.max(0, elements - UNCOUNTED_ELEMENTS);
}
