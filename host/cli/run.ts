// moonlet run: loads a program, runs its main process until that ends, and says how.
import type { Host } from "../host.ts";
import type { ExitReason, Pid, Process } from "../otp/index.ts";
import { isAbnormal } from "../otp/reports.ts";
import { type CrashReport, crashReportJson, reasonJson } from "../report/crash-report.ts";
import { isTrap } from "../report/reason.ts";
import { GRANTS } from "../wasm/grant.ts";
import type { Command } from "./command.ts";
import { EXIT, programExitCode } from "./exit-code.ts";
import { describeIdleness } from "./idle.ts";
import {
  readDirectories,
  readGrants,
  readLimits,
  readLogLevel,
  readStack,
  readVariables,
  STACK_OPTION,
} from "./run-options.ts";
import { JsonOutput, type RunOutput, TextOutput, withExcerpt } from "./run-output.ts";
import { type InterruptSignal, SIGNAL_EXIT_CODES, type Terminal } from "./terminal.ts";

/** How long an interrupted program has to stop in order. */
const STOP_TIMEOUT_MS = 5000;

export const run: Command = {
  name: "run",
  summary: "run a program until its main process ends",
  usage: "<program> [options] [-- arguments]",
  options: {
    entry: { value: "NAME", help: "the exported function to begin with (default: main, else _start)" },
    grant: {
      value: "LIST",
      many: true,
      help: `all (default), none, or some of ${Object.keys(GRANTS).join(",")}`,
    },
    dir: {
      value: "HOST[::GUEST[::read]]",
      many: true,
      help: "give the program a directory, under another name, for reading only; as wasmtime's --dir",
    },
    env: {
      value: "NAME[=VALUE]",
      many: true,
      help: "give it an environment variable, or the one that moonlet itself has",
    },
    labels: { help: "begin each line that is printed with the process that printed it" },
    limit: {
      value: "LIST",
      many: true,
      help: "per process: memory=64MB,fuel=1e9,walltime=30s,...; of all together: subtree.memory=1GB,subtree.processes=100,...",
    },
    audit: {
      value: "FILE",
      help: "append what it was given, refused and limited to as lines of JSON; - is standard error",
    },
    stack: STACK_OPTION,
    log: { value: "LEVEL", help: "off, error, warn, info (default) or debug" },
    "no-cache": { help: "compile anew, and keep nothing in the cache of compiled programs" },
    json: {
      help: "the result as JSON to standard output; logs, reports and what the program prints as JSON lines",
    },
  },
  takesRest: true,
  notes: [
    "A program is a file that ends in .ts (AssemblyScript), .wat or .wasm. What follows -- reaches its main process as",
    "its argument, a list of texts; for a WASI program these are its arguments. The exit code is 0 when the main process",
    "ends with the reason normal, shutdown or {shutdown, _}, the program's own when that ended itself with one (proc_exit),",
    "134 when a WASI program traps, and 1 when it ends otherwise; all other processes are stopped then.",
    "",
    "A WASI program reads this command's standard input. It sees no file and no environment variable but those that --dir",
    "and --env give it.",
    "",
    "Ctrl-C sends shutdown to the main process and waits up to 5 seconds; a second one ends everything at once.",
    "",
    "A .wasm file made by `moonlet build` is run as it is. Only run such files when you trust who built them: a module",
    "that claims to be instrumented and is not can keep the whole process busy for ever.",
  ],
  async run(args, terminal) {
    const path = args.only("a program", run);
    const settings = {
      grants: readGrants(args.values("grant")),
      level: readLogLevel(args.value("log") ?? "info"),
      directories: readDirectories(args.values("dir")),
      env: readVariables(args.values("env")),
      ...readLimits(args.values("limit")),
    };
    const { createHost } = await import("../index.ts");
    const { processVariables } = await import("../node/process-environment.ts");
    const { readSourceText } = await import("../node/source-text.ts");
    const Output = args.has("json") ? JsonOutput : TextOutput;
    const output: RunOutput = new Output(terminal, readSourceText);
    const session = new Session(output);
    const audit = args.value("audit");
    const host = await createHost({
      ...(audit !== undefined && {
        audit: audit === "-" ? (record) => terminal.err(`${JSON.stringify(record)}\n`) : audit,
      }),
      cache: !args.has("no-cache"),
      limits: settings.limits,
      grants: settings.grants,
      directories: settings.directories,
      env: settings.env(processVariables),
      stdin: terminal.input,
      isTerminal: (stream) => terminal.isTerminal(stream),
      output: args.has("labels") ? "labelled" : "plain",
      ...(settings.maxProcesses !== undefined && { maxProcesses: settings.maxProcesses }),
      log: { level: settings.level, write: (record) => output.log(record) },
      crashed: (report) => session.crashed(report, settings.level !== "off"),
      write: (stream, bytes, pid) => output.write(stream, bytes, pid),
    });
    const program = await host.load(path, { trusted: true, ...readStack(args.value("stack")) });
    const entry = args.value("entry") ?? program.defaultEntry;
    const { environment } = host.runtime;
    const started = environment.now();
    session.main = host.spawn(program, entry, { args: args.rest ?? [] });
    const main = host.runtime.process(session.main)!;
    const end = await untilEnd(host, main, terminal, output, () => session.stop());
    await host.close({ timeoutMs: 0 });
    if (args.has("json")) {
      const ms = Math.round(environment.now() - started);
      terminal.out(
        `${JSON.stringify(result(end, exitCode(end, entry), main, session.report, ms, readSourceText))}\n`,
      );
    }
    return exitCode(end, entry);
  },
};

type End =
  | { readonly type: "exited"; readonly reason: ExitReason }
  | { readonly type: "interrupted"; readonly signal: InterruptSignal; readonly reason: ExitReason };

/** Which crashes are told, and what became of the main process. */
class Session {
  readonly #output: RunOutput;
  #isStopping = false;
  main: Pid | undefined;
  report: CrashReport | undefined;

  constructor(output: RunOutput) {
    this.#output = output;
  }

  /** From now on processes are ended from outside, and that is no news. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Others than the main process only when they ended by themselves: who dies over a link has nothing new to tell. */
  crashed(report: CrashReport, tellOthers: boolean): void {
    const isMain = report.pid === this.main;
    // It said by itself how it ended, and the exit code passes it on.
    if (isMain && programExitCode(report.reason) !== undefined) return;
    if (isMain) this.report = report;
    const byItself = report.cause.type === "self";
    if (byItself ? isMain || tellOthers : isMain && !this.#isStopping) this.#output.crash(report);
  }
}

/** Waits for the main process to end, which an interrupt brings about too. */
async function untilEnd(
  host: Host,
  main: Process,
  terminal: Terminal,
  output: RunOutput,
  onStop: () => void,
): Promise<End> {
  const exited = host.exited(main.pid);
  let stopping: Promise<End> | undefined;
  const stopListening = terminal.onInterrupt((signal) => {
    if (stopping) return terminal.exit(SIGNAL_EXIT_CODES[signal]);
    onStop();
    output.say(`${signal}: stopping; once more to end at once`);
    const closed = host.close({ timeoutMs: STOP_TIMEOUT_MS });
    stopping = closed.then(async () => {
      const reason = await exited;
      if (reason === "killed")
        output.say(`the main process did not stop within ${STOP_TIMEOUT_MS / 1000} s and was killed`);
      return { type: "interrupted", signal, reason };
    });
  });
  const stopWatching = terminal.onIdle(() => output.say(describeIdleness(host.runtime)));
  const reason = await exited;
  const end = (await stopping) ?? { type: "exited", reason };
  stopListening();
  stopWatching();
  return end;
}

/** `entry`: where the main process began; that of a WASI command is `_start`. */
function exitCode(end: End, entry: string): number {
  if (end.type === "interrupted") return SIGNAL_EXIT_CODES[end.signal];
  const own = programExitCode(end.reason);
  if (own !== undefined) return own;
  if (!isAbnormal(end.reason)) return EXIT.ok;
  return entry === "_start" && isTrap(end.reason) ? EXIT.trapped : EXIT.guestFailed;
}

function result(
  end: End,
  code: number,
  main: Process,
  report: CrashReport | undefined,
  ms: number,
  readSource: (file: string) => string | undefined,
): Record<string, unknown> {
  return {
    ok: code === EXIT.ok,
    end: end.type,
    exitCode: code,
    ...(end.type === "interrupted" && { signal: end.signal }),
    reason: reasonJson(end.reason),
    fuel: main.reductions,
    ms,
    report: report ? crashReportJson(withExcerpt(report, readSource)) : null,
  };
}
