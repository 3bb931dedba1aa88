// What the processes that an embedder's spawn leads to have in common: a guest's children are made after the same plan as itself.
import type { SpawnOptions } from "../otp/index.ts";
import type { AddressReader } from "./address-reader.ts";
import type { Grant } from "./grant.ts";
import type { Guest } from "./guest.ts";
import type { InstancePool } from "./instance-pool.ts";
import type { Limits } from "./limits.ts";
import type { Program } from "./program.ts";
import type { ReceiveFilters } from "./receive-filter.ts";
import type { Services } from "./services.ts";
import type { Entry, SpawnRequest } from "./spawn-request.ts";
import type { Surroundings } from "./surroundings.ts";

export interface GuestPlan {
  readonly program: Program;
  readonly limits: Required<Limits>;
  readonly grants: ReadonlySet<Grant>;
  readonly surroundings: Surroundings;
  readonly services: Services;
  readonly pool: InstancePool;
  readonly addresses: AddressReader;
  readonly filters: ReceiveFilters;
  /** What the core is told of each. */
  readonly spawnOptions: Pick<
    SpawnOptions,
    "readsEncoded" | "maxMemoryBytes" | "maxMailbox" | "capabilities"
  >;
  /** `program:entry` by entry, for listings. */
  readonly initialCalls: Map<Entry, string>;
  /** Spawns a child of this guest; the embedding API gives it, so that every spawn goes one way. */
  readonly spawnChild: (guest: Guest, request: SpawnRequest) => unknown;
}
