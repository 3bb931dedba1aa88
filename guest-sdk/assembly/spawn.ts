// Spawning processes of the same program: by function, with or without an argument, or by the name of an export.
import * as abi from "./abi/process";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Priority } from "./process";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { __moonletWrite } from "./term/write";

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

function linked(): SpawnOptions {
  const options = new SpawnOptions();
  options.link = true;
  return options;
}

// An entry takes no argument: the child runs `enter<T>`, whose index goes as the entry, and finds `{Index, Argument}`, the
// function that is meant and what to call it with, as its start argument.

function placeEntry<T>(entry: (argument: T) => void, argument: T): usize {
  const run: () => void = () => {
    enter<T>();
  };
  encoder.begin();
  encoder.integer(run.index);
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
function start(entrySize: usize, argumentEnd: usize, options: SpawnOptions | null, monitor: bool): i32 {
  let optionsSize: usize = 0;
  if (options !== null || monitor) {
    encoder.beginNext();
    placeOptions(options, monitor);
    optionsSize = encoder.length() - argumentEnd;
  }
  const base = encoder.start();
  const length = abi.spawn(
    base, entrySize, base + entrySize, argumentEnd - entrySize, base + argumentEnd, optionsSize, inbox(), capacity(),
  );
  if (length < 0) failed(length, "spawn");
  settle(length);
  return length;
}

function placeOptions(options: SpawnOptions | null, monitor: bool): void {
  let name: string | null = null;
  let label: string | null = null;
  if (options !== null) {
    name = options.name;
    label = options.label;
  }
  encoder.map(3 + u32(name !== null) + u32(label !== null));
  encoder.atom("link");
  encoder.boolean(options !== null && options.link);
  encoder.atom("monitor");
  encoder.boolean(monitor);
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

function priorityName(priority: Priority): string {
  if (priority == Priority.Low) return "low";
  if (priority == Priority.High) return "high";
  if (priority == Priority.Max) return "max";
  return "normal";
}

function childPid(length: i32): Pid {
  return encodedFrom<Pid>(answer(), length);
}

function monitored(length: i32): Monitored {
  decoder.open(answer(), length);
  decoder.tuple("spawn");
  const pid = __moonletRead<Pid>("spawn");
  return new Monitored(pid, __moonletRead<Ref>("spawn"));
}
