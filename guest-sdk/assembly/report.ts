// Reports: what behaviours tell the operator, as data, in the host's stream of events (OTP: progress and supervisor reports).
import * as abi from "./abi/log";
import { ChildSpec } from "./child-spec";
import { Pid } from "./pid";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";

/** A supervisor started a child. */
export function reportProgress(supervisor: Term, spec: ChildSpec, pid: Pid | null): void {
  write([word("type"), word("progress"), word("supervisor"), supervisor, word("child"), childTerm(spec, pid)]);
}

/** Something went wrong in a supervisor: start_error, child_terminated, shutdown_error, shutdown. */
export function reportTrouble(supervisor: Term, context: string, reason: Term, spec: ChildSpec, pid: Pid | null): void {
  write([
    word("type"), word("supervisor"), word("supervisor"), supervisor, word("context"), word(context), word("reason"), reason,
    word("child"), childTerm(spec, pid),
  ]);
}

/** A behaviour ended for another reason than normal, shutdown or `{shutdown, _}`. */
export function reportTerminated(behaviour: string, name: Term, reason: Term, state: Term): void {
  write([
    word("type"), word("terminated"), word("behaviour"), word(behaviour), word("name"), name, word("reason"), reason,
    word("last_message"), word("undefined"), word("state"), state,
  ]);
}

/** What sys:trace shows: `{in, Message}`, `{out, Message, To}`. */
export function reportTrace(name: Term, event: Term): void {
  write([word("type"), word("trace"), word("name"), name, word("event"), event]);
}

function childTerm(spec: ChildSpec, pid: Pid | null): Term {
  return Term.map([
    word("id"), spec.id, word("pid"), pid === null ? word("undefined") : Term.of<Pid>(pid), word("restart"), spec.restartTerm(),
    word("shutdown"), spec.shutdownTerm(), word("type"), spec.typeTerm(),
  ]);
}

function write(pairs: Term[]): void {
  const report = Term.map(pairs);
  abi.report(report.pointer, report.byteLength);
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}
