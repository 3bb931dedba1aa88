// What a table is made with (stdlib manual, ets:new/2).
import { MoonletError } from "../error.ts";
import type { Pid } from "../pid.ts";

export type TableType = "set" | "ordered_set" | "bag" | "duplicate_bag";
/** Who may write and read: all and all, the owner and all, the owner only (S211). */
export type Protection = "public" | "protected" | "private";

/** Who gets the table when its owner dies, and what it is told then (S222). */
export interface Heir {
  readonly pid: Pid;
  readonly data: unknown;
}

export interface TableOptions {
  /** Default "set". */
  readonly type?: TableType;
  /** Default "protected". */
  readonly protection?: Protection;
  /** Whether the table is addressed by its name instead of a reference. Default false. */
  readonly named?: boolean;
  /** Which element of an object is its key, from 1 up. Default 1. */
  readonly keyPosition?: number;
  /** Default none: the table dies with its owner. */
  readonly heir?: Heir;
}

const TYPES = ["set", "ordered_set", "bag", "duplicate_bag"];
const PROTECTIONS = ["public", "protected", "private"];

/** @throws MoonletError badarg. */
export function checkOptions(options: TableOptions): Required<Omit<TableOptions, "heir">> {
  const { type = "set", protection = "protected", named = false, keyPosition = 1 } = options;
  if (!TYPES.includes(type)) throw bad("type", type, TYPES.join(", "));
  if (!PROTECTIONS.includes(protection)) throw bad("protection", protection, PROTECTIONS.join(", "));
  if (!(Number.isInteger(keyPosition) && keyPosition > 0))
    throw bad("keyPosition", keyPosition, "an integer from 1 up");
  return { type, protection, named, keyPosition };
}

function bad(what: string, value: unknown, expected: string): MoonletError {
  return new MoonletError("badarg", `a table's ${what} cannot be ${String(value)}`, {
    hint: `use ${expected}`,
  });
}
