// Tables' options and information as Erlang writes them (stdlib manual, ets:new/2 and ets:info/1).
import { Pid } from "../otp/index.ts";
import type { Heir, Protection, TableInfo, TableOptions, TableType } from "../otp/table/index.ts";
import { Atom, atom, isTuple } from "../otp/term/index.ts";

interface Options {
  type?: TableType;
  protection?: Protection;
  named?: boolean;
  keyPosition?: number;
  heir?: Heir;
}

/** `[set, public, named_table, {keypos, 2}, {heir, Pid, Data}]`; undefined for what is no such list. */
export function tableOptionsOf(term: unknown): TableOptions | undefined {
  if (!Array.isArray(term) || isTuple(term)) return undefined;
  const options: Options = {};
  for (const option of term) {
    if (!(option instanceof Atom ? readWord(options, option.name) : readPair(options, option)))
      return undefined;
  }
  return options;
}

function readWord(options: Options, word: string): boolean {
  switch (word) {
    case "set":
    case "ordered_set":
    case "bag":
    case "duplicate_bag":
      options.type = word;
      return true;
    case "public":
    case "protected":
    case "private":
      options.protection = word;
      return true;
    case "named_table":
      options.named = true;
      return true;
    default:
      return word === "compressed";
  }
}

function readPair(options: Options, option: unknown): boolean {
  if (!isTuple(option) || !(option[0] instanceof Atom)) return false;
  const [{ name }, value, data] = option as unknown as [Atom, unknown, unknown];
  if (name === "keypos" && option.length === 2 && typeof value === "number") {
    options.keyPosition = value;
    return true;
  }
  if (name === "heir" && option.length === 3 && value instanceof Pid) {
    options.heir = { pid: value, data };
    return true;
  }
  if (name === "heir" && option.length === 2) return value === atom("none");
  // How a BEAM's threads share a table: accepted, and nothing to do here.
  return ["read_concurrency", "write_concurrency", "decentralized_counters"].includes(name);
}

/** A map with Erlang's item names. */
export function tableInfoTerm(info: TableInfo): unknown {
  return {
    id: info.id,
    name: atom(info.name),
    named_table: info.named,
    type: atom(info.type),
    protection: atom(info.protection),
    keypos: info.keyPosition,
    size: info.size,
    memory: info.memoryBytes,
    owner: info.owner,
    heir: info.heir ?? atom("none"),
    fixed: info.fixed,
  };
}
