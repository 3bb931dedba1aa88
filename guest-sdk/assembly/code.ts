// Another program for this process, while it lives. The process stays the one it is, with pid, name, links, monitors, messages, dictionary, timers and
// tables; only what lies in its memory goes, apart from the state that it hands over as a term.
import * as abi from "./abi/code-server";
import { SYSTEM_LIMIT } from "./abi/code";
import { check } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import { Atom, atom } from "./term/atom";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** What became of bytes that were to be a program. */
@final
export class LoadedCode {
  constructor(
    /** The program, for `changeCode`, `lendCode` and the option `code` of `SpawnOptions`; null when it is none. */
    readonly code: Ref | null,
    /** Why it is none, `{not_instrumentable, Text}`; null when it is one. */
    readonly reason: Term | null,
  ) {}

  get ok(): bool {
    return this.code !== null;
  }
}

/**
 * Makes a program of the bytes of a WebAssembly module, at most 2 MiB; this process waits while others go on. The program counts towards this
 * process's memory until `purgeCode` or its end. Needs the grant `code`. Ends the process with `system_limit` when there is no room for it.
 *
 *     const loaded = loadCode(receive<Uint8Array>());
 *     if (loaded.ok) { const options = new SpawnOptions(); options.code = loaded.code; spawnExport("main", options); }
 */
export function loadCode(bytes: Uint8Array): LoadedCode {
  const length = abi.load(bytes.dataStart, bytes.length, inbox(), capacity());
  check(length, "loadCode");
  settle(length);
  const result = encodedFrom<Term>(answer(), length);
  const value = result.at(1);
  return result.at(0).isAtomNamed("ok") ? new LoadedCode(value.as<Ref>(), null) : new LoadedCode(null, value);
}

/**
 * Changes this process to the program that `code` names, which begins at its export `entry` (code_change unless it says otherwise) with the state as
 * its `argument`. Does not return when that went well, that is, when the new program has called `ready`. When it could not be, what the
 * new program did is undone, and this gives the reason: its trap, what it gave to `exit`, `{not_granted, Text}`, `{no_entry, Text}`; `badarg` for code that this
 * process may not use, `system_limit` for a state that is too large.
 *
 *     const reason = changeCode(code, total);
 *     log.warn("goes on with the old code: " + reason.toString());
 */
export function changeCode<S>(code: Ref, state: S, entry: string = ""): Term {
  encoder.begin();
  __moonletWrite<S>(state);
  const size = encoder.length();
  if (entry != "") {
    encoder.beginNext();
    encoder.text(entry);
  }
  const base = encoder.start();
  const length = abi.change(
    code.pointer, code.byteLength, base + size, encoder.length() - size, base, size, inbox(), capacity(),
  );
  // A server that is told to change by a reference that has been taken back goes on as well.
  if (length < 0) return Term.of<Atom>(atom(length == SYSTEM_LIMIT ? "system_limit" : "badarg"));
  settle(length);
  return encodedFrom<Term>(answer(), length);
}

/**
 * From here on the new program is this process's, and the old one is gone. Before, a new program may only look: what it does to others, waiting and
 * ending make the change fail. False for a process that is not changing its code.
 */
export function ready(): bool {
  return abi.ready() == 1;
}

/** Lets a process that descends from this one change to code that this one has loaded. Needs the grant `code`. */
export function lendCode(code: Ref, to: Pid): void {
  check(abi.lend(code.pointer, code.byteLength, to.pointer, to.byteLength), "lendCode: not loaded by this process, or to no descendant");
}

/** Forgets code that this process has loaded; processes that run it go on. Needs the grant `code`. */
export function purgeCode(code: Ref): void {
  check(abi.purge(code.pointer, code.byteLength), "purgeCode: not loaded by this process");
}
