// Turns the bytes of a raw module into what a program is made of. Loads neither binaryen nor the AssemblyScript compiler, so it also serves in a
// thread of its own.
import { createHash } from "node:crypto";
import { InstrumentError } from "../../instrument/error.ts";
import { checkSource, instrumentBytes } from "../../instrument/instrument-bytes.ts";
import { MoonletError } from "../otp/error.ts";
import { readModuleTypes } from "../wasm/module-types.ts";
import type { CompiledModule } from "../wasm/program.ts";

/** How it is instrumented: see `InstrumentOptions`. */
export interface ModuleOptions {
  readonly suspending: readonly string[];
  readonly stackBytes?: number;
}

/** Imports and exports of a module that a stranger hands in: each costs the host a little with every instance. */
const MOST_LINKS = 1000;
/** Its memory at the start, and its tables': they are looked through when a program's image is made. */
const MOST_MEMORY_BYTES = 2 ** 24;
const MOST_TABLE_ENTRIES = 100_000;

/** @throws MoonletError E_MALFORMED_WASM, E_NOT_INSTRUMENTABLE, E_ALREADY_INSTRUMENTED. */
export function compileModule(bytes: Uint8Array, name: string, options: ModuleOptions): CompiledModule {
  return explained(() => {
    checkSource(bytes, name);
    const sourceHash = createHash("sha256").update(bytes).digest("hex");
    const { wasm } = instrumentBytes(bytes, sourceHash, { name, ...options });
    return { wasm, module: new WebAssembly.Module(wasm as BufferSource), types: readModuleTypes(wasm) };
  });
}

/** The same for a module whose maker nobody knows. @throws MoonletError E_TOO_LARGE too. */
export function compileStrange(bytes: Uint8Array, name: string, options: ModuleOptions): CompiledModule {
  const compiled = compileModule(bytes, name, options);
  const links =
    WebAssembly.Module.imports(compiled.module).length + WebAssembly.Module.exports(compiled.module).length;
  if (links > MOST_LINKS)
    throw tooLarge(name, `it has ${links} imports and exports, more than ${MOST_LINKS}`);
  const { memoryBytes, tableEntries } = compiled.types;
  if (memoryBytes > MOST_MEMORY_BYTES)
    throw tooLarge(name, `its memory begins with ${memoryBytes} bytes, more than ${MOST_MEMORY_BYTES}`);
  if (tableEntries > MOST_TABLE_ENTRIES)
    throw tooLarge(name, `its tables begin with ${tableEntries} entries, more than ${MOST_TABLE_ENTRIES}`);
  return compiled;
}

function tooLarge(name: string, what: string): MoonletError {
  return new MoonletError("E_TOO_LARGE", `${name} is too large: ${what}`);
}

/** What the instrumenter says, as the host's error. */
export function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    // Reading recurses where blocks are nested.
    if (error instanceof RangeError && /call stack/.test(error.message))
      throw new MoonletError("E_NOT_INSTRUMENTABLE", "the module's blocks are nested too deeply", {
        cause: error,
      });
    if (!(error instanceof InstrumentError)) throw error;
    const { code, hint, message } = error;
    throw new MoonletError(code, message, { cause: error, ...(hint !== undefined && { hint }) });
  }
}
