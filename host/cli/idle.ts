// What is said when every process waits for a message and nothing is left that could send one. Erlang would wait in silence.
import type { Runtime } from "../otp/index.ts";
import { printable } from "../report/printable.ts";

const MAX_SHOWN = 10;

export function describeIdleness(runtime: Runtime): string {
  const pids = runtime.processes();
  const lines = pids.slice(0, MAX_SHOWN).map((pid) => {
    const info = runtime.info(pid);
    const name = info?.registeredName ?? info?.label;
    const called = name === undefined ? "" : ` "${name}"`;
    const where = info?.currentFunction === undefined ? "" : ` in ${info.currentFunction}`;
    const waiting = info?.messageQueueLength ?? 0;
    const messages = waiting === 0 ? "" : `, with ${waiting} in its mailbox that it does not take`;
    return printable(`  ${pid}${called} (${info?.initialCall ?? "a process"}) waits${where}${messages}`);
  });
  if (pids.length > MAX_SHOWN) lines.push(`  ... and ${pids.length - MAX_SHOWN} more`);
  return [
    "every process waits for a message, and nothing is left that could send one; Ctrl-C stops the program",
    ...lines,
  ].join("\n");
}
