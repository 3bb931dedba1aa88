// What happens to an error that an import throws below handlers of the guest. As in raw Wasm the guest may catch it; legacy handlers get it
// wrapped in the pass's own tag, so that it can wait in captured frames. An error marked `uncatchable` passes every handler: the guest is
// to end, whatever it thinks of that.

type HostFunction = (...args: unknown[]) => unknown;

/** The only object that no handler catches is one that a trap has made: `(module (func (export "t") unreachable))`. */
const TRAP = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x74, 0, 0],
  ...[10, 5, 1, 3, 0, 0, 11],
);
let trap: WebAssembly.Module | undefined;
/** What each such object stands for. */
const meant = new WeakMap<object, unknown>();

export class ImportErrors {
  #foreign: WebAssembly.Tag | undefined;
  #own: readonly WebAssembly.Tag[] = [];

  /** Takes the tags of the instance, which exist only once its imports do. */
  attach(exports: WebAssembly.Exports): void {
    this.#foreign = exports["moonlet:foreign"] as WebAssembly.Tag | undefined;
    this.#own = Object.entries(exports).flatMap(([name, value]) =>
      name.startsWith("moonlet:tag_") ? [value as unknown as WebAssembly.Tag] : [],
    );
  }

  /** The import with its errors made fit for the guest's handlers. */
  wrap(fn: HostFunction): HostFunction {
    return (...args) => {
      try {
        return fn(...args);
      } catch (error) {
        throw this.#carried(error);
      }
    };
  }

  /** The error that the host has thrown, for one that has come out of the guest. */
  original(error: unknown): unknown {
    if (typeof error !== "object" || error === null) return error;
    if (meant.has(error)) return meant.get(error);
    const foreign = this.#foreign;
    if (foreign && error instanceof WebAssembly.Exception && error.is(foreign))
      return error.getArg(foreign, 0);
    return error;
  }

  #carried(error: unknown): unknown {
    if ((error as { uncatchable?: unknown } | null | undefined)?.uncatchable === true)
      return uncatchable(error);
    if (!this.#foreign || error instanceof WebAssembly.RuntimeError) return error;
    if (error instanceof WebAssembly.Exception && this.#own.some((tag) => error.is(tag))) return error;
    return new WebAssembly.Exception(this.#foreign, [error]);
  }
}

function uncatchable(error: unknown): unknown {
  trap ??= new WebAssembly.Module(TRAP);
  const { t } = new WebAssembly.Instance(trap).exports as { t(): void };
  try {
    t();
  } catch (carrier) {
    meant.set(carrier as object, error);
    return carrier;
  }
  return error;
}
