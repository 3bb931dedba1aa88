// Options of the embedding API.
import type { AuditRecord } from "./audit.ts";
import type { Context, Environment, LogLevel, LogRecord, Pid } from "./otp/index.ts";
import type { CrashReport } from "./report/crash-report.ts";
import type { Grants } from "./wasm/grant.ts";
import type { PoolOptions } from "./wasm/instance-pool.ts";
import type { Limits } from "./wasm/limits.ts";
import type { Network } from "./wasm/net/network.ts";
import type { GrantRequest, GuestFaults, GuestLogLevel, Services } from "./wasm/services.ts";
import type { InputSource } from "./wasm/standard-input.ts";
import type { DirectoryGrant, WriteOutput } from "./wasm/surroundings.ts";
import type { FileSystem } from "./wasm/wasi/file-system.ts";

/** A line that a guest wrote with `log.write`. */
export interface GuestLogRecord {
  /** Unix milliseconds. */
  readonly at: number;
  readonly level: GuestLogLevel;
  readonly event: "guest";
  readonly pid: Pid;
  readonly label: string | undefined;
  readonly text: string;
}

/** Something is wrong with what the host itself writes: with the file of the audit. */
export interface HostLogRecord {
  /** Unix milliseconds. */
  readonly at: number;
  readonly level: "error";
  readonly event: "audit";
  readonly text: string;
}

export interface LogOptions {
  /** How much is logged, of the processes' lives and of what guests write. Default "info". */
  readonly level?: LogLevel;
  /** How much of the processes' lives, where that is to differ from what guests write. Default: as `level`. */
  readonly lifecycle?: LogLevel;
  /** Where records go. Default: as lines of text to standard error. */
  readonly write?: (record: LogRecord | GuestLogRecord | HostLogRecord) => void;
}

/** Names of variables, or values by name. */
export type Variables = readonly string[] | Readonly<Record<string, string>>;

export interface HostOptions {
  /** For every guest that is not given its own. Defaults: see `Limits`. */
  readonly limits?: Limits;
  /** What guests may do, unless a spawn says less. Default nothing. */
  readonly grants?: Grants;
  /**
   * Asked when a guest asks for a grant that it has not got (`grant.ask`); it waits meanwhile, and gets it when the answer is true. With this a
   * program also starts when it imports what it was not granted: a call of it then answers `not_granted`. Default: nobody gets anything.
   */
  readonly ask?: (request: GrantRequest) => boolean | Promise<boolean>;
  /** Directories that guests may use, as preopened directories of WASI. They have to be there. Default none. */
  readonly directories?: readonly DirectoryGrant[];
  /** Environment variables that guests may see: by name, with the values of this process, or with values. Default none. */
  readonly env?: Variables;
  /** Standard input of those that are granted `stdin`. Whoever reads gets what is there next. Default: at its end from the start. */
  readonly stdin?: InputSource;
  /**
   * Told what guests were given, refused and limited to: see `AuditRecord`. A text is the name of a file, to which each record is appended as a
   * line of JSON; where that cannot be written, on a disk that is full, all goes on, the log says so, and how many records were lost is a record
   * as soon as there is room. Of what one spawn led to, 100 records a second at most; how many were left out is a record, too. Default nothing.
   */
  readonly audit?: string | ((record: AuditRecord) => void);
  /** A level, or level and sink. Default "off". */
  readonly log?: LogLevel | LogOptions;
  /**
   * Told of each guest that ends with another reason than normal, shutdown or `{shutdown, _}`, in that moment. What it throws is
   * raised apart from the guests. Default nothing.
   */
  readonly crashed?: (report: CrashReport) => void;
  /**
   * Takes what guests write to standard output (1) and standard error (2): whole lines, and what is left of one when a guest waits or
   * ends. While a promise that it returned is pending, the guest waits before it writes more. Default: this process's own, with its
   * back-pressure.
   */
  readonly write?: WriteOutput;
  /** With "labelled" each line begins with the process that wrote it, `<0.5.0> worker: `. Default "plain". */
  readonly output?: "plain" | "labelled";
  /** Whether a standard stream is a terminal, which programs ask about. Default: none is. */
  readonly isTerminal?: (stream: 0 | 1 | 2) => boolean;
  /** Where granted directories lie. Default: this machine's file system. */
  readonly fileSystem?: FileSystem;
  /** Where connections go to and come from. Default: this machine's network. */
  readonly network?: Network;
  /** Time, randomness and deferral. Default: the real ones. */
  readonly environment?: Environment;
  /** Node name. Default "nonode@nohost". */
  readonly name?: string;
  /**
   * Processes that may live at the same time; above it a spawn gives system_limit. Default 262,144, as the BEAM's, or as many as half of V8's
   * heap has room for.
   */
  readonly maxProcesses?: number;
  /** What messages that wait for guests may take up, all together; above it a sender gets system_limit. Default: a quarter of V8's heap, and of the memory. */
  readonly maxMailboxBytes?: number;
  /** Bytes that all tables together may take up; above it an insertion gives system_limit. Default 1,073,741,824 (1 GiB). */
  readonly maxTableBytes?: number;
  /** How many Wasm instances guests share, when they leave them, and how much those without one may take up. See `PoolOptions`. */
  readonly pool?: PoolOptions;
  /** Fuel of one slice. Default 20,000, some 50 us. */
  readonly sliceFuel?: number;
  /**
   * Keeps compiled programs on disk: true in `$XDG_CACHE_HOME/moonlet` or `~/.cache/moonlet`, a string in that directory. What lies
   * there is run as it is, so nobody else may be able to write to it. Default false.
   */
  readonly cache?: boolean | string;
  /** Instruments and compiles the modules that guests load. Default: in a thread of its own, as `background` of `LoadOptions`. */
  readonly compile?: Services["compile"];
  /** Fault injection: asked once for each guest. Default none. */
  readonly faults?: (pid: Pid) => GuestFaults | undefined;
  /** Told of each point that a guest marks as reached. Default nothing. */
  readonly reachable?: (name: string, pid: Pid) => void;
}

export interface GuestSpawnOptions {
  /** The process's argument, any term: `process.argument` in the guest. Default the empty list. */
  readonly args?: unknown;
  /** Registered name. Default none. */
  readonly name?: string;
  /** Shown in logs and listings. Default none. */
  readonly label?: string;
  /** Default: the host's. */
  readonly limits?: Limits;
  /** A part of the host's grants. Default: all of them. */
  readonly grants?: Grants;
  /**
   * A part of the host's directories: the same ones or directories in them, under any name, for writing only where the host's are.
   * Default: all of them.
   */
  readonly directories?: readonly DirectoryGrant[];
  /** A part of the host's environment variables, by name or with other values. Default: all of them. */
  readonly env?: Variables;
  /** Standard input of this process and its children. Default: the host's. */
  readonly stdin?: InputSource;
  /** Takes what this process and its children write, instead of the host's. */
  readonly write?: WriteOutput;
  /** The JavaScript process (or its pid) to link the guest to. Default none. */
  readonly link?: Context | Pid;
  /** The JavaScript process (or its pid) that monitors the guest. Default none. */
  readonly monitor?: Context | Pid;
  /** Default "normal". */
  readonly priority?: "low" | "normal" | "high" | "max";
}

export interface CallOptions {
  /** Default 5000, as gen_server:call. */
  readonly timeoutMs?: number;
}

export interface ChangeCodeOptions {
  /** What the old program's version is called to the new one. Default: the old program's name. */
  readonly oldVersion?: unknown;
  /** Handed to the new program's `codeChange`. Default the empty list. */
  readonly extra?: unknown;
  /**
   * The state that the new program begins with: the process is not asked, and changes between two slices, also in an endless loop. Default:
   * the process hands its state over, as behaviours do and whoever serves system messages.
   */
  readonly state?: unknown;
  /** The export with which the new program takes over. Default "code_change". */
  readonly entry?: string;
  /** Default 5000. */
  readonly timeoutMs?: number;
}

export interface CloseOptions {
  /** How long the processes have for an orderly end, all together, before they are killed. Default 5000. */
  readonly timeoutMs?: number;
}

export interface LoadOptions {
  /** What the program is called in logs and errors. Default: its path, or "module" for bytes. */
  readonly name?: string;
  /**
   * Take a module that is instrumented already as it is. It can then hold whatever its maker put there, also code that never yields:
   * only for files that `moonlet build` made. Default false.
   */
  readonly trusted?: boolean;
  /**
   * Bytes for a captured call stack, which bounds how deep functions call each other: beyond it is a `stack_overflow` trap, at the same
   * depth on every machine. From 4,096 to 16 MiB; default 262,144. Every instance of the program has them, and those that nobody recurses into take up no memory. A module that is taken as it is
   * has what it was built with.
   */
  readonly stackBytes?: number;
  /**
   * Instrument and compile the bytes of a module in a thread of its own, while the processes go on, within bounds of time (30 s), memory (512 MiB)
   * and what it may have (1,000 imports and exports, 16 MiB of memory at its start): for programs of strangers. Default false.
   */
  readonly background?: boolean;
}
