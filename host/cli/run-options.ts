// The options of `moonlet run`, read from text.

import { MoonletError } from "../otp/error.ts";
import type { LogLevel } from "../otp/index.ts";
import { suggestion } from "../wasm/did-you-mean.ts";
import { type Grant, grantSet, INSIDE_GRANTS } from "../wasm/grant.ts";
import { type Limits, type ProcessLimits, SUBTREE_LIMITS, type SubtreeLimits } from "../wasm/limits.ts";
import type { DirectoryGrant } from "../wasm/surroundings.ts";
import { usageError } from "./arguments.ts";

const LOG_LEVELS: readonly LogLevel[] = ["off", "error", "warn", "info", "debug"];

export function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level !== undefined) return level;
  throw usageError(
    `unknown log level "${text}".${suggestion(text, LOG_LEVELS)}`,
    `The levels are: ${LOG_LEVELS.join(", ")}.`,
  );
}

/**
 * What `moonlet run` gives by itself: the operator runs a program of their own, and none of these reaches beyond its processes and
 * standard streams. What does (directories, environment variables, grants that reach out) has to be given by name.
 */
export const DEFAULT_GRANTS: readonly Grant[] = INSIDE_GRANTS;

/** `all` (what is given by itself), `none`, or grants with commas between them; several lists add up. */
export function readGrants(lists: readonly string[]): readonly Grant[] {
  if (lists.length === 0) return DEFAULT_GRANTS;
  const names = lists.flatMap((list) => list.split(",")).filter((name) => name !== "");
  const given = names.flatMap((name): readonly string[] =>
    name === "all" ? DEFAULT_GRANTS : name === "none" ? [] : [name],
  );
  return [...grantSet(given)];
}

/** `HOST`, `HOST::GUEST` or `HOST::GUEST::read`; what is not for reading alone may be written, as with wasmtime's --dir. */
export function readDirectories(texts: readonly string[]): readonly DirectoryGrant[] {
  return texts.map((text) => {
    const [host = "", guest = host, mode = "write", ...more] = text.split("::");
    if (host === "" || guest === "" || more.length > 0 || (mode !== "write" && mode !== "read")) {
      throw usageError(
        `"${text}" names no directory`,
        "As in: --dir data, --dir ./data::/data or --dir ./data::/data::read.",
      );
    }
    return { host, guest, mode };
  });
}

/** `NAME=VALUE`, or `NAME` for the value that moonlet's own environment has; a name that it has not is left out. */
export function readVariables(
  texts: readonly string[],
): (own: Readonly<Record<string, string | undefined>>) => Readonly<Record<string, string>> {
  const pairs = texts.map((text): readonly [string, string | undefined] => {
    const equals = text.indexOf("=");
    if (equals === 0 || text === "")
      throw usageError(`"${text}" names no environment variable`, "As in: --env LANG=C.");
    return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
  });
  return (own) =>
    Object.fromEntries(
      pairs.flatMap(([name, value = own[name]]) => (value === undefined ? [] : [[name, value] as const])),
    );
}

export interface RunLimits {
  readonly limits: Limits;
  readonly maxProcesses?: number;
}

/** Limits of a process, and with `subtree.` before their names of the main process and all that descend from it. */
const LIMIT_NAMES: Readonly<Record<string, keyof ProcessLimits>> = {
  memory: "memoryBytes",
  fuel: "fuel",
  fuelpersecond: "fuelPerSecond",
  walltime: "wallTimeMs",
  children: "children",
  timers: "timers",
  tableentries: "tableEntries",
  tableelements: "tableElements",
  mailbox: "mailbox",
  mailboxbytes: "mailboxBytes",
  message: "messageBytes",
  open: "openResources",
  log: "logLines",
};
const SUBTREE = "subtree.";
const SUBTREE_NAMES: Readonly<Record<string, keyof SubtreeLimits>> = Object.fromEntries([
  ["subtree.processes", "processes"],
  ...Object.entries(LIMIT_NAMES).flatMap(([name, limit]) =>
    SUBTREE_LIMITS.some((known) => known === limit) ? [[SUBTREE + name, limit]] : [],
  ),
]);
/** Of the whole host. */
const HOST_LIMIT = "processes";

const EXAMPLE = "As in: --limit memory=64MB,fuel=1e9,mailbox=1000.";

/** `name=value` with commas between them. */
export function readLimits(lists: readonly string[]): RunLimits {
  const own: Record<string, number> = {};
  const subtree: Record<string, number> = {};
  let maxProcesses: number | undefined;
  for (const item of lists.flatMap((list) => list.split(","))) {
    if (item === "") continue;
    const [name = "", value, ...more] = item.split("=");
    const names = [...Object.keys(LIMIT_NAMES), HOST_LIMIT, ...Object.keys(SUBTREE_NAMES)];
    if (!names.includes(name)) {
      throw new MoonletError("E_LIMIT", `unknown limit "${name}".${suggestion(name, names)}`, {
        hint: `The limits are: ${names.join(", ")}. ${EXAMPLE}`,
      });
    }
    if (value === undefined || more.length > 0) {
      throw new MoonletError("E_LIMIT", `the limit "${item}" is not of the form name=value`, {
        hint: EXAMPLE,
      });
    }
    const limit = LIMIT_NAMES[name] ?? SUBTREE_NAMES[name] ?? HOST_LIMIT;
    const amount = readAmount(name, limit, value);
    if (name === HOST_LIMIT) maxProcesses = amount;
    else (name.startsWith(SUBTREE) ? subtree : own)[limit] = amount;
  }
  const limits = { ...own, ...(Object.keys(subtree).length > 0 && { subtree }) };
  return { limits, ...(maxProcesses !== undefined && { maxProcesses }) };
}

const NUMBER = /^(\d+(?:\.\d+)?(?:e\+?\d+)?)([a-z]*)$/i;
const BYTE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 2 ** 10,
  kib: 2 ** 10,
  mb: 2 ** 20,
  mib: 2 ** 20,
  gb: 2 ** 30,
  gib: 2 ** 30,
};
const COUNT_UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };
const TIME_UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1e3, min: 60e3, h: 3600e3 };

/** The option `--stack` of whatever builds a program. */
export const STACK_OPTION = {
  value: "SIZE",
  help: "bytes for a captured call stack, which bounds recursion, as in 1MB (default 256KB)",
} as const;

/** Its value as an option of `host.load`. */
export function readStack(text: string | undefined): { readonly stackBytes?: number } {
  if (text === undefined) return {};
  const [, digits, unit = ""] = NUMBER.exec(text) ?? [];
  const scale = digits === undefined ? undefined : unitOf(BYTE_UNITS, unit);
  if (scale === undefined) throw usageError(`"${text}" is no size for a call stack`, "As in: --stack 1MB.");
  return { stackBytes: Math.floor(Number(digits) * scale) };
}

function unitOf(units: Readonly<Record<string, number>>, unit: string): number | undefined {
  const name = unit.toLowerCase();
  return Object.hasOwn(units, name) ? units[name] : undefined;
}

/** A number with a unit; units of bytes are powers of 1024, times are milliseconds. `none` is no limit. */
function readAmount(name: string, limit: string, text: string): number {
  if (text === "none") return Number.POSITIVE_INFINITY;
  const units = limit.endsWith("Bytes") ? BYTE_UNITS : limit.endsWith("Ms") ? TIME_UNITS : COUNT_UNITS;
  const [, digits, unit = ""] = NUMBER.exec(text) ?? [];
  const scale = unitOf(units, unit);
  if (digits === undefined || scale === undefined) {
    const known = Object.keys(units).filter((key) => key !== "");
    throw new MoonletError("E_LIMIT", `"${text}" is no amount for the limit "${name}"`, {
      hint: `Give a number, alone or with one of the units ${known.join(", ")}. ${EXAMPLE}`,
    });
  }
  return Math.floor(Number(digits) * scale);
}
