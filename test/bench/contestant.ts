// One side of a subject, ready to run rounds: in this program, or in one of its own that is asked line by line.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { percentile } from "./statistics.ts";
import type { Figure, Side } from "./subject.ts";

export interface Contestant {
  round(count: number): Promise<Figure>;
  close(): void;
}

/** Runs a side in this program. */
export async function inProcess(side: Side, folder: string): Promise<Contestant> {
  if (!side.prepare) throw new Error("this side runs on the BEAM only");
  const round = await side.prepare(folder);
  return { round, close: () => {} };
}

/**
 * Runs a side in a program that answers each count with a line: a figure and a check if there is one; `samples` and numbers; or `error` and
 * words.
 */
export function inProgram(command: string, args: readonly string[]): Contestant {
  return new Program(spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] }), command);
}

class Program implements Contestant {
  readonly #child: ChildProcess;
  readonly #command: string;
  #answer: ((line: string) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(child: ChildProcess, command: string) {
    this.#child = child;
    this.#command = command;
    createInterface({ input: child.stdout! }).on("line", (line) => this.#answer?.(line));
    child.on("error", (error) => this.#fail?.(error));
    child.on("exit", (code, signal) => {
      this.#fail?.(new Error(`${command} ended before it answered (${signal ?? `exit code ${code}`})`));
    });
  }

  async round(count: number): Promise<Figure> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#child.stdin!.write(`${count}\n`);
    });
    const [figure, check] = line.split(" ");
    if (figure === "samples") {
      const samples = line.split(" ").slice(1).map(Number);
      return { value: percentile(samples, 0.5), samples };
    }
    const value = Number(figure);
    if (Number.isNaN(value)) throw new Error(`${this.#command}: ${line}`);
    return { value, ...(check !== undefined && { check }) };
  }

  close(): void {
    this.#fail = undefined;
    this.#child.stdin!.end();
  }
}
