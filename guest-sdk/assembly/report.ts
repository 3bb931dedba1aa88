// Reports: what behaviours tell the operator, as data, in the host's stream of events (OTP: progress and supervisor reports). They are
// written straight into the encoder: a supervisor makes two for each restart, of twenty atoms, and nobody keeps them.
import * as abi from "./abi/log";
import { FOR_EVER } from "./abi/code";
import { ChildSpec, Restart } from "./child-spec";
import { Pid } from "./pid";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** A supervisor started a child. */
export function reportProgress(supervisor: Term, spec: ChildSpec, pid: Pid | null): void {
  begin(3, "progress");
  term("supervisor", supervisor);
  child(spec, pid);
  end();
}

/** Something went wrong in a supervisor: start_error, child_terminated, shutdown_error, shutdown. */
export function reportTrouble(supervisor: Term, context: string, reason: Term, spec: ChildSpec, pid: Pid | null): void {
  begin(5, "supervisor");
  term("supervisor", supervisor);
  word("context", context);
  term("reason", reason);
  child(spec, pid);
  end();
}

/** A behaviour ended for another reason than normal, shutdown or `{shutdown, _}`. */
export function reportTerminated(behaviour: string, name: Term, reason: Term, state: Term): void {
  begin(6, "terminated");
  word("behaviour", behaviour);
  term("name", name);
  term("reason", reason);
  word("last_message", "undefined");
  term("state", state);
  end();
}

/** What sys:trace shows: `{in, Message}`, `{out, Message, To}`. */
export function reportTrace(name: Term, event: Term): void {
  begin(3, "trace");
  term("name", name);
  term("event", event);
  end();
}

/** Begins a report of so many pairs. */
function begin(pairs: u32, type: string): void {
  encoder.begin();
  encoder.map(pairs);
  word("type", type);
}

function end(): void {
  abi.report(encoder.start(), encoder.length());
}

function word(key: string, name: string): void {
  encoder.atom(key);
  encoder.atom(name);
}

function term(key: string, value: Term): void {
  encoder.atom(key);
  __moonletWrite<Term>(value);
}

function child(spec: ChildSpec, pid: Pid | null): void {
  encoder.atom("child");
  encoder.map(5);
  term("id", spec.id);
  encoder.atom("pid");
  __moonletWrite<Pid | null>(pid);
  word("restart", restartWord(spec.restart));
  encoder.atom("shutdown");
  if (spec.shutdownMs == FOR_EVER) encoder.atom("infinity");
  else if (spec.isKilled) encoder.atom("brutal_kill");
  else encoder.integer(<i64>spec.shutdownMs);
  word("type", spec.isSupervisor ? "supervisor" : "worker");
}

function restartWord(restart: Restart): string {
  if (restart == Restart.Permanent) return "permanent";
  return restart == Restart.Transient ? "transient" : "temporary";
}
