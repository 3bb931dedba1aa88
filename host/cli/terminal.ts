// What a command needs of the process around it, so that tests can run commands without one.

export interface Terminal {
  /** Data: what the guest prints, results, help that was asked for. A promise is pending while there is no room for more. */
  out(data: string | Uint8Array): unknown;
  /** Words: logs, reports, errors. As `out`. */
  err(data: string | Uint8Array): unknown;
  /** What there is to read. Nothing is read before the first piece is asked for. */
  readonly input: string | AsyncIterable<Uint8Array>;
  /** Whether input (0), `out` (1) or `err` (2) is a terminal. */
  isTerminal(stream: 0 | 1 | 2): boolean;
  /** Whether `err` shows colours. */
  readonly color: boolean;
  /** Calls back for each SIGINT, SIGTERM and SIGHUP, which then end nothing by themselves; returns what ends that. */
  onInterrupt(handler: (signal: InterruptSignal) => void): () => void;
  /**
   * Calls back once when nothing can happen any more, no timer and no I/O, and keeps the process alive from then on; returns what
   * ends both.
   */
  onIdle(handler: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

export type InterruptSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** 128 and the signal's number, as shells have it. */
export const SIGNAL_EXIT_CODES: Readonly<Record<InterruptSignal, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};
