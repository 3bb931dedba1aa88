// A whole run: the subjects that were asked for, one after the other.
import { type CompareOptions, compare, type SubjectResult } from "./compare.ts";
import { thisMachine } from "./machine.ts";
import type { Report } from "./report.ts";
import type { Subject } from "./subject.ts";

export interface RunOptions extends CompareOptions {
  readonly subjects: readonly Subject[];
  readonly otp: string | undefined;
  /** Told before each subject. */
  readonly progress?: (subject: Subject) => void;
}

export async function run(options: RunOptions): Promise<Report> {
  const machine = thisMachine(options.otp);
  const date = new Date().toISOString();
  const subjects: SubjectResult[] = [];
  for (const subject of options.subjects) {
    options.progress?.(subject);
    subjects.push(await compare(subject, options));
  }
  return { version: 1, date, machine, rounds: options.rounds, scale: options.scale, subjects };
}
