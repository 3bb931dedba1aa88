// How far a long command is, on one line of a terminal that goes away again. Nothing is shown elsewhere, nor for what is done in a moment.
import type { Terminal } from "./terminal.ts";

const SILENT_MS = 300;
const BETWEEN_MS = 100;

export class Progress {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #now: () => number;
  #next: number;
  #width = 0;

  /** `now` is in milliseconds. */
  constructor(terminal: Terminal, what: string, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#what = what;
    this.#now = now;
    this.#next = terminal.isTerminal(2) ? now() + SILENT_MS : Number.POSITIVE_INFINITY;
  }

  /** `share` is 0 to 1. */
  show(share: number): void {
    if (this.#now() < this.#next) return;
    this.#next = this.#now() + BETWEEN_MS;
    const line = `${this.#what}: ${Math.floor(share * 100)} %`;
    this.#terminal.err(`\r${line.padEnd(this.#width)}`);
    this.#width = line.length;
  }

  clear(): void {
    if (this.#width > 0) this.#terminal.err(`\r${" ".repeat(this.#width)}\r`);
    this.#width = 0;
  }
}
