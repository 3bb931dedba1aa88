// Runs what it is told to, in a process of its own, so that one that crashes or hangs is noticed by whoever told it.
import { type Kind, runCases } from "./run-cases.ts";

// Whoever told it decides when it ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});

process.on("message", (task: { kind: Kind; first: number; count: number }) => {
  runCases(task.kind, task.first, task.count).then(
    (found) => process.send!(found),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
