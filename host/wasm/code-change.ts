// A change of a process's code while it lives: what is asked for, and what is kept of the old program until the new one is ready. The
// process stays the one it is (pid, name, links, monitors, mailbox, dictionary, timers, tables); only its body is another.

import type { Ref } from "../otp/index.ts";
import type { BlockId } from "./byte-store.ts";
import type { Attempt, MESSAGE } from "./guest.ts";
import type { GuestPlan } from "./guest-plan.ts";
import type { Machine } from "./machine.ts";
import type { ReceiveFilter } from "./receive-filter.ts";
import type { Entry } from "./spawn-request.ts";

/** Where a program takes over when nothing else is said: OTP's name for it. */
export const CODE_CHANGE_ENTRY = "code_change";
/** Fuel that a program has to take over, some 25 ms of work, in slices like any other. */
export const CODE_CHANGE_FUEL = 10_000_000;

/** What is asked for. */
export interface CodeChange {
  /** Of the new program; the same limits, grants and surroundings as the old one's. */
  readonly plan: GuestPlan;
  readonly entry: Entry;
  /** The argument of the new program: the state that is handed over, in the external term format. */
  readonly state: Uint8Array;
  /** Units within which the new program has to call `code.ready`. */
  readonly fuel: number;
  /** The new program is ready: there is no way back. */
  readonly done?: () => void;
  /** The old program goes on, and is told by this attempt if it has asked for the change itself. */
  readonly failed: (reason: unknown) => Attempt | undefined;
}

/** A program between two slices, and what it waits for. */
export interface KeptProgram {
  readonly plan: GuestPlan;
  readonly entry: Entry;
  readonly argument: Uint8Array;
  readonly machine: Machine | undefined;
  readonly parkedAt: BlockId;
  readonly stagesLeft: number;
  readonly wantedTag: Ref | undefined;
  readonly filter: ReceiveFilter | undefined;
  readonly attempt: Attempt | typeof MESSAGE | undefined;
  readonly isWorking: boolean;
  readonly timeoutMs: number | undefined;
  readonly out: number;
  readonly cap: number;
  readonly answer: Uint8Array | undefined;
}

/** A new program that has taken a process over and is not ready yet. */
export interface Trial {
  readonly change: CodeChange;
  readonly old: KeptProgram;
  /** The fuel count at which it is over. */
  readonly lastUnit: number;
}

/**
 * What a program may call before it is ready: what only looks. So a change that fails leaves nothing behind, neither in the process nor with
 * anybody else, apart from what was logged.
 */
export const CALLS_ON_TRIAL: ReadonlySet<string> = new Set([
  "code.ready",
  "process.self",
  "process.argument",
  "process.exit",
  "process.is_alive",
  "process.info",
  "process.items",
  "process.list",
  "process.group_leader",
  "process.get",
  "process.dictionary",
  "process.yield",
  "message.read",
  "registry.whereis",
  "registry.registered",
  "group.list",
  "group.members",
  "table.lookup",
  "table.lookup_element",
  "table.member",
  "table.select",
  "table.match",
  "table.match_object",
  "table.more",
  "table.select_count",
  "table.first",
  "table.last",
  "table.next",
  "table.previous",
  "table.size",
  "table.info",
  "table.whereis",
  "table.list",
  "timer.read",
  "log.write",
  "clock.monotonic",
  "random.fill",
  "sim.reachable",
  "env.abort",
  "env.trace",
  "env.seed",
  "env.console.debug",
  "env.console.info",
  "env.console.warn",
  "env.console.error",
  "wasi_snapshot_preview1.args_get",
  "wasi_snapshot_preview1.args_sizes_get",
  "wasi_snapshot_preview1.environ_get",
  "wasi_snapshot_preview1.environ_sizes_get",
  "wasi_snapshot_preview1.clock_res_get",
  "wasi_snapshot_preview1.clock_time_get",
  "wasi_snapshot_preview1.random_get",
  "wasi_snapshot_preview1.fd_prestat_get",
  "wasi_snapshot_preview1.fd_prestat_dir_name",
  "wasi_snapshot_preview1.fd_fdstat_get",
  "wasi_snapshot_preview1.proc_exit",
]);
