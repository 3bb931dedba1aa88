// A runtime's metrics in the text format of Prometheus (version 0.0.4), for an HTTP handler of the embedder's own.
import { type Metric, Metrics, type MetricsOptions } from "../otp/metrics.ts";
import type { Runtime } from "../otp/runtime.ts";

/** Send the text with this Content-Type. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const known = new WeakMap<Runtime, Metrics>();

/**
 * The metrics as text. Counting begins with the first call for a runtime and goes on for its life: call it once when you start, and then
 * with each scrape. `options` count in the first call.
 *
 *     createServer((_, response) => {
 *       response.setHeader("content-type", PROMETHEUS_CONTENT_TYPE);
 *       response.end(renderPrometheus(host.runtime));
 *     })
 */
export function renderPrometheus(runtime: Runtime, options: MetricsOptions = {}): string {
  let metrics = known.get(runtime);
  if (metrics === undefined) {
    metrics = new Metrics(runtime, options);
    known.set(runtime, metrics);
  }
  return renderMetrics(metrics.read());
}

/** Any metrics as text. */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics.map(renderMetric).join("");
}

function renderMetric(metric: Metric): string {
  const unit = metric.unit === undefined ? "" : `_${metric.unit}`;
  const name = `moonlet_${metric.name}${unit}${metric.type === "counter" ? "_total" : ""}`;
  const lines = [`# HELP ${name} ${escaped(metric.help)}`, `# TYPE ${name} ${metric.type}`];
  if (metric.type === "histogram") {
    const { buckets, sum, count } = metric.histogram;
    for (const { le, count } of buckets) lines.push(`${name}_bucket{le="${number(le)}"} ${count}`);
    lines.push(`${name}_sum ${number(sum)}`, `${name}_count ${count}`);
  } else {
    for (const { labels, value } of metric.values) lines.push(`${name}${labelText(labels)} ${number(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(
    ([key, value]) => `${key}="${escaped(value).replaceAll('"', '\\"')}"`,
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function number(value: number): string {
  return value === Number.POSITIVE_INFINITY ? "+Inf" : String(value);
}
