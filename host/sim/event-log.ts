// What happened in a simulated world: one line per event, and a hash over all of them. Two runs are the same when their hashes are.
import type { Pid } from "../otp/index.ts";
import { formatTime } from "./duration.ts";

/** One thing that happened. */
export interface SimEvent {
  /** Virtual milliseconds since the world began. */
  readonly at: number;
  /** Causal address of the process it happened to: `P.2.1`; `P` is the world outside. */
  readonly process: string;
  readonly pid: Pid | undefined;
  /** A runtime event's type ("spawned", "exited", "sent", ...), or the simulation's own: "fault", "logged", "wrote", "reached". */
  readonly type: string;
  /** What happened, with symbolic names for processes and references. */
  readonly text: string;
  /** The exit reason of an "exited". */
  readonly reason?: unknown;
}

export class EventLog {
  readonly events: SimEvent[] = [];
  #a = 0x811c9dc5;
  #b = 0x2545f491;

  add(event: SimEvent): void {
    this.events.push(event);
    this.#mix(formatEvent(event));
  }

  get length(): number {
    return this.events.length;
  }

  /** One line per event: time, process, what happened. */
  get lines(): string[] {
    return this.events.map(formatEvent);
  }

  /** 16 hexadecimal digits over all lines so far. */
  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return hex(this.#a) + hex(this.#b);
  }

  toString(): string {
    return this.lines.join("\n");
  }

  #mix(line: string): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ (code + (a >>> 17)), 0x5bd1e995);
      b ^= b >>> 15;
    }
    this.#a = Math.imul(a ^ 10, 0x01000193);
    this.#b = b;
  }
}

export function formatEvent(event: SimEvent): string {
  return `${formatTime(event.at)}  ${event.process.padEnd(8)} ${event.text}`;
}

/** Where two runs part: the number of the first line that differs, from 0, and both lines. */
export interface Difference {
  readonly index: number;
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/** undefined when both logs say the same. */
export function firstDifference(first: EventLog, second: EventLog): Difference | undefined {
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const [a, b] = [first.events[index], second.events[index]].map((event) => event && formatEvent(event));
    if (a !== b) return { index, first: a, second: b };
  }
  return undefined;
}
