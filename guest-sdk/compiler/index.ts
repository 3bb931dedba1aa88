// Compiles guests written in AssemblyScript. Imports nothing of host/ nor instrument/.
export {
  type Compiled,
  type CompileOptions,
  compileAssemblyScript,
  type EmittedModule,
  emitModule,
} from "./compile.ts";
export { CompileError, type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
export type { ReadFile } from "./source-files.ts";
