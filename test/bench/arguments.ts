// The command line of the benchmarks.
import { parseArgs } from "node:util";
import type { Subject } from "./subject.ts";
import { SUBJECTS } from "./subjects/index.ts";

export interface Arguments {
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  readonly scale: number;
  readonly json: boolean;
}

const USAGE = `usage: npm run bench -- [--only NAME]... [--rounds N] [--scale X] [--json]

  --only NAME   a subject, or all whose names begin with NAME; may be repeated. Default all
  --rounds N    rounds that count. Default 7
  --scale X     operations of a round, times X. Default 1
  --json        the report as JSON

Subjects: ${SUBJECTS.map((subject) => subject.name).join(", ")}`;

/** Throws an error with what is wrong and how it is used. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      rounds: { type: "string", default: "7" },
      scale: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  const scale = Number(values.scale);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: expected 1 or more\n\n${USAGE}`);
  if (!(scale > 0)) throw new Error(`--scale ${values.scale}: expected a number above 0\n\n${USAGE}`);
  return { subjects: chosen(values.only), rounds, scale, json: values.json };
}

function chosen(only: readonly string[] | undefined): readonly Subject[] {
  if (!only) return SUBJECTS;
  for (const name of only) {
    if (!SUBJECTS.some((subject) => subject.name.startsWith(name)))
      throw new Error(`--only ${name}: there is no such subject\n\n${USAGE}`);
  }
  return SUBJECTS.filter((subject) => only.some((name) => subject.name.startsWith(name)));
}
