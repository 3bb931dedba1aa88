// Names for processes. A name is an atom; the functions take it as a string.
import { NOPROC } from "./abi/code";
import * as abi from "./abi/registry";
import { check } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { self } from "./process";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";

/** Registers a process, by default the calling one. Ends the calling one with `badarg` when the name or the process has one already. */
export function register(name: string, pid: Pid = self()): void {
  encoder.begin();
  encoder.atom(name);
  const result = abi.register(encoder.start(), encoder.length(), pid.pointer, pid.byteLength);
  if (result < 0) check(result, "register: '" + name + "' is taken, or the process is gone or has another name");
}

/** Takes a name back. Ends the process with `badarg` when nobody has it. */
export function unregister(name: string): void {
  encoder.begin();
  encoder.atom(name);
  const result = abi.unregister(encoder.start(), encoder.length());
  if (result < 0) check(result, "unregister: no process is registered as '" + name + "'");
}

/** The process that has this name, or null. */
export function whereis(name: string): Pid | null {
  encoder.begin();
  encoder.atom(name);
  const length = abi.whereis(encoder.start(), encoder.length(), inbox(), capacity());
  if (length == NOPROC) return null;
  check(length, "whereis");
  settle(length);
  return encodedFrom<Pid>(answer(), length);
}
