// Times of files to the nanosecond. Node sets them to the microsecond, and cannot set one and leave the other, while a program that has
// set a time compares it with what it reads. So what was asked for is remembered beside what the disk then says, and given while the disk
// goes on saying so.
import type { BigIntStats } from "node:fs";
import type { FileTimes } from "../wasm/wasi/file-system.ts";

interface Known {
  readonly stored: bigint;
  readonly wanted: bigint;
}

/** Beyond it, the disk has not got the time that was asked for. */
const MAX_DIFFERENCE_NS = 1_000_000n;
/** Files whose times are remembered, the oldest is forgotten first. */
const MAX_FILES = 4096;

class ExactTimes {
  /** By device and inode. */
  readonly #files = new Map<string, { readonly accessed: Known; readonly modified: Known }>();

  /** The times of a file. */
  of(stats: BigIntStats): { readonly accessed: bigint; readonly modified: bigint } {
    const known = this.#files.get(keyOf(stats));
    return {
      accessed: known?.accessed.stored === stats.atimeNs ? known.accessed.wanted : stats.atimeNs,
      modified: known?.modified.stored === stats.mtimeNs ? known.modified.wanted : stats.mtimeNs,
    };
  }

  /** Sets times with `utimes`, which takes seconds. */
  set(times: FileTimes, stat: () => BigIntStats, utimes: (accessed: number, modified: number) => void): void {
    const before = this.of(stat());
    const accessed = times.accessed ?? before.accessed;
    const modified = times.modified ?? before.modified;
    utimes(Number(accessed) / 1e9, Number(modified) / 1e9);
    const after = stat();
    const key = keyOf(after);
    this.#files.delete(key);
    this.#files.set(key, {
      accessed: known(after.atimeNs, accessed),
      modified: known(after.mtimeNs, modified),
    });
    if (this.#files.size > MAX_FILES) {
      for (const oldest of this.#files.keys()) {
        this.#files.delete(oldest);
        break;
      }
    }
  }
}

function known(stored: bigint, wanted: bigint): Known {
  const difference = stored > wanted ? stored - wanted : wanted - stored;
  return { stored, wanted: difference < MAX_DIFFERENCE_NS ? wanted : stored };
}

function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** Those of this Node process. */
export const exactTimes = new ExactTimes();
