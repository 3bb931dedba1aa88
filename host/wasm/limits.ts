// What a guest may use at most.

export interface Limits {
  /**
   * Bytes of linear memory, beyond which growing fails in the guest as growing does; and of linear memory and what the host keeps for the
   * guest (its tables, its dictionary and what its timers are to send) together, beyond which putting more there gives `system_limit`. Default 268,435,456 (256 MiB).
   */
  readonly memoryBytes?: number;
  /** Fuel over the whole life of the process; when it is used up the process ends with a `fuel_exhausted` trap. Default Infinity. */
  readonly fuel?: number;
  /**
   * Messages that may wait; a sender finds a full mailbox with `system_limit`. Default 100,000.
   */
  readonly mailbox?: number;
  /**
   * Bytes of messages that may wait: one more is taken in while there are fewer, otherwise its sender gets `system_limit`. What counts is
   * this or `memoryBytes`, whichever is less. Default 67,108,864 (64 MiB).
   */
  readonly mailboxBytes?: number;
  /** Bytes of one message that the guest sends. Default 16,777,216 (16 MiB). */
  readonly messageBytes?: number;
  /** Files and directories that the guest may have open, those that it was given included; opening more fails with MFILE. Default 1,024. */
  readonly openResources?: number;
  /** Lines that the guest may log in a second; more are dropped, and how many is logged. Default 1,000. */
  readonly logLines?: number;
}

export const DEFAULT_LIMITS: Required<Limits> = Object.freeze({
  memoryBytes: 268_435_456,
  fuel: Number.POSITIVE_INFINITY,
  mailbox: 100_000,
  mailboxBytes: 67_108_864,
  messageBytes: 16_777_216,
  openResources: 1024,
  logLines: 1000,
});

/** Bytes of messages that may wait under these limits. */
export function mailboxBytes(limits: Required<Limits>): number {
  return Math.min(limits.mailboxBytes, limits.memoryBytes);
}
