// How far an instance's memories and tables may grow, and who is told when that is not far enough: cells and a table of the instance.
import { MAX_TABLE_ELEMENTS } from "./capture/module-limits.ts";
import { GROWS_TABLE, REFUSED } from "./capture/told-growth.ts";
import type { Growth } from "./contract.ts";

interface GrowthExports {
  readonly "moonlet:max_pages"?: WebAssembly.Global<"i32">;
  readonly "moonlet:max_elements"?: WebAssembly.Global<"i32">;
  /** Leads to whoever is told. */
  readonly "moonlet:growth"?: WebAssembly.Table;
  "moonlet:elements"?(): bigint;
}

const PAGE_BYTES = 65_536;

export class GrowthLimits {
  readonly #exports: GrowthExports;
  /** What the module itself allows for all its memories. */
  readonly #mostPages: number;
  readonly #startElements: number;

  /** `startElements`: of all tables when the module begins. */
  constructor(exports: object, startElements: number) {
    this.#exports = exports;
    this.#mostPages = this.#exports["moonlet:max_pages"]?.value ?? 0;
    this.#startElements = startElements;
  }

  limitMemory(bytes: number): void {
    const limit = this.#exports["moonlet:max_pages"];
    if (limit) limit.value = Math.min(this.#mostPages, Math.max(0, Math.floor(bytes / PAGE_BYTES)));
  }

  limitTables(elements: number): void {
    const limit = this.#exports["moonlet:max_elements"];
    if (limit) limit.value = Math.min(MAX_TABLE_ELEMENTS, Math.max(0, Math.floor(elements)));
  }

  get tableElements(): number {
    return Number(this.#exports["moonlet:elements"]?.() ?? this.#startElements);
  }

  watch(told: (growth: Growth) => void): void {
    const table = this.#exports["moonlet:growth"];
    if (table === undefined) return;
    if (table.length === 0) table.grow(1);
    table.set(
      0,
      callable((kind, wanted) =>
        told({
          of: (kind & GROWS_TABLE) === 0 ? "memory" : "table",
          wanted,
          isRefused: (kind & REFUSED) !== 0,
        }),
      ),
    );
  }
}

/** `(module (import "" "" (func (param i32 f64))) (export "" (func 0)))`. */
const THROUGH = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 6, 1, 0x60, 2, 0x7f, 0x7c, 0],
  ...[2, 5, 1, 0, 0, 0, 0],
  ...[7, 4, 1, 0, 0, 0],
);
let through: WebAssembly.Module | undefined;

/** A function of JavaScript as one that a table of a module can hold, so that instrumented code calls it without importing anything. */
function callable(call: (kind: number, wanted: number) => void): unknown {
  through ??= new WebAssembly.Module(THROUGH);
  return new WebAssembly.Instance(through, { "": { "": call } }).exports[""];
}
