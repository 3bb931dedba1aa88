// Loads the code that it is sent, and does with it what it is told.
import {
  changeCode, lendCode, loadCode, Pid, purgeCode, receive, Ref, send, spawnExportWith, SpawnOptions, spawnWith, Term,
} from "moonlet/guest-sdk";

@message class Code { constructor(public bytes: Uint8Array, public then: string) {} }
@message class Told { constructor(public what: string, public term: Term) {} }

function tell(to: Pid, what: string, term: Term): void {
  send<Pid, Told>(to, new Told(what, term));
}

/** A child that changes to whatever code it is sent. */
function child(listener: Pid): void {
  const code = receive<Ref>();
  tell(listener, "kept", changeCode<Pid>(code, listener, "taken"));
}

export function main(): void {
  const listener = receive<Pid>();
  while (true) {
    const message = receive<Code>();
    const loaded = loadCode(message.bytes);
    const code = loaded.code;
    if (code === null) {
      tell(listener, "failed", loaded.reason!);
      continue;
    }
    const options = new SpawnOptions();
    options.code = code;
    if (message.then == "spawn") spawnExportWith<Pid>("started", listener, options);
    if (message.then == "change") tell(listener, "kept", changeCode<Pid>(code, listener, "taken"));
    if (message.then == "lend") {
      const pid = spawnWith<Pid>(child, listener);
      lendCode(code, pid);
      send<Pid, Ref>(pid, code);
    }
    if (message.then == "steal") send<Pid, Ref>(spawnWith<Pid>(child, listener), code);
    if (message.then == "purge") {
      purgeCode(code);
      tell(listener, "purged", Term.of<bool>(true));
    }
  }
}
