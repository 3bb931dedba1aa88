// Spawning processes of the same program: by function, with or without an argument, or by the name of an export.
import { SYSTEM_LIMIT } from "./abi/code";
import * as abi from "./abi/process";
import { ChildLimits, placeLimits } from "./child-limits";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Priority } from "./process";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** What becomes of a message that finds a mailbox full. */
export const enum MailboxPolicy {
  /** Its sender is told: `send` ends it with `system_limit`, `trySend` says false. */
  Reject,
  /** It is dropped, and counted: `messages_shed` of `info`. */
  Drop,
  /** The process whose mailbox it is is killed. */
  Kill,
}

/** How a process is spawned; without options it is not linked, has no name and normal priority. */
@final
export class SpawnOptions {
  /** Links it with the spawning process. */
  link: bool = false;
  /** Registers it under this name before it runs; ends the spawning process with `badarg` when the name is taken. */
  name: string | null = null;
  /** Shown in logs and listings. */
  label: string | null = null;
  /** Of type `Priority`. */
  priority: Priority = Priority.Normal;
  /** How many messages may wait, at most as many as the program's limit says; -1, the default, is that limit. */
  mailbox: i32 = -1;
  /** Of type `MailboxPolicy`; counts with `mailbox` only. */
  mailboxPolicy: MailboxPolicy = MailboxPolicy.Reject;
  /** Which of this process's grants it has, as `name` or `name:argument`; without, all of them. One that this process has not got ends it with `not_granted`. */
  grants: string[] | null = null;
  /** Which of this process's environment variables it has; without, all of them. */
  env: string[] | null = null;
  /** Which of this process's directories it has; without, all of them. */
  directories: ChildDirectory[] | null = null;
  /** What it may use, where that is less than this process may. */
  limits: ChildLimits | null = null;
  /** Sockets of this process that become the child's before it runs: the references of them. */
  sockets: Ref[] | null = null;
  /** A program that `loadCode` gave, instead of this one: for `spawnExport`. Needs the grant `code`. */
  code: Ref | null = null;
}

/** A directory that a child is to have: one of its parent's, by the name that it has in the guest. */
@final
export class ChildDirectory {
  constructor(readonly name: string, readonly isWritable: bool = false) {}
}

/** A process and the monitor that was put on it before it could run. */
@final
export class Monitored {
  constructor(readonly pid: Pid, readonly ref: Ref) {}
}

/** Spawns a process that runs this function. */
export function spawn(entry: () => void, options: SpawnOptions | null = null): Pid {
  encoder.begin();
  encoder.integer(entry.index);
  return childPid(start(encoder.length(), encoder.length(), options, false));
}

/** Spawns a process and links it with this one. */
export function spawnLink(entry: () => void): Pid {
  encoder.begin();
  encoder.integer(entry.index);
  return childPid(start(encoder.length(), encoder.length(), linked(), false));
}

/** Spawns a process and monitors it. */
export function spawnMonitor(entry: () => void, options: SpawnOptions | null = null): Monitored {
  encoder.begin();
  encoder.integer(entry.index);
  return monitored(start(encoder.length(), encoder.length(), options, true));
}

/** Spawns a process that runs this function with this argument, which is copied as a message is. */
export function spawnWith<T>(entry: (argument: T) => void, argument: T, options: SpawnOptions | null = null): Pid {
  const size = placeEntry<T>(entry, argument);
  return childPid(start(size, encoder.length(), options, false));
}

/** As `spawnWith`; false when a limit leaves no room for another process. */
export function spawnIfRoom<T>(entry: (argument: T) => void, argument: T, options: SpawnOptions): bool {
  const size = placeEntry<T>(entry, argument);
  const length = tryStart(size, encoder.length(), options, false);
  if (length < 0 && length != SYSTEM_LIMIT) failed(length, "spawn");
  return length >= 0;
}

/** As `spawnWith`, and links it with this process. */
export function spawnLinkWith<T>(entry: (argument: T) => void, argument: T): Pid {
  const size = placeEntry<T>(entry, argument);
  return childPid(start(size, encoder.length(), linked(), false));
}

/** As `spawnWith`, and monitors it. */
export function spawnMonitorWith<T>(
  entry: (argument: T) => void, argument: T, options: SpawnOptions | null = null,
): Monitored {
  const size = placeEntry<T>(entry, argument);
  return monitored(start(size, encoder.length(), options, true));
}

/** Spawns a process that runs the exported function of that name. Ends this process with `not_exported` when there is none. */
export function spawnExport(name: string, options: SpawnOptions | null = null): Pid {
  encoder.begin();
  encoder.text(name);
  return childPid(start(encoder.length(), encoder.length(), options, false));
}

/** As `spawnExport`, with an argument of any message type. */
export function spawnExportWith<T>(name: string, argument: T, options: SpawnOptions | null = null): Pid {
  encoder.begin();
  encoder.text(name);
  const size = encoder.length();
  encoder.beginNext();
  __moonletWrite<T>(argument);
  return childPid(start(size, encoder.length(), options, false));
}

/** As `spawnMonitor`, of a function by its index, with an argument that is a term already; with `alias` the reference is one, too. */
export function spawnMonitorRaw(index: usize, argument: Term, options: SpawnOptions | null, alias: bool = false): Monitored {
  encoder.begin();
  encoder.integer(index);
  const size = encoder.length();
  encoder.beginNext();
  encoder.raw(argument.pointer + 1, argument.byteLength - 1);
  return monitored(start(size, encoder.length(), options, true, alias));
}

/**
 * The result of `process.spawn` for an entry and an argument that are terms already; negative when it failed. What was spawned is at
 * `answer()`.
 */
export function spawnCode(entry: Term, argument: Term | null, options: SpawnOptions | null, monitor: bool): i32 {
  encoder.begin();
  encoder.raw(entry.pointer + 1, entry.byteLength - 1);
  const size = encoder.length();
  if (argument !== null) {
    encoder.beginNext();
    encoder.raw(argument.pointer + 1, argument.byteLength - 1);
  }
  return tryStart(size, encoder.length(), options, monitor);
}

/** The index of the function that runs a function with an argument, which it finds as `{Index, Argument}`. */
export function argumentEntry<T>(): u32 {
  const run: () => void = () => {
    enter<T>();
  };
  return run.index;
}

function linked(): SpawnOptions {
  const options = new SpawnOptions();
  options.link = true;
  return options;
}

// An entry takes no argument: the child runs `enter<T>`, whose index goes as the entry, and finds `{Index, Argument}`, the
// function that is meant and what to call it with, as its start argument.

function placeEntry<T>(entry: (argument: T) => void, argument: T): usize {
  encoder.begin();
  encoder.integer(argumentEntry<T>());
  const size = encoder.length();
  encoder.beginNext();
  encoder.tuple(2);
  encoder.integer(entry.index);
  __moonletWrite<T>(argument);
  return size;
}

function enter<T>(): void {
  const length = abi.argument(inbox(), capacity());
  settle(length);
  decoder.open(answer(), length);
  decoder.tuple("spawn");
  const index = decoder.integer<u32>("spawn");
  call_indirect<void>(index, __moonletRead<T>("spawn argument"));
}

/** The encoder holds the entry, up to `entrySize`, and the argument, up to `argumentEnd`. */
function start(entrySize: usize, argumentEnd: usize, options: SpawnOptions | null, monitor: bool, alias: bool = false): i32 {
  const length = tryStart(entrySize, argumentEnd, options, monitor, alias);
  if (length < 0) failed(length, "spawn");
  return length;
}

function tryStart(entrySize: usize, argumentEnd: usize, options: SpawnOptions | null, monitor: bool, alias: bool = false): i32 {
  let optionsSize: usize = 0;
  if (options !== null || monitor) {
    encoder.beginNext();
    if (options !== null || alias) placeOptions(options, monitor, alias);
    // {monitor: true}, which most spawns say, as it is.
    else encoder.raw(memory.data<u8>([116, 0, 0, 0, 1, 119, 7, 109, 111, 110, 105, 116, 111, 114, 119, 4, 116, 114, 117, 101]), 20);
    optionsSize = encoder.length() - argumentEnd;
  }
  const base = encoder.start();
  const length = abi.spawn(
    base, entrySize, base + entrySize, argumentEnd - entrySize, base + argumentEnd, optionsSize, inbox(), capacity(),
  );
  if (length >= 0) settle(length);
  return length;
}

function placeOptions(options: SpawnOptions | null, monitor: bool, alias: bool): void {
  let name: string | null = null;
  let label: string | null = null;
  let grants: string[] | null = null;
  let env: string[] | null = null;
  let directories: ChildDirectory[] | null = null;
  let limits: ChildLimits | null = null;
  let sockets: Ref[] | null = null;
  let code: Ref | null = null;
  if (options !== null) {
    sockets = options.sockets;
    code = options.code;
    grants = options.grants;
    env = options.env;
    directories = options.directories;
    limits = options.limits;
    name = options.name;
    label = options.label;
  }
  const mailbox = options === null ? -1 : options.mailbox;
  let size: u32 = 3;
  if (name !== null) size++;
  if (label !== null) size++;
  if (mailbox >= 0) size++;
  if (grants !== null) size++;
  if (env !== null) size++;
  if (directories !== null) size++;
  if (limits !== null) size++;
  if (sockets !== null) size++;
  if (code !== null) size++;
  encoder.map(size);
  if (code !== null) {
    encoder.atom("code");
    __moonletWrite<Ref>(code);
  }
  if (grants !== null) placeNames("grants", grants);
  if (env !== null) placeNames("env", env);
  if (directories !== null) placeDirectories(directories);
  if (limits !== null) {
    encoder.atom("limits");
    placeLimits(limits);
  }
  if (sockets !== null) {
    encoder.atom("sockets");
    __moonletWrite<Ref[]>(sockets);
  }
  if (mailbox >= 0) {
    encoder.atom("mailbox");
    encoder.tuple(2);
    encoder.integer(mailbox);
    encoder.atom(policyName(options!.mailboxPolicy));
  }
  encoder.atom("link");
  encoder.boolean(options !== null && options.link);
  encoder.atom("monitor");
  if (alias) {
    encoder.list(1);
    encoder.tuple(2);
    encoder.atom("alias");
    encoder.atom("demonitor");
    encoder.nil();
  } else {
    encoder.boolean(monitor);
  }
  encoder.atom("priority");
  encoder.atom(priorityName(options === null ? Priority.Normal : options.priority));
  if (name !== null) {
    encoder.atom("name");
    encoder.atom(name);
  }
  if (label !== null) {
    encoder.atom("label");
    encoder.text(label);
  }
}

function placeNames(option: string, names: string[]): void {
  encoder.atom(option);
  if (names.length > 0) encoder.list(names.length);
  for (let i = 0; i < names.length; i++) encoder.text(names[i]);
  encoder.nil();
}

function placeDirectories(directories: ChildDirectory[]): void {
  encoder.atom("directories");
  if (directories.length > 0) encoder.list(directories.length);
  for (let i = 0; i < directories.length; i++) {
    encoder.tuple(2);
    encoder.text(directories[i].name);
    encoder.atom(directories[i].isWritable ? "write" : "read");
  }
  encoder.nil();
}

function policyName(policy: MailboxPolicy): string {
  if (policy == MailboxPolicy.Drop) return "drop";
  return policy == MailboxPolicy.Kill ? "kill" : "reject";
}

function priorityName(priority: Priority): string {
  if (priority == Priority.Low) return "low";
  if (priority == Priority.High) return "high";
  if (priority == Priority.Max) return "max";
  return "normal";
}

/** The pid that is at `answer()`. */
export function childPid(length: i32): Pid {
  return encodedFrom<Pid>(answer(), length);
}

/** The pid and reference that are at `answer()`. */
export function monitored(length: i32): Monitored {
  decoder.open(answer(), length);
  decoder.tuple("spawn");
  const pid = __moonletRead<Pid>("spawn");
  return new Monitored(pid, __moonletRead<Ref>("spawn"));
}
