// What a supervisor says of its children and to whoever manages it, as terms.
import { isCommand } from "./behaviour";
import { Pid } from "./pid";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";

/** The names of the strategies in OTP, in the order of `Strategy`. */
const STRATEGIES: StaticArray<string> = ["one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"];

export function strategyName(strategy: i32): string {
  return STRATEGIES[strategy];
}

/** The reason for the log: of a trap only its kind and message, since the host reports its frames. */
export function brief(reason: Term): string {
  if (reason.isTuple && reason.length == 4 && reason.at(0).isAtomNamed("trap") && reason.at(2).isText) {
    return reason.at(1).toString() + ": " + reason.at(2).text;
  }
  return reason.toString();
}

/** Whether it is normal, shutdown or `{shutdown, _}`. */
export function isOrderly(reason: Term): bool {
  if (reason.isAtomNamed("normal") || reason.isAtomNamed("shutdown")) return true;
  return isCommand(reason, "shutdown", 2);
}

/** What `count_children` answers. */
export function countsTerm(specs: i32, active: i32, supervisors: i32, workers: i32): Term {
  return Term.of<Term[]>([
    Term.tuple([word("specs"), Term.of<i32>(specs)]),
    Term.tuple([word("active"), Term.of<i32>(active)]),
    Term.tuple([word("supervisors"), Term.of<i32>(supervisors)]),
    Term.tuple([word("workers"), Term.of<i32>(workers)]),
  ]);
}

/** `{ok, Pid | undefined}`. */
export function okPid(pid: Pid | null): Term {
  return Term.tuple([word("ok"), pid === null ? word("undefined") : Term.of<Pid>(pid)]);
}

/** `{error, Reason}`. */
export function error(reason: Term): Term {
  return Term.tuple([word("error"), reason]);
}

export function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}
