// The metrics of a runtime in Prometheus' text format.
import { expect, it } from "vitest";
import { renderMetrics, renderPrometheus } from "../../host/node/prometheus.ts";
import { waiter, world } from "../otp/support/world.ts";

it("counting begins with the first call, and each call gives the state of that moment", async () => {
  const { runtime, environment } = world();
  runtime.spawn(waiter);
  expect(runtime.events.active).toBe(false);
  expect(renderPrometheus(runtime)).toContain("\nmoonlet_processes_spawned_total 0\n");
  runtime.kill(runtime.spawn(waiter));
  await environment.settle();
  const text = renderPrometheus(runtime);
  expect(text).toContain(
    "# HELP moonlet_processes Processes alive.\n# TYPE moonlet_processes gauge\nmoonlet_processes 1\n",
  );
  expect(text).toContain("\nmoonlet_processes_spawned_total 1\n");
  expect(text).toContain(
    '# TYPE moonlet_process_exits_total counter\nmoonlet_process_exits_total{kind="exit"} 0\nmoonlet_process_exits_total{kind="crash"} 0\nmoonlet_process_exits_total{kind="kill"} 1\n',
  );
  expect(text).toContain('moonlet_mailbox_messages{quantile="0.99"} 0\n');
  expect(text).toContain("\nmoonlet_memory_bytes 0\n");
});

it("every line is a comment or a sample, and each metric is described once", () => {
  const { runtime } = world();
  const text = renderPrometheus(runtime, { slices: true });
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.trimEnd().split("\n");
  const sample = /^moonlet_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (-?[0-9.e+-]+|\+Inf)$/;
  for (const line of lines) {
    if (!line.startsWith("# ")) expect(line).toMatch(sample);
  }
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  expect(new Set(types).size).toBe(types.length);
  expect(text).toContain('moonlet_slice_duration_seconds_bucket{le="+Inf"} 0\n');
});

it("a histogram has its buckets, sum and count; labels and help are escaped", () => {
  const histogram = {
    buckets: [
      { le: 1, count: 2 },
      { le: Number.POSITIVE_INFINITY, count: 3 },
    ],
    sum: 4.5,
    count: 3,
  };
  const text = renderMetrics([
    { name: "h", help: "a\nb\\", unit: "seconds", type: "histogram", histogram },
    { name: "g", help: "", type: "gauge", values: [{ labels: { l: 'q"\n' }, value: 1 }] },
  ]);
  expect(text).toBe(
    [
      "# HELP moonlet_h_seconds a\\nb\\\\",
      "# TYPE moonlet_h_seconds histogram",
      'moonlet_h_seconds_bucket{le="1"} 2',
      'moonlet_h_seconds_bucket{le="+Inf"} 3',
      "moonlet_h_seconds_sum 4.5",
      "moonlet_h_seconds_count 3",
      "# HELP moonlet_g ",
      "# TYPE moonlet_g gauge",
      'moonlet_g{l="q\\"\\n"} 1',
      "",
    ].join("\n"),
  );
});
