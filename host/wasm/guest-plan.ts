// What the processes that an embedder's spawn leads to have in common: a guest's children are made after the same plan as itself.
import type { Bounds, MailboxLimit } from "../otp/index.ts";
import type { AddressReader } from "./address-reader.ts";
import type { CodeReferences } from "./code-references.ts";
import type { GrantSet } from "./grant.ts";
import type { Guest } from "./guest.ts";
import type { InstancePool } from "./instance-pool.ts";
import { LastTerm } from "./last-term.ts";
import type { ProcessLimits } from "./limits.ts";
import type { Loans } from "./loans.ts";
import type { LogThrottle } from "./log-throttle.ts";
import type { Program } from "./program.ts";
import { ReceiveFilters } from "./receive-filter.ts";
import type { ReferenceReader } from "./reference-reader.ts";
import type { Services } from "./services.ts";
import type { Entry, RequestOptions, SpawnRequest } from "./spawn-request.ts";
import type { Surroundings } from "./surroundings.ts";

export interface GuestPlan {
  /** What the process was spawned with, if its code has been changed since. */
  readonly first?: GuestPlan;
  readonly program: Program;
  readonly limits: ProcessLimits;
  /** Those of them that an account counts; undefined when there are none. */
  readonly bounds: Bounds | undefined;
  readonly grants: GrantSet;
  readonly surroundings: Surroundings;
  readonly services: Services;
  /** What guests have lent each other. */
  readonly loans: Loans;
  /** How many refusals and the like are told in a second, of all that one spawn from outside led to. */
  readonly refusals: LogThrottle;
  readonly pool: InstancePool;
  readonly code: CodeReferences;
  readonly addresses: AddressReader;
  readonly references: ReferenceReader;
  readonly filters: ReceiveFilters;
  readonly arguments: SharedArgument;
  readonly repeated: Repeated;
  /** Where a spawn says nothing else. */
  readonly maxMailbox: MailboxLimit;
  /** The grants and what else is open to them, as words for the log. */
  readonly capabilities: readonly string[];
  /** `program:entry` by entry, for listings. */
  readonly initialCalls: Map<Entry, string>;
  /** Spawns a child of this guest; the embedding API gives it, so that every spawn goes one way. */
  readonly spawnChild: (guest: Guest, request: SpawnRequest) => unknown;
}

const changed = new WeakMap<GuestPlan, WeakMap<Program, GuestPlan>>();

/** The plan of a process that gets another program: the same limits, grants and surroundings. */
export function planWith(plan: GuestPlan, program: Program): GuestPlan {
  // All of them hang on the one that the process was spawned with, so that changing to and fro makes no more than there are programs.
  const first = plan.first ?? plan;
  if (first.program === program) return first;
  const known = changed.get(first) ?? new WeakMap<Program, GuestPlan>();
  changed.set(first, known);
  let made = known.get(program);
  if (!made) {
    made = {
      ...first,
      first,
      program,
      filters: new ReceiveFilters(),
      arguments: new SharedArgument(),
      initialCalls: new Map(),
    };
    known.set(program, made);
  }
  return made;
}

/** With a label, which each child of a supervisor has. */
const MOST_OPTION_BYTES = 256;

/** What its processes have said last: they mostly say it again. */
export class Repeated {
  /** The options of a spawn. */
  readonly options = new LastTerm<RequestOptions>(MOST_OPTION_BYTES);
  /** The reason of an exit signal. */
  readonly reason = new LastTerm<unknown>();
}

/** Processes that are spawned one after another often get the same argument: they share its bytes, which nobody changes. */
export class SharedArgument {
  // One large argument must not stay for the sake of a next one.
  readonly #last = new LastTerm<Uint8Array>(MOST_SHARED_BYTES);

  /** The bytes before, if there are the same in a memory. */
  find(memory: DataView, start: number, length: number): Uint8Array | undefined {
    return this.#last.find(memory, start, length);
  }

  /** These bytes, or those before if they are the same. */
  share(bytes: Uint8Array): Uint8Array {
    if (bytes === this.#last.value) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const known = this.#last.find(view, 0, bytes.length);
    if (known !== undefined) return known;
    this.#last.keep(view, 0, bytes.length, bytes);
    return bytes;
  }
}

const MOST_SHARED_BYTES = 1024;
