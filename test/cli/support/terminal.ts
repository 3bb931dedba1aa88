// Runs command lines in this process, on a terminal that remembers what it is shown.
import { runCli } from "../../../host/cli/cli.ts";
import type { InterruptSignal, Terminal } from "../../../host/cli/terminal.ts";

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A terminal on which signals are sent by `interrupt`. */
export class TestTerminal implements Terminal {
  readonly color = false;
  readonly input: string | AsyncIterable<Uint8Array>;
  outText = "";
  errText = "";
  readonly exits: number[] = [];
  readonly #handlers = new Set<(signal: InterruptSignal) => void>();
  readonly #idle = new Set<() => void>();
  readonly #decoder = new TextDecoder();
  #watches: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor(input: string | AsyncIterable<Uint8Array> = "") {
    this.input = input;
  }

  isTerminal(): boolean {
    return false;
  }
  out(data: string | Uint8Array): void {
    this.outText += typeof data === "string" ? data : this.#decoder.decode(data);
    this.#look();
  }
  err(data: string | Uint8Array): void {
    this.errText += typeof data === "string" ? data : this.#decoder.decode(data);
    this.#look();
  }
  onInterrupt(handler: (signal: InterruptSignal) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }
  onIdle(handler: () => void): () => void {
    this.#idle.add(handler);
    return () => this.#idle.delete(handler);
  }
  exit(code: number): void {
    this.exits.push(code);
  }

  interrupt(signal: InterruptSignal): void {
    for (const handler of [...this.#handlers]) handler(signal);
  }
  /** What Node does when its event loop is empty. */
  goIdle(): void {
    for (const handler of [...this.#idle]) handler();
  }

  /** Resolves when the text has been shown. */
  shown(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#watches.push({ text, resolve });
      this.#look();
    });
  }

  #look(): void {
    const seen = this.outText + this.errText;
    this.#watches = this.#watches.filter(({ text, resolve }) => {
      if (!seen.includes(text)) return true;
      resolve();
      return false;
    });
  }
}

/** The result of one command line, given as words. */
export async function cli(...argv: string[]): Promise<CliResult> {
  const terminal = new TestTerminal();
  const code = await runCli(argv, terminal);
  return { code, out: terminal.outText, err: normal(terminal.errText) };
}

/** The text with the time of day as `TIME` and the folder of the tests taken out. */
export function normal(text: string): string {
  return text.replace(/\d\d:\d\d:\d\d\.\d\d\d/g, "TIME").replaceAll(`${process.cwd()}/`, "");
}
