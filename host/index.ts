// moonlet: the embedding API.
import { Host } from "./host.ts";
import type { HostOptions } from "./options.ts";

export { CompileError } from "../guest-sdk/compiler/diagnostic.ts";
export type { AuditRecord } from "./audit.ts";
export type { Host } from "./host.ts";
export { type DiagnosticsMessage, publishDiagnostics } from "./node/diagnostics.ts";
export { type OtelMeter, observeRuntime } from "./node/opentelemetry.ts";
export { PROMETHEUS_CONTENT_TYPE, renderPrometheus } from "./node/prometheus.ts";
export type {
  CallOptions,
  ChangeCodeOptions,
  CloseOptions,
  GuestLogRecord,
  GuestSpawnOptions,
  HostLogRecord,
  HostOptions,
  LoadOptions,
  LogOptions,
} from "./options.ts";
export { MoonletError } from "./otp/error.ts";
export type { ExitReason, Pid, ProcessInfo, Ref, RuntimeEvent } from "./otp/index.ts";
export { type Atom, atom, float, formatTerm, type Tuple, tuple } from "./otp/term/index.ts";
export { type CrashReport, crashReportJson } from "./report/crash-report.ts";
export { describeReason } from "./report/reason.ts";
export { renderCrashReport } from "./report/render-crash-report.ts";
export { renderReport } from "./report/render-report.ts";
export { reportJson } from "./report/report-json.ts";
export { renderTraceRecord, type TraceRenderOptions } from "./report/trace-line.ts";
export { GRANTS, type Grant, type GrantName, type Grants } from "./wasm/grant.ts";
export { DEFAULT_LIMITS, type Limits, type SubtreeLimits } from "./wasm/limits.ts";
export type { Network } from "./wasm/net/network.ts";
export type { Program } from "./wasm/program.ts";
export type { GrantRequest } from "./wasm/services.ts";
export type { Trap, TrapFrame, TrapKind } from "./wasm/trap.ts";

/** Creates a host. Dispose of it with `await using`, or call `close`. */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  return new Host(options);
}
