// Watching processes without touching them: node examples/observability/main.mjs
// The lifecycle log, the stream of events, a bounded trace, metrics for Prometheus, and a crash as data.
import { fileURLToPath } from "node:url";
import { atom, createHost, renderPrometheus, tuple } from "moonlet";

const lines = [];
const crashes = [];
const host = await createHost({
  grants: "all",
  log: { level: "debug", write: (record) => lines.push(record.event) },
  crashed: (report) => crashes.push(report),
});
const program = await host.load(fileURLToPath(new URL("guest.ts", import.meta.url)), { name: "guest.ts" });

// Every event, as long as somebody listens; without a listener none is even made.
const seen = new Map();
const stop = host.runtime.subscribe(({ type }) => seen.set(type, (seen.get(type) ?? 0) + 1));

const till = host.spawn(program, "till", { name: "till", label: "till" });

// A trace ends by itself: here after four records of what the till is asked and answers. `renderTraceRecord` makes lines of them.
const records = [];
const trace = host.runtime.trace({ limit: 4, names: ["till"], what: ["calls"] }, (record) =>
  records.push(record),
);
for (const amount of [5, 7, 9]) await host.call(till, tuple(atom("pay"), amount));
console.log("the trace is over:", !trace.active);
console.log("it saw:", records.map(({ type }) => type).join(" "));

stop();
console.log(
  "spawned:",
  seen.get("spawned") > 0,
  "sent:",
  seen.get("sent") > 0,
  "received:",
  seen.get("received") > 0,
);

await host.call(till, tuple(atom("pay"), -1)).catch(() => {});
const [crash] = crashes;
console.log("crash of", crash.name, "with", crash.reason.kind, "at line", crash.frames[0].line);
console.log("lifecycle:", [...new Set(lines)].join(" "));

const metrics = renderPrometheus(host.runtime);
console.log("metrics:", metrics.split("\n").filter((line) => line.startsWith("# HELP")).length > 5);
await host.close();
