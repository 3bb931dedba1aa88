// Erlang/OTP for TypeScript: the public names of `moonlet/otp`.
export { Account, type Bounds, type LimitInfo, type Scope, UNBOUNDED, type Use } from "./account.ts";
export type { Body, BodyFactory, Outcome } from "./body.ts";
export { PAUSED, WAITING, YIELDED } from "./body.ts";
export { Context, type ReadOptions, type ReceiveOptions } from "./context.ts";
export type {
  DownMessage,
  ExitMessage,
  GroupMessage,
  NameOnNode,
  TimeoutMessage,
  TimerResultMessage,
} from "./envelope.ts";
export { Envelope } from "./envelope.ts";
export { defaultEnvironment, type Environment } from "./environment.ts";
export { MoonletError } from "./error.ts";
export type { EventListener, RuntimeEvent } from "./events.ts";
export { type ErrorReason, Exit, type ExitReason, type TrapReason } from "./exit.ts";
export * as Sys from "./gen/sys.ts";
export type { EventHandler } from "./gen-event/handler.ts";
export { handled, handledCall, removeHandler, swapHandler } from "./gen-event/handler.ts";
export * as GenEvent from "./gen-event/index.ts";
export type { GenServerCallbacks } from "./gen-server/callbacks.ts";
export * as GenServer from "./gen-server/index.ts";
export { ignore, noreply, reply, started, stop, stopReply } from "./gen-server/results.ts";
export type { GenStatemCallbacks } from "./gen-statem/callbacks.ts";
export * as GenStatem from "./gen-statem/index.ts";
export {
  cancelTimeout,
  hibernate,
  initial,
  keepState,
  keepStateAndData,
  namedTimeout,
  nextEvent,
  nextState,
  postpone,
  repeatState,
  repeatStateAndData,
  replyTo,
  stateTimeout,
  stopAndReply,
  timeout,
  updateTimeout,
} from "./gen-statem/results.ts";
export { Groups } from "./groups.ts";
export type { HistogramSnapshot } from "./histogram.ts";
export type { InfoItem, ProcessInfo, ProcessInfoItems, ProcessStatus } from "./info.ts";
export { type Bound, LateBound } from "./late-bound.ts";
export type { LogLevel, LogRecord, LogSink } from "./lifecycle.ts";
export { type EncodedFilter, Mailbox, type MailboxLimit, type MailboxPolicy } from "./mailbox.ts";
export { type MessageId, type MessageStore, MOST_BLOCK_BYTES } from "./message-store.ts";
export { type Metric, type MetricLabels, Metrics, type MetricsOptions } from "./metrics.ts";
export type { DemonitorOptions, MonitorAlias, MonitorOptions, MonitorTarget } from "./monitors.ts";
export { Pid } from "./pid.ts";
export { Process } from "./process.ts";
export { type Alias, type MonitorRef, Ref, type TimerRef } from "./ref.ts";
export type { ChildReport, Report, SystemEvent } from "./reports.ts";
export { type Address, isFull } from "./route.ts";
export type { Priority } from "./run-queue.ts";
export { type ProcessFunction, Runtime, type RuntimeOptions } from "./runtime.ts";
export type { CancelOptions, TimerOptions } from "./send-timers.ts";
export type { SpawnOptions } from "./spawn-options.ts";
export { type Started, type StartOptions, start } from "./start.ts";
export { openStream, type ReadResult, StreamReader, StreamWriter } from "./stream.ts";
export { pumpFrom, pumpInto } from "./stream-pumps.ts";
export * as Supervisor from "./supervisor/index.ts";
export type { ChildSpec, SupervisorSpec } from "./supervisor/spec.ts";
export * as Ets from "./table/index.ts";
export * as Task from "./task/index.ts";
export * from "./term/index.ts";
export { Timer, type Timers } from "./timers.ts";
export type { Trace, TraceKind, TraceLimit, TraceOptions, TraceSink } from "./trace.ts";
export type { TracedTerm, TraceRecord } from "./trace-record.ts";
