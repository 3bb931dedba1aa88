// Programs that `moonlet build` made, which are taken as they are. Nothing of them is kept on disk, and their bytes are what tells them apart.
import { ABI_VERSION, MANIFEST_SECTION, readManifest } from "../../instrument/running.ts";
import { MoonletError } from "../otp/error.ts";
import { readModuleTypes } from "../wasm/module-types.ts";
import { Program } from "../wasm/program.ts";

export class BuiltPrograms {
  readonly #byName = new Map<string, Program[]>();

  /** The program of these bytes, made once; undefined when `moonlet build` did not make them. Throws E_OTHER_ABI when another version did. */
  take(bytes: Uint8Array, name: string, sourceMap: string | undefined): Program | undefined {
    const known = this.#byName.get(name) ?? [];
    const same = known.find((program) => Buffer.compare(program.bytes, bytes) === 0);
    if (same) return same;
    const module = builtModule(bytes, name);
    if (!module) return undefined;
    const compiled = { wasm: bytes, module, types: readModuleTypes(bytes) };
    const program = new Program(name, bytes, sourceMap, compiled);
    this.#byName.set(name, [...known, program]);
    return program;
  }

  forget(program: Program): void {
    const others = this.#byName.get(program.name)?.filter((known) => known !== program) ?? [];
    if (others.length > 0) this.#byName.set(program.name, others);
    else this.#byName.delete(program.name);
  }
}

/** How the section with the manifest begins. Not everything that has these bytes somewhere was built, but what has not them was not. */
const MARK = Buffer.from(`${String.fromCharCode(MANIFEST_SECTION.length)}${MANIFEST_SECTION}`);

function builtModule(bytes: Uint8Array, name: string): WebAssembly.Module | undefined {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(MARK)) return undefined;
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes as BufferSource);
  } catch {
    return undefined;
  }
  const abiVersion = abiVersionOf(module, name);
  if (abiVersion === undefined) return undefined;
  if (abiVersion === ABI_VERSION) return module;
  throw new MoonletError(
    "E_OTHER_ABI",
    `${name} was built for version ${abiVersion} of the guest ABI, and this is version ${ABI_VERSION}`,
    { hint: "Build it again with this moonlet." },
  );
}

function abiVersionOf(module: WebAssembly.Module, name: string): number | undefined {
  try {
    return readManifest(module)?.abiVersion;
  } catch (cause) {
    throw new MoonletError("E_MALFORMED_WASM", `${name} has a manifest that cannot be read`, {
      cause,
      hint: "Build it again from its source.",
    });
  }
}
