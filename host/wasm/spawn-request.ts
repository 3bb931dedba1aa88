// Reads what a guest passes to `process.spawn`.
import { type MailboxLimit, type MailboxPolicy, type MonitorOptions, Ref } from "../otp/index.ts";
import { Atom, isTuple } from "../otp/term/index.ts";
import { GrantSet, readGrant } from "./grant.ts";
import type { Guest } from "./guest.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
  limitAtom,
  mailboxBytes,
  type ProcessLimits,
  SUBTREE_LIMITS,
  type SubtreeLimits,
} from "./limits.ts";
import { lackingGrant } from "./link.ts";
import { monitorOptionsOf } from "./monitor-options.ts";
import { ownResource, type Resource } from "./net/resource.ts";
import type { Program } from "./program.ts";
import { attenuate, type Surroundings, type SurroundingsPart } from "./surroundings.ts";
import { ERROR } from "./syscall.ts";

/** Where a process begins: an exported function, or an index into the exported function table. */
export type Entry = string | number;

export interface SpawnRequest {
  readonly entry: Entry;
  /** The child's argument in the external term format; undefined for none. */
  readonly argument: Uint8Array | undefined;
  readonly options: RequestOptions;
}

/** What follows from the options, for all processes of a plan. */
export interface RequestOptions {
  readonly link: boolean;
  readonly monitor: boolean | MonitorOptions;
  readonly name?: string;
  readonly label?: string;
  readonly priority?: "low" | "normal" | "high" | "max";
  /** Never more than the program's limit. */
  readonly maxMailbox?: MailboxLimit;
  /** A part of the parent's. Default: all of them. */
  readonly grants?: GrantSet;
  /** Another program than the parent's. */
  readonly program?: Program;
  readonly surroundings?: Surroundings;
  /** What it may use at most, where that is to be less than its parent may. */
  readonly limits?: Omit<Limits, "subtree">;
  /** What it and its descendants may use together. */
  readonly subtree?: SubtreeLimits;
  /** The parent's sockets that are to be the child's. */
  readonly sockets?: readonly Resource[];
}

/** Of a label; the rest of a longer one is cut off. It stands in each line that is logged of the process. */
export const MOST_LABEL_BYTES = 256;

interface Pointers {
  readonly entry: number;
  readonly entryLength: number;
  readonly argument: number;
  readonly argumentLength: number;
  readonly options: number;
  readonly optionsLength: number;
}

/** The request, or an error code of the ABI. */
export function readSpawnRequest(guest: Guest, at: Pointers): SpawnRequest | number {
  const entry = readEntry(guest, at.entry, at.entryLength);
  if (typeof entry !== "string" && !(typeof entry === "number" && Number.isInteger(entry)))
    return ERROR.badarg;
  if (at.argumentLength >>> 0 > guest.limits.messageBytes)
    return guest.log.refuseMessage(at.argumentLength >>> 0);
  const argument = at.argumentLength === 0 ? undefined : findArgument(guest, at.argument, at.argumentLength);
  const options = at.optionsLength === 0 ? NO_OPTIONS : findOptions(guest, at.options, at.optionsLength);
  if (typeof options === "number") return options;
  const program = options.program ?? guest.program;
  return program.hasEntry(entry) ? { entry, argument, options } : ERROR.not_exported;
}

function findArgument(guest: Guest, pointer: number, length: number): Uint8Array {
  const { memory, plan } = guest;
  const what = "process.spawn (argument)";
  const size = memory.assertWithin(pointer, length, what);
  return plan.arguments.find(memory.view(), pointer >>> 0, size) ?? guest.copyTerm(pointer, length, what);
}

/** What the options come to; as the last time, where they are the same and nothing else counts. */
function findOptions(guest: Guest, pointer: number, length: number): RequestOptions | number {
  const { memory } = guest;
  const { options: last } = guest.plan.repeated;
  const start = memory.check(pointer, length, "process.spawn (options)");
  const known = last.find(memory.view(), start, length >>> 0);
  if (known !== undefined) return known;
  const wanted = guest.readTerm(pointer, length, "process.spawn (options)");
  if (!isMap(wanted)) return ERROR.badarg;
  const options = readOptions(guest, wanted);
  if (typeof options !== "number" && isAlwaysSame(wanted, options))
    last.keep(memory.view(), start, length >>> 0, options);
  return options;
}

function isAlwaysSame(wanted: Readonly<Record<string, unknown>>, { priority }: RequestOptions): boolean {
  if (priority !== undefined && isAboveNormal(priority)) return false;
  return Object.keys(wanted).every((name) => ALWAYS_SAME.has(name));
}

/** Options that do not depend on what the guest that asks has been granted, or has; a priority above the normal one does. */
const ALWAYS_SAME: ReadonlySet<string> = new Set(["link", "monitor", "label", "limits", "priority"]);
const NO_OPTIONS: RequestOptions = { link: false, monitor: false };

/** The usual entry is an index: read without decoding. */
function readEntry(guest: Guest, pointer: number, length: number): unknown {
  const { memory } = guest;
  const start = memory.check(pointer, length, "process.spawn (entry)");
  const bytes = memory.bytes();
  if (length === 3 && bytes[start] === VERSION && bytes[start + 1] === SMALL_INTEGER) return bytes[start + 2];
  return textOf(guest.readTerm(pointer, length, "process.spawn (entry)"));
}

const VERSION = 131;
const SMALL_INTEGER = 97;

/** What the options come to, or an error code of the ABI. */
function readOptions(guest: Guest, wanted: Readonly<Record<string, unknown>>): RequestOptions | number {
  const {
    link = false,
    monitor = false,
    name,
    label,
    priority,
    mailbox,
    grants,
    directories,
    env,
    limits,
    sockets,
    code,
    ...unknown
  } = wanted;
  const program = code === undefined ? guest.program : loadedProgram(guest, code);
  if (program === undefined) return ERROR.badarg;
  const nameText = textOf(name);
  const priorityText = textOf(priority);
  const maxMailbox = mailboxOf(mailbox, guest.limits);
  const wantedGrants = listOf(grants, textOf);
  const part = surroundingsPart(directories, env);
  const wantedLimits = limitsOf(limits);
  const given = socketsOf(guest, sockets);
  const monitoring = typeof monitor === "boolean" ? monitor : monitorOptionsOf(monitor);
  if (
    Object.keys(unknown).length > 0 ||
    typeof link !== "boolean" ||
    monitoring === undefined ||
    maxMailbox === false ||
    wantedGrants === undefined ||
    part === undefined ||
    wantedLimits === false ||
    given === undefined ||
    !(nameText === undefined || typeof nameText === "string") ||
    !(label === undefined || typeof label === "string") ||
    !(priorityText === undefined || isPriority(priorityText))
  ) {
    return ERROR.badarg;
  }
  if (priorityText !== undefined && isAboveNormal(priorityText) && !guest.grants.has("priority"))
    return guest.log.refuseGrant("process.spawn", "priority");
  const { openResources = guest.limits.openResources } = wantedLimits.limits ?? {};
  if (given.length > openResources) return ERROR.system_limit;
  if (nameText !== undefined && !guest.grants.allows("register", nameText))
    return guest.log.refuseGrant("process.spawn", "register", nameText);
  const childGrants = grants === undefined ? undefined : grantsOf(wantedGrants);
  if (childGrants === false) return ERROR.badarg;
  const missing = childGrants && guest.ownGrants.firstMissing(childGrants);
  if (missing !== undefined) return guest.log.refuse("process.spawn", `the grant "${missing}"`);
  const lacking = program === guest.program ? undefined : lackingGrant(program, childGrants ?? guest.grants);
  if (lacking !== undefined)
    return guest.log.refuse("process.spawn", `the grant "${lacking}" for ${program.name}`);
  const surroundings = attenuate(guest.surroundings, part);
  if (typeof surroundings === "string") return guest.log.refuse("process.spawn", `the ${surroundings}`);
  return {
    link,
    monitor: monitoring,
    ...(nameText !== undefined && { name: nameText }),
    ...(label !== undefined && { label: shortLabel(label) }),
    ...(priorityText !== undefined && { priority: priorityText }),
    ...(maxMailbox && { maxMailbox }),
    ...(childGrants && { grants: childGrants }),
    ...((directories !== undefined || env !== undefined) && { surroundings }),
    ...wantedLimits,
    ...(given.length > 0 && { sockets: given }),
    ...(program !== guest.program && { program }),
  };
}

/** The guest's sockets with these references; undefined when one is none of its own. */
function socketsOf(guest: Guest, term: unknown): readonly Resource[] | undefined {
  if (term === undefined) return [];
  if (!Array.isArray(term)) return undefined;
  const found = term.map((ref) => (ref instanceof Ref ? ownResource(guest.process, ref) : undefined));
  return found.every((socket) => socket !== undefined) ? found : undefined;
}

/** The program of the option `code`, which is for those that may load code. */
function loadedProgram(guest: Guest, code: unknown): Program | undefined {
  return code instanceof Ref && guest.grants.has("code")
    ? guest.plan.code.find(guest.process, code)?.program
    : undefined;
}

/** The options `directories` and `env`; undefined when they are not as ABI.md says. */
function surroundingsPart(directories: unknown, env: unknown): SurroundingsPart | undefined {
  const names = listOf(env, textOf);
  const wanted: { guest: string; mode: "read" | "write" }[] = [];
  for (const item of Array.isArray(directories)
    ? directories
    : directories === undefined
      ? []
      : [undefined]) {
    const [guest, mode] = Array.isArray(item) ? item.map(textOf) : [];
    if (typeof guest !== "string" || (mode !== "read" && mode !== "write")) return undefined;
    wanted.push({ guest, mode });
  }
  if (names === undefined) return undefined;
  return {
    ...(directories !== undefined && { directories: wanted }),
    ...(env !== undefined && { variables: names }),
  };
}

/** A list of texts, empty where there is none; undefined for anything else. */
function listOf(term: unknown, read: (item: unknown) => unknown): string[] | undefined {
  if (term === undefined) return [];
  const items = Array.isArray(term) ? term.map(read) : [undefined];
  return items.every((item) => typeof item === "string") ? items : undefined;
}

/** The grants of these names; false when one is none. */
function grantsOf(texts: readonly string[]): GrantSet | false {
  const grants = texts.map(readGrant);
  return grants.every((grant) => grant !== undefined) && new GrantSet(grants);
}

/** `#{memory_bytes => N, ..., subtree => #{...}}`; false for anything else that was given. */
function limitsOf(term: unknown): Pick<RequestOptions, "limits" | "subtree"> | false {
  if (term === undefined) return {};
  if (!isMap(term)) return false;
  const { subtree, ...own } = term;
  const limits = amountsOf(own, PROCESS_LIMIT_NAMES);
  const shared = subtree === undefined ? {} : amountsOf(subtree, SUBTREE_LIMIT_NAMES);
  if (limits === false || shared === false) return false;
  return { limits, ...(subtree !== undefined && { subtree: shared }) };
}

const PROCESS_LIMIT_NAMES = atomNames(Object.keys(DEFAULT_LIMITS));
const SUBTREE_LIMIT_NAMES = atomNames(SUBTREE_LIMITS);

/** Names of the embedding API by those of the ABI: `memoryBytes` by `memory_bytes`. */
function atomNames(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [limitAtom(name), name]));
}

/** Whole numbers from 0 on, and from 1 on for fuel in a second. */
function amountsOf(term: unknown, names: ReadonlyMap<string, string>): Record<string, number> | false {
  if (!isMap(term)) return false;
  const amounts: Record<string, number> = {};
  for (const [key, value] of Object.entries(term)) {
    const name = names.get(key);
    const amount = typeof value === "bigint" ? Number(value) : value;
    const least = name === "fuelPerSecond" ? 1 : 0;
    if (name === undefined || typeof amount !== "number" || !Number.isInteger(amount) || amount < least)
      return false;
    amounts[name] = amount;
  }
  return amounts;
}

/** A map with atom keys; anything else has another prototype, if it is an object at all. */
function isMap(term: unknown): term is Readonly<Record<string, unknown>> {
  return typeof term === "object" && term !== null && Object.getPrototypeOf(term) === Object.prototype;
}

/** `{Messages, Policy}`; false for anything else that was given. */
function mailboxOf(term: unknown, limits: ProcessLimits): MailboxLimit | undefined | false {
  if (term === undefined) return undefined;
  if (!isTuple(term) || term.length !== 2) return false;
  const [messages, policy] = [term[0], textOf(term[1])];
  if (!(typeof messages === "number" && Number.isInteger(messages) && messages >= 0)) return false;
  if (policy !== "reject" && policy !== "drop" && policy !== "kill") return false;
  return {
    messages: Math.min(messages, limits.mailbox),
    bytes: mailboxBytes(limits),
    policy: policy satisfies MailboxPolicy,
  };
}

function textOf(term: unknown): unknown {
  return term instanceof Atom ? term.name : term;
}

/** Without what is cut off: a part of a text keeps all of it alive. */
function shortLabel(label: string): string {
  const bytes = new TextEncoder().encode(label.slice(0, MOST_LABEL_BYTES)).subarray(0, MOST_LABEL_BYTES);
  return new TextDecoder().decode(bytes);
}

/** Whether a process of this priority runs before those that have none. */
export function isAboveNormal(priority: string): boolean {
  return priority === "high" || priority === "max";
}

function isPriority(value: unknown): value is "low" | "normal" | "high" | "max" {
  return value === "low" || value === "normal" || value === "high" || value === "max";
}
