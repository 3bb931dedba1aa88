// Compiles what guests load at once, while everybody waits: for worlds in which time stands still meanwhile.
import { compileStrange } from "./node/module-compiler.ts";
import type { CompiledModule } from "./wasm/program.ts";
import { WAITING_SYSCALLS } from "./wasm/syscalls/index.ts";

/** For `compile` of `HostOptions`. */
export function compileInline(bytes: Uint8Array, name: string): CompiledModule {
  return compileStrange(bytes, name, { suspending: WAITING_SYSCALLS });
}
