// Counts what happens in a runtime, for monitoring systems; adapters for Prometheus and OpenTelemetry stand on it. Counters are kept
// from the event stream from the moment in which somebody wants them; gauges are looked up when they are read. Unused, it costs nothing.
import { MoonletError } from "./error.ts";
import type { RuntimeEvent } from "./events.ts";
import { Histogram, type HistogramSnapshot } from "./histogram.ts";
import type { Process } from "./process.ts";
import { isAbnormal } from "./reports.ts";
import type { Runtime } from "./runtime.ts";

export interface MetricsOptions {
  /** Also how long slices take. Costs two looks at the clock per slice, a quarter to a half of a hop. Default false. */
  readonly slices?: boolean;
}

export type MetricLabels = Readonly<Record<string, string>>;

/** One metric with the values of all its labels. Names are without prefix and suffix: `messages_sent`. */
export type Metric = { readonly name: string; readonly help: string; readonly unit?: "bytes" | "seconds" } & (
  | {
      readonly type: "counter" | "gauge";
      readonly values: readonly { readonly labels: MetricLabels; readonly value: number }[];
    }
  | { readonly type: "histogram"; readonly histogram: HistogramSnapshot }
);

/** As in the lifecycle log: a clean exit, a crash, an end by an exit signal, an end over a link. */
const EXIT_KINDS = ["exit", "crash", "kill", "cascade"] as const;
type ExitKind = (typeof EXIT_KINDS)[number];

/** Processes whose mailboxes are looked at for a reading, spread over all. */
const SAMPLE = 1000;
const QUANTILES = [0.5, 0.9, 0.99, 1] as const;
const SLICE_SECONDS = [
  0.000_001, 0.000_01, 0.000_1, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1,
] as const;

export class Metrics {
  readonly #runtime: Runtime;
  readonly #unsubscribe: () => void;
  readonly #exits: Record<ExitKind, number> = { exit: 0, crash: 0, kill: 0, cascade: 0 };
  readonly #shed: Record<string, number> = { drop: 0, reject: 0, kill: 0 };
  readonly #reports: Record<string, number> = {
    crash: 0,
    progress: 0,
    supervisor: 0,
    terminated: 0,
    unexpected: 0,
  };
  readonly #slices: Histogram | undefined;
  #spawned = 0;
  #sent = 0;
  #received = 0;
  #exitSignals = 0;
  /** Of processes that have ended, less what those that lived at the start had used by then. */
  #reductions = 0;

  /** Counts from now on, until `close`. @throws MoonletError E_TIMED when others time this runtime's slices already. */
  constructor(runtime: Runtime, options: MetricsOptions = {}) {
    if (options.slices === true && runtime.scheduler.onSlice !== undefined)
      throw new MoonletError("E_TIMED", "the slices of this runtime are timed already, once is enough");
    this.#runtime = runtime;
    this.#unsubscribe = runtime.subscribe((event) => this.#count(event));
    for (const process of processesOf(runtime)) this.#reductions -= process.reductions;
    if (options.slices === true) {
      const slices = new Histogram(SLICE_SECONDS);
      this.#slices = slices;
      runtime.scheduler.onSlice = (ms) => slices.add(ms / 1000);
    }
  }

  /** Stops counting; what was counted stays. */
  close(): void {
    this.#unsubscribe();
    if (this.#slices !== undefined) this.#runtime.scheduler.onSlice = undefined;
  }

  /** All metrics as they are now. */
  read(): Metric[] {
    const { scheduler, timers, groups } = this.#runtime;
    const processes = processesOf(this.#runtime);
    let reductions = this.#reductions;
    let memoryBytes = 0;
    for (const process of processes) {
      reductions += process.reductions;
      memoryBytes += process.body?.memoryBytes ?? 0;
    }
    return [
      gauge("processes", "Processes alive.", processes.length),
      counter("processes_spawned", "Processes spawned.", this.#spawned),
      counterBy("process_exits", "Processes that ended, by how.", "kind", this.#exits),
      counter("messages_sent", "Messages put into mailboxes by processes and from outside.", this.#sent),
      counter("messages_received", "Messages taken out of mailboxes.", this.#received),
      counterBy("messages_shed", "Messages that found a mailbox full, by its policy.", "policy", this.#shed),
      counter("exit_signals", "Exit signals sent with exit/2.", this.#exitSignals),
      counterBy("reports", "Reports of behaviours, by type.", "type", this.#reports),
      counter("reductions", "Work done by processes, in reductions.", reductions),
      gauge("run_queue_length", "Processes that wait for their turn.", scheduler.runnable),
      gauge("timers", "Timers pending.", timers.size),
      gauge("registered_names", "Names registered.", this.#runtime.registered().length),
      gauge("groups", "Process groups that have members.", groups.groups().length),
      { ...gauge("memory", "Memory of guests alive.", memoryBytes), unit: "bytes" },
      mailboxes(processes),
      ...this.#sliceDurations(),
    ];
  }

  #sliceDurations(): Metric[] {
    if (this.#slices === undefined) return [];
    const help = "How long slices took. The microtasks of JavaScript processes are not in it.";
    const histogram = this.#slices.snapshot();
    return [{ name: "slice_duration", help, unit: "seconds", type: "histogram", histogram }];
  }

  #count(event: RuntimeEvent): void {
    switch (event.type) {
      case "sent":
        this.#sent++;
        return;
      case "received":
        this.#received++;
        return;
      case "spawned":
        this.#spawned++;
        return;
      case "exited":
        this.#exits[exitKind(event)]++;
        this.#reductions += event.reductions;
        return;
      case "exitSent":
        this.#exitSignals++;
        return;
      case "shed":
        this.#shed[event.policy] = (this.#shed[event.policy] ?? 0) + 1;
        return;
      case "report": {
        const { type } = event.report;
        if (type in this.#reports) this.#reports[type]!++;
        return;
      }
    }
  }
}

function exitKind({ reason, cause }: Extract<RuntimeEvent, { type: "exited" }>): ExitKind {
  if (!isAbnormal(reason)) return "exit";
  if (cause.type === "self") return "crash";
  return cause.type === "link" ? "cascade" : "kill";
}

function processesOf(runtime: Runtime): Process[] {
  return runtime
    .processes()
    .map((pid) => runtime.process(pid))
    .filter((process) => process !== undefined);
}

/** How many messages wait, as quantiles over the processes. */
function mailboxes(processes: readonly Process[]): Metric {
  const step = Math.max(1, processes.length / SAMPLE);
  const lengths: number[] = [];
  for (let at = 0; at < processes.length; at += step) lengths.push(processes[Math.floor(at)]!.mailbox.length);
  lengths.sort((a, b) => a - b);
  const values = QUANTILES.map((quantile) => ({
    labels: { quantile: String(quantile) },
    value: lengths[Math.max(0, Math.ceil(quantile * lengths.length) - 1)] ?? 0,
  }));
  const help = `Messages that wait in a mailbox, as quantiles over at most ${SAMPLE} processes.`;
  return { name: "mailbox_messages", help, type: "gauge", values };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", values: [{ labels: {}, value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", values: [{ labels: {}, value }] };
}

function counterBy(
  name: string,
  help: string,
  label: string,
  counts: Readonly<Record<string, number>>,
): Metric {
  const values = Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { name, help, type: "counter", values };
}
