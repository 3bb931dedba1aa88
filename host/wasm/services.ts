// What guests need of the host around them. The embedding API provides it; a simulation provides another.

import type { Pid } from "../otp/index.ts";
import type { Grant } from "./grant.ts";
import type { Network } from "./net/network.ts";
import type { CompiledModule } from "./program.ts";
import type { WriteOutput } from "./surroundings.ts";

/** Levels of `log.write`, by number. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type GuestLogLevel = (typeof LOG_LEVELS)[number];

/** Watches and disturbs one guest, for fault injection. */
export interface GuestFaults {
  /** The guest is killed at the first fuel check at which it has used this much. Default never. */
  readonly killAtFuel?: number;
  /** Told when `killAtFuel` has taken effect, with what was used. */
  killedAtFuel?(usedFuel: number): void;
  /** Called before and after each syscall with the number of its kind's calls so far, from 1; true kills the guest there. */
  killAtCall?(name: string, nth: number, when: "before" | "after"): boolean;
}

/** A guest asks for a grant that it has not got. */
export interface GrantRequest {
  readonly pid: Pid;
  readonly label: string | undefined;
  /** The program's name. */
  readonly program: string;
  readonly grant: Grant;
}

export interface Services {
  log(level: GuestLogLevel, text: string, pid: Pid, label: string | undefined): void;
  /**
   * Writes to standard output (1) or standard error (2), mostly whole lines; the bytes are the service's to keep. With a promise the guest
   * waits until it is settled.
   */
  readonly write: WriteOutput;
  /** Where connections go to and come from. */
  readonly network: Network;
  /** Instruments and compiles what a guest loads: elsewhere, while the others go on, or at once. Fails with a MoonletError. */
  compile(bytes: Uint8Array, name: string): CompiledModule | Promise<CompiledModule>;
  /** Whether a standard stream is a terminal. Default: none is. */
  readonly isTerminal?: (stream: 0 | 1 | 2) => boolean;
  /** A guest passed a point that it marked with `sim.reachable`. */
  reachable(name: string, pid: Pid): void;
  /** Asked whether a guest gets a grant. Default: none does. */
  readonly ask?: (request: GrantRequest) => Promise<boolean>;
  /** Asked once for each guest before it runs. Default none. */
  readonly faults?: (pid: Pid) => GuestFaults | undefined;
}
