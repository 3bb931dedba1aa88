// Guests' output with the writer's name before each line.
import type { Pid } from "../otp/index.ts";
import type { WriteOutput } from "../wasm/surroundings.ts";
import { printable } from "./printable.ts";

const NEWLINE = 10;
const LINE_END = Uint8Array.of(NEWLINE);

/** What is known of a process that writes. */
interface Writer {
  readonly name: string | undefined;
  readonly label: string | undefined;
}

/**
 * Writes `<0.5.0> name: ` before each line: the registered name or else the label, or the pid alone. What is left of a line when its writer
 * waits or ends becomes a line.
 */
export function labelledOutput(write: WriteOutput, find: (pid: Pid) => Writer | undefined): WriteOutput {
  const encoder = new TextEncoder();
  return (stream, bytes, pid) => {
    const writer = find(pid);
    const name = writer?.name ?? writer?.label;
    const prefix = encoder.encode(`${pid}${name === undefined ? "" : ` ${printable(name)}`}: `);
    const parts: Uint8Array[] = [];
    for (let start = 0; start < bytes.length; ) {
      const found = bytes.indexOf(NEWLINE, start);
      const end = found < 0 ? bytes.length : found;
      parts.push(prefix, bytes.subarray(start, end), LINE_END);
      start = end + 1;
    }
    return write(stream, joined(parts), pid);
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
