// What a program of the wasi-testsuite expects: its .json, in either of the two forms that the suite's specification has
// (doc/specification.md there), as one.
import { existsSync, readFileSync } from "node:fs";

export interface Expectation {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A folder beside the program, which it sees as "/". */
  readonly root: string | undefined;
  readonly exitCode: number;
  /** Undefined: anything. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
  /** Why the program cannot be run here; undefined if it can. */
  readonly leftOut: string | undefined;
}

interface Operation {
  readonly type: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly root?: string | null;
  readonly exit_code?: number;
  readonly id?: string;
  readonly payload?: string;
}

type Legacy = Omit<Operation, "type"> & { readonly stdout?: string; readonly stderr?: string };

/** Reads the expectation of `program`, a path that ends in .wasm. */
export function readExpectation(program: string): Expectation {
  const file = program.replace(/\.wasm$/, ".json");
  const given = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
  if (!("operations" in given) && !("proposals" in given)) return ofLegacy(given as Legacy);
  const operations = (given.operations ?? [{ type: "run" }, { type: "wait" }]) as readonly Operation[];
  const foreign = operations.find(({ type }) => !["run", "wait", "read"].includes(type));
  const proposals = (given.proposals ?? []) as readonly string[];
  const run = operations.find(({ type }) => type === "run");
  const read = (id: string) =>
    operations.find((operation) => operation.type === "read" && (operation.id ?? "stdout") === id);
  return {
    ...ofLegacy(run ?? {}),
    exitCode: operations.find(({ type }) => type === "wait")?.exit_code ?? 0,
    stdout: read("stdout") && (read("stdout")?.payload ?? ""),
    stderr: read("stderr") && (read("stderr")?.payload ?? ""),
    leftOut: foreign
      ? `needs the operation "${foreign.type}"`
      : proposals.length > 0
        ? `needs the proposals ${proposals.join(", ")}`
        : undefined,
  };
}

function ofLegacy({ args = [], env = {}, root, exit_code = 0, stdout, stderr }: Legacy): Expectation {
  return { args, env, root: root ?? undefined, exitCode: exit_code, stdout, stderr, leftOut: undefined };
}
