// What is recorded of a scenario, by the BEAM and by the core alike. Pids and references are written as their slots, terms as text.

/** A message as it is written down: its kind, then who and what. */
export type Written = readonly unknown[];

export interface Trace {
  readonly steps: readonly StepTrace[];
  /** Of each process that lives and is not waiting in the end: its slot, its info, and what its mailbox holds. */
  readonly final: readonly (readonly [slot: number, info: readonly unknown[], mailbox: readonly Written[]])[];
}

export interface StepTrace {
  /** Results of commands, by the slot of the process that ran them. */
  readonly results: readonly (readonly [slot: number, result: unknown])[];
  readonly deaths: readonly (readonly [slot: number, reason: unknown])[];
  /** What came into mailboxes and was not taken out at once. From several senders: by sender, and the mailbox is then emptied. */
  readonly arrivals: readonly (readonly [slot: number, messages: readonly Written[]])[];
}

/** Erlang's order of numbers and text. */
export function compareWritten(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** What follows the known messages, some of which may have been taken. */
export function newMessages(known: readonly Written[], messages: readonly Written[]): readonly Written[] {
  let at = 0;
  for (const message of known) if (at < messages.length && same(message, messages[at])) at++;
  return messages.slice(at);
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
