/// <reference lib="esnext.disposable" preserve="true" />
// The host: one runtime, the programs it has loaded, and what its guests get from outside. One subject: what an embedder calls, and how a
// spawn comes about.

import { startAudit } from "./audit.ts";
import { call } from "./call.ts";
import { changeCode } from "./change-code.ts";
import { stopRoots } from "./close.ts";
import { Directories } from "./directories.ts";
import { answering, lend, partOf, tellGrants } from "./lending.ts";
import { BackgroundCompiler } from "./node/background-compiler.ts";
import { cacheDirectory } from "./node/cache-directory.ts";
import { publishDiagnostics } from "./node/diagnostics.ts";
import { nodeEnvironment } from "./node/environment.ts";
import { nodeFileSystem } from "./node/file-system.ts";
import { type LogSinks, logSinks } from "./node/log-sinks.ts";
import {
  defaultMailboxBytes,
  defaultMemoryBytes,
  defaultParkedBytes,
  defaultProcesses,
  defaultTableElements,
} from "./node/memory-size.ts";
import { nodeNetwork } from "./node/network.ts";
import { processVariables } from "./node/process-environment.ts";
import { ProgramStore } from "./node/program-store.ts";
import type {
  CallOptions,
  ChangeCodeOptions,
  CloseOptions,
  GuestSpawnOptions,
  HostOptions,
  LoadOptions,
} from "./options.ts";
import { MoonletError } from "./otp/error.ts";
import {
  type Account,
  type ExitReason,
  type MonitorOptions,
  type Pid,
  type Process,
  type ProcessInfo,
  type Ref,
  Runtime,
  type SpawnOptions,
} from "./otp/index.ts";
import { isAbnormal } from "./otp/reports.ts";
import { encodeTerm, tuple } from "./otp/term/index.ts";
import { type CrashReport, crashReport } from "./report/crash-report.ts";
import { labelledOutput } from "./report/labelled-output.ts";
import { spawnerOf } from "./spawner.ts";
import { surroundingsOf } from "./surroundings-of.ts";
import { readVariables } from "./variables.ts";
import { addressReader } from "./wasm/address-reader.ts";
import { CodeReferences } from "./wasm/code-references.ts";
import { type Grant, type GrantSet, grantSet } from "./wasm/grant.ts";
import { Guest } from "./wasm/guest.ts";
import { type GuestPlan, planWith, Repeated, SharedArgument } from "./wasm/guest-plan.ts";
import { InstancePool, type PoolInfo } from "./wasm/instance-pool.ts";
import {
  DEFAULT_LIMITS,
  lowerLimits,
  mailboxBytes,
  ownBounds,
  type ProcessLimits,
  type SubtreeLimits,
  withLimits,
} from "./wasm/limits.ts";
import { checkGrants } from "./wasm/link.ts";
import { Loans } from "./wasm/loans.ts";
import { LogThrottle } from "./wasm/log-throttle.ts";
import { expectProcess, processAccount, subtreeAccount, subtreeOf } from "./wasm/metering.ts";
import type { Program } from "./wasm/program.ts";
import { ReceiveFilters } from "./wasm/receive-filter.ts";
import { ReferenceReader } from "./wasm/reference-reader.ts";
import type { Services } from "./wasm/services.ts";
import type { SpawnRequest } from "./wasm/spawn-request.ts";
import { StandardInput } from "./wasm/standard-input.ts";
import { capabilitiesOf, type Surroundings } from "./wasm/surroundings.ts";

/** As the BEAM's. */
const DEFAULT_MAX_TABLE_BYTES = 2 ** 30;
/** In a second, of one family of guests. */
const AUDIT_EVENTS = 100;
/** Iterations and calls: a slice takes some 50 us. The scheduler looks at the clock after eight full ones. */
export const DEFAULT_SLICE_FUEL = 20_000;

/** What an argument may have without counting towards the memory of the process. */
const SMALL_ARGUMENT_BYTES = 1024;

interface ProcessOptions extends Pick<SpawnOptions, "name" | "label" | "priority" | "maxMailbox"> {
  readonly link: boolean;
  readonly monitor: boolean | MonitorOptions;
}

/** What is spawned: a guest's request, or an embedder's. */
interface Wanted extends Pick<SpawnRequest, "entry" | "argument"> {
  readonly options: ProcessOptions;
}

/** Made by `createHost`. */
export class Host {
  /** The core, for JavaScript processes beside the guests. */
  readonly runtime: Runtime;
  readonly #references: ReferenceReader;
  readonly #compiler = new BackgroundCompiler();
  readonly #programs: ProgramStore;
  readonly #limits: ProcessLimits;
  readonly #subtree: SubtreeLimits | undefined;
  readonly #grants: GrantSet;
  readonly #directories: Directories;
  readonly #surroundings: Surroundings;
  readonly #services: Services;
  readonly #pool: InstancePool;
  readonly #code = new CodeReferences();
  readonly #plans = new WeakMap<Program, GuestPlan>();
  readonly #crashed: ((report: CrashReport) => void) | undefined;
  readonly #loans: Loans;
  readonly #unpublish: () => void;
  readonly #endAudit: () => void;
  #closed = false;

  constructor(options: HostOptions = {}) {
    const sinks: LogSinks = logSinks(options.log ?? "off");
    this.#programs = new ProgramStore(cacheDirectory(options.cache), this.#compiler);
    this.#limits = withLimits(DEFAULT_LIMITS, options.limits);
    this.#subtree = options.limits?.subtree;
    this.#grants = grantSet(options.grants);
    this.#directories = new Directories(options.fileSystem ?? nodeFileSystem, options.directories);
    this.#surroundings = {
      directories: this.#directories.all,
      variables: readVariables(options.env, processVariables),
      input: options.stdin === undefined ? undefined : new StandardInput(options.stdin),
    };
    this.#crashed = options.crashed;
    this.runtime = new Runtime({
      maxProcesses: options.maxProcesses ?? defaultProcesses,
      maxMailboxBytes: options.maxMailboxBytes ?? defaultMailboxBytes,
      maxTableBytes: options.maxTableBytes ?? DEFAULT_MAX_TABLE_BYTES,
      sliceReductions: options.sliceFuel ?? DEFAULT_SLICE_FUEL,
      logLevel: sinks.level,
      log: sinks.lifecycle,
      environment: options.environment ?? nodeEnvironment(),
      ...(options.name !== undefined && { name: options.name }),
    });
    this.#references = new ReferenceReader(this.runtime);
    this.#pool = new InstancePool({
      maxParkedBytes: defaultParkedBytes,
      maxMemoryBytes: defaultMemoryBytes,
      maxTableElements: defaultTableElements,
      ...options.pool,
      runtime: this.runtime,
      watchesCalls: options.faults !== undefined,
    });
    this.#loans = new Loans(this.runtime);
    this.#unpublish = publishDiagnostics(this.runtime);
    this.#endAudit = startAudit(this.runtime, options.audit, (text) =>
      sinks.audit(text, this.runtime.environment.wallTime()),
    );
    this.#services = {
      log: (level, text, pid, label) =>
        sinks.guest(level, text, pid, label, this.runtime.environment.wallTime()),
      write:
        options.output === "labelled"
          ? labelledOutput(options.write ?? sinks.write, (pid) => this.runtime.process(pid))
          : (options.write ?? sinks.write),
      reachable: options.reachable ?? (() => {}),
      network: options.network ?? nodeNetwork,
      compile: options.compile ?? ((bytes, name) => this.#compiler.compile(bytes, name)),
      ...(options.isTerminal && { isTerminal: options.isTerminal }),
      ...(options.faults && { faults: options.faults }),
      ...(options.ask && { ask: answering(options.ask) }),
    };
  }

  /**
   * Loads a program: a path to .ts (AssemblyScript), .wat or .wasm, or the bytes of a module. Compiled and instrumented once, however
   * often it is loaded. Throws a MoonletError that says what is wrong with it, CompileError for AssemblyScript.
   */
  load(source: string | Uint8Array, options: LoadOptions = {}): Promise<Program> {
    return this.#programs.load(source, options);
  }

  /**
   * Forgets a program: what was compiled, and the instances that wait for the next process. Processes that run it go on, and it can still be
   * spawned. For hosts that load programs of others for as long as they live.
   */
  async unload(program: Program): Promise<void> {
    this.#pool.forget(program);
    await this.#programs.forget(program);
  }

  /**
   * Spawns a guest. Throws a MoonletError when the program has no such entry or needs what is not granted, or system_limit when there
   * are too many processes; everything later is the guest's exit reason.
   */
  spawn(program: Program, entry: string = program.defaultEntry, options: GuestSpawnOptions = {}): Pid {
    this.#assertOpen();
    program.checkEntry(entry);
    const grants = options.grants === undefined ? this.#grants : partOf(this.#grants, options.grants);
    // Where a guest can ask, it may get later what it lacks.
    if (!this.#services.ask) checkGrants(program.name, program.module, grants);
    const spawner = spawnerOf(this.runtime, options);
    const limits = options.limits === undefined ? this.#limits : withLimits(this.#limits, options.limits);
    const subtree = options.limits?.subtree ?? this.#subtree;
    const argument = options.args === undefined ? undefined : encodeTerm(options.args);
    const surroundings = surroundingsOf(this.#surroundings, this.#directories, options);
    const plan = this.#planFor(program, limits, grants, surroundings);
    try {
      const wanted: ProcessOptions = {
        link: options.link !== undefined,
        monitor: options.monitor !== undefined,
        name: options.name,
        label: options.label,
        priority: options.priority,
      };
      const account = subtree && subtreeAccount(subtree, undefined);
      return this.#spawn(spawner, plan, account, undefined, { entry, argument, options: wanted }).pid;
    } catch (error) {
      this.#directories.abandon(surroundings.directories);
      throw error;
    }
  }

  /** Sends a message from outside. Nobody there is no error, except for a name. */
  send(to: Pid | string, message: unknown): void {
    this.runtime.send(to, message);
  }

  /**
   * Calls a process that answers as a gen_server does, and gives its reply. Rejects with a MoonletError E_CALL_FAILED whose `cause` is
   * the exit reason when it dies or is not there, and E_TIMEOUT when the time is over; a late reply goes nowhere.
   */
  call(to: Pid | string, request: unknown, options: CallOptions = {}): Promise<unknown> {
    this.#assertOpen();
    return call(this.runtime, to, request, options);
  }

  /**
   * Gives a living guest another program. It stays the process that it is, with pid, name, links, monitors, messages, dictionary, timers and
   * tables; the new program gets its state as a term, and has the limits and grants that the process has. As OTP's release handler does:
   * suspends, changes and resumes; until the new program is ready the old one is kept, and goes on as it was if the new one traps, uses too much
   * fuel, refuses the state or needs what the process has not been granted.
   * Rejects with a MoonletError E_CODE_CHANGE whose `cause` is the reason, E_TIMEOUT when the time is over (the old program goes on then), noproc.
   */
  changeCode(pid: Pid, program: Program, options: ChangeCodeOptions = {}): Promise<void> {
    this.#assertOpen();
    return changeCode(this.runtime, pid, program, options);
  }

  /**
   * A reference by which this process, and nobody else, can change to a program with `code.change`, or its behaviour with sys:change_code: for
   * those that are told in messages of their own. `entry` is where the program takes over, "code_change" by default. The reference ends with
   * the process. @throws MoonletError noproc.
   */
  lendCode(pid: Pid, program: Program, entry?: string): Ref {
    this.#assertOpen();
    const process = this.runtime.process(pid);
    if (process === undefined)
      throw new MoonletError("noproc", `${pid}, which code is lent to, is not alive`);
    return this.#code.lend(process, program, entry);
  }

  /**
   * Lends a grant to a living guest until `revoke` is called: its children do not get it, and those that it lends it on to lose it then, too.
   * A use after that answers `revoked`. @throws MoonletError noproc, E_UNKNOWN_GRANT, E_GRANT.
   */
  lend(pid: Pid, grant: Grant): { readonly revoke: () => void } {
    this.#assertOpen();
    return lend(this.runtime, this.#loans, pid, grant);
  }

  /** The reason with which a process ended or will end; "noproc" for one that is gone already. */
  exited(pid: Pid): Promise<ExitReason> {
    return this.runtime.exited(pid);
  }
  kill(pid: Pid): void {
    this.runtime.kill(pid);
  }
  info(pid: Pid): ProcessInfo | undefined {
    return this.runtime.info(pid);
  }

  /** The Wasm instances there are, and what guests without one consist of. */
  get pool(): PoolInfo {
    const { instances, parked, store } = this.#pool;
    return { instances, parked, parkedBytes: store.bytes };
  }

  /**
   * Ends every process: those spawned from outside get the exit signal `shutdown`, the newest first, which supervisors pass on to
   * their children in order; whoever is left is killed.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await stopRoots(this.runtime, options.timeoutMs);
    this.runtime.shutdown();
    this.#directories.close();
    this.#compiler.close();
    this.#unpublish();
    this.#endAudit();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What all guests of a program with the host's own limits and grants share is made once. */
  #planFor(
    program: Program,
    limits: ProcessLimits,
    grants: GrantSet,
    surroundings: Surroundings,
    refusals = new LogThrottle(AUDIT_EVENTS),
  ): GuestPlan {
    const isUsual = limits === this.#limits && grants === this.#grants && surroundings === this.#surroundings;
    const known = isUsual ? this.#plans.get(program) : undefined;
    if (known) return known;
    const plan: GuestPlan = {
      program,
      limits,
      bounds: ownBounds(limits),
      grants,
      surroundings,
      services: this.#services,
      loans: this.#loans,
      refusals,
      pool: this.#pool,
      code: this.#code,
      addresses: addressReader(this.runtime),
      references: this.#references,
      filters: new ReceiveFilters(),
      arguments: new SharedArgument(),
      repeated: new Repeated(),
      maxMailbox: { messages: limits.mailbox, bytes: mailboxBytes(limits), policy: "reject" },
      capabilities: capabilitiesOf(grants, surroundings),
      initialCalls: new Map(),
      spawnChild: (parent, request) => this.#spawnChild(parent, request),
    };
    if (isUsual) this.#plans.set(program, plan);
    return plan;
  }

  #spawn(
    spawner: Process | undefined,
    plan: GuestPlan,
    subtree: Account | undefined,
    family: Pid | undefined,
    { entry, argument, options }: Wanted,
  ): ReturnType<Process["spawnProcess"]> {
    const { program } = plan;
    if (!this.#pool.hasRoom) {
      throw new MoonletError("system_limit", `there is no room for another process of ${program.name}`, {
        hint: "Raise pool.maxParkedBytes, or pool.maxInstances: processes of programs that change tables or references keep one each.",
      });
    }
    if (spawner?.account !== undefined) spawner.expectRoomFor("children", 1);
    if (subtree !== undefined) expectProcess(spawner, subtree);
    const crashed = this.#crashed;
    const shared = argument && plan.arguments.share(argument);
    const factory = (process: Process) => {
      const guest = new Guest(process, plan, entry, shared);
      if (crashed) {
        process.onExit((reason) => {
          if (isAbnormal(reason)) crashed(crashReport(process, guest, guest.entry, reason));
        });
      }
      return guest;
    };
    let initialCall = plan.initialCalls.get(entry);
    if (initialCall === undefined) {
      initialCall = `${program.name}:${entry}`;
      // Of indices there are without end, whether they lead to anything or not.
      if (typeof entry === "string") plan.initialCalls.set(entry, initialCall);
    }
    const spawned = this.runtime.spawnProcess(spawner, factory, {
      link: options.link,
      monitor: options.monitor,
      name: options.name,
      label: options.label,
      priority: options.priority,
      maxMailbox: options.maxMailbox ?? plan.maxMailbox,
      readsEncoded: true,
      maxMemoryBytes: plan.limits.memoryBytes,
      initialCall,
      family: family ?? "new",
      account: processAccount(plan, subtree),
      capabilities: plan.capabilities,
    });
    if (this.runtime.events.audited) tellGrants(this.runtime, spawner, spawned.pid, plan);
    const largeBytes = shared !== undefined && shared.length > SMALL_ARGUMENT_BYTES ? shared.length : 0;
    if (program.manifest.state.plain && plan.surroundings.directories.length === 0 && largeBytes === 0)
      return spawned;
    const process = this.runtime.process(spawned.pid)!;
    if (largeBytes > 0) {
      process.keepBytes(largeBytes);
      process.onExit(() => process.keepBytes(-largeBytes));
    }
    if (!program.manifest.state.plain) this.#pool.count(process);
    this.#directories.hold(process, plan.surroundings.directories);
    return spawned;
  }

  /** A guest spawns another process of its program, with its own limits and grants. The term that it gets: `Pid` or `{Pid, Ref}`. */
  #spawnChild(parent: Guest, request: SpawnRequest): unknown {
    const { options } = request;
    const { grants, surroundings, limits, program } = options;
    const inherited = parent.ownGrants;
    let { plan } = parent;
    if (grants || surroundings || limits || inherited !== plan.grants) {
      plan = this.#planFor(
        plan.program,
        limits ? lowerLimits(plan.limits, limits) : plan.limits,
        grants ?? inherited,
        surroundings ?? plan.surroundings,
        plan.refusals,
      );
    }
    if (program !== undefined) plan = planWith(plan, program);
    const outer = subtreeOf(parent.process);
    const subtree = options.subtree ? subtreeAccount(options.subtree, outer) : outer;
    const { pid, ref } = this.#spawn(parent.process, plan, subtree, parent.process.family, request);
    return ref === undefined ? pid : tuple(pid, ref);
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new MoonletError("E_CLOSED", "the host is closed", { hint: "Create a new one with createHost." });
  }
}
