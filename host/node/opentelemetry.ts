// A runtime's metrics for OpenTelemetry, through a Meter that the embedder brings along: no package of theirs is needed here.
import { type Metric, type MetricLabels, Metrics } from "../otp/metrics.ts";
import type { Runtime } from "../otp/runtime.ts";

/** What is needed of an observable instrument of `@opentelemetry/api`. */
export interface OtelObservable {
  addCallback(callback: OtelCallback): void;
  removeCallback(callback: OtelCallback): void;
}

export type OtelCallback = (result: { observe(value: number, attributes?: MetricLabels): void }) => void;

export interface OtelInstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
}

/** What is needed of a `Meter` of `@opentelemetry/api`; theirs is one. */
export interface OtelMeter {
  createObservableCounter(name: string, options?: OtelInstrumentOptions): OtelObservable;
  createObservableGauge(name: string, options?: OtelInstrumentOptions): OtelObservable;
}

const UNITS: Readonly<Record<NonNullable<Metric["unit"]>, string>> = { bytes: "By", seconds: "s" };
/** Instruments that are read at the same time share one reading. */
const FRESH_MS = 5;

/**
 * Counts from now on, and gives the metrics as `moonlet.processes`, `moonlet.messages.sent` and so on whenever the meter's reader
 * collects them. Returns a function that ends that.
 *
 *     const stop = observeRuntime(host.runtime, metrics.getMeter("moonlet"));
 */
export function observeRuntime(runtime: Runtime, meter: OtelMeter): () => void {
  const metrics = new Metrics(runtime);
  let reading = byName(metrics);
  let readAt = runtime.environment.now();
  const read = (name: string): Metric | undefined => {
    const now = runtime.environment.now();
    if (now - readAt >= FRESH_MS) {
      reading = byName(metrics);
      readAt = now;
    }
    return reading.get(name);
  };
  const stops = Array.from(reading.values(), (metric) => observe(meter, metric, () => read(metric.name)));
  return () => {
    for (const stop of stops) stop();
    metrics.close();
  };
}

function observe(meter: OtelMeter, metric: Metric, read: () => Metric | undefined): () => void {
  const name = `moonlet.${metric.name.replaceAll("_", ".")}`;
  const options: OtelInstrumentOptions = {
    description: metric.help,
    ...(metric.unit !== undefined && { unit: UNITS[metric.unit] }),
  };
  const instrument =
    metric.type === "counter"
      ? meter.createObservableCounter(name, options)
      : meter.createObservableGauge(name, options);
  const callback: OtelCallback = (result) => {
    const now = read();
    if (now === undefined || now.type === "histogram") return;
    for (const { labels, value } of now.values) result.observe(value, labels);
  };
  instrument.addCallback(callback);
  return () => instrument.removeCallback(callback);
}

function byName(metrics: Metrics): Map<string, Metric> {
  return new Map(metrics.read().map((metric) => [metric.name, metric]));
}
