// What a WASI call is, and what all of them share: how they fail, what they cost, and the paths and buffers that they get.
import type { Guest } from "../guest.ts";
import { FAILURE_UNITS } from "../syscall.ts";
import { ERRNO, type Errno, errnoOf, fail } from "./errno.ts";
import { decodePath } from "./resolve.ts";

/** What one call does for the guest that makes it. Gives an errno, or throws what `errnoOf` knows. */
export type Call = (guest: Guest, ...args: never[]) => number | undefined;
/** Calls by name. */
export type Calls = Readonly<Record<string, Call>>;

/**
 * What calls cost in fuel, so that a guest which has the host work on files gets no more than its share: a unit is what a guest does in
 * some 2.5 ns, and these are what the calls take on a local disk.
 */
export const COST = {
  /** A call that reaches the file system. */
  call: 800,
  /** A component of a path. */
  step: 2000,
  /** An entry of a directory. */
  entry: 1500,
  /** Waiting for the disk, which here the host does. */
  sync: 200_000,
} as const;

/** Bytes that one call moves at most; programs go on with the rest. */
export const MAX_TRANSFER_BYTES = 1_048_576;
/** As POSIX's IOV_MAX. */
const MAX_VECTORS = 1024;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** What was asked for when a call is refused with this errno; undefined for the errnos that say something else. */
const REFUSALS: Readonly<Partial<Record<Errno, string>>> = {
  [ERRNO.notcapable]: "what lies outside its directories and rights",
  [ERRNO.rofs]: "changing what it may only read",
};

/** The call with errors turned into its result, and refusals told to whoever listens. */
export function guarded(name: string, call: Call): Call {
  const settle = (guest: Guest, errno: number | undefined): number | undefined => {
    const refused = errno === undefined ? undefined : REFUSALS[errno as Errno];
    if (refused !== undefined) guest.log.audit(`wasi_snapshot_preview1.${name}`, refused);
    return errno;
  };
  return (guest, ...args) => {
    try {
      return settle(guest, call(guest, ...args));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      guest.charge(FAILURE_UNITS);
      return settle(guest, errno);
    }
  };
}

export function readPath(guest: Guest, pointer: number, length: number): string {
  return decodePath(guest.memory.borrow(pointer, length, "a path"));
}

/** A u64 as a number; INVAL above 2^53. */
export function toNumber(value: bigint): number {
  const unsigned = BigInt.asUintN(64, value);
  return unsigned > MAX_SAFE ? fail(ERRNO.inval) : Number(unsigned);
}

/**
 * The buffers of an array of `$iovec`, as views that are valid until the guest runs again. All of them lie within the memory; together
 * they are cut off at `MAX_TRANSFER_BYTES`.
 */
export function readVectors(guest: Guest, vectors: number, count: number, what: string): Uint8Array[] {
  const { memory } = guest;
  const n = count >>> 0;
  if (n > MAX_VECTORS) fail(ERRNO.inval);
  const start = memory.check(vectors, n * 8, what);
  const buffers: Uint8Array[] = [];
  let room = MAX_TRANSFER_BYTES;
  for (let i = 0; i < n; i++) {
    const view = memory.view();
    const pointer = view.getUint32(start + i * 8, true);
    const length = view.getUint32(start + i * 8 + 4, true);
    // What is cut off is checked all the same, and charged for what is moved only.
    memory.assertWithin(pointer, length, what);
    const size = Math.min(length, room);
    if (size > 0) buffers.push(memory.borrow(pointer, size, what));
    room -= size;
  }
  return buffers;
}

/** Writes a u32 result. The address is to be checked before the call has done anything. */
export function writeU32(guest: Guest, pointer: number, value: number): void {
  guest.memory.view().setUint32(guest.memory.check(pointer, 4, "a result"), value, true);
}
