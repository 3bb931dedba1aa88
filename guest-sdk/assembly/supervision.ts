// Managing a supervisor from another process (stdlib manual, supervisor). It may be a guest's, JavaScript's or Erlang's.
import { FOR_EVER } from "./abi/code";
import { receiveResponse, sendAs } from "./call";
import { ChildSpec } from "./child-spec";
import { raise } from "./fault";
import { Pid } from "./pid";
import { StartResult } from "./start";
import { Atom, atom } from "./term/atom";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** A child as `whichChildren` lists it. */
@final
export class ListedChild {
  constructor(
    /** The atom undefined for a child of a dynamic supervisor. */
    readonly id: Term,
    /** Null while it is not running. */
    readonly pid: Pid | null,
    /** Whether its start is being tried again. */
    readonly isRestarting: bool,
    readonly isSupervisor: bool,
  ) {}
}

/** How many children a supervisor has. */
@final
export class ChildCounts {
  constructor(readonly specs: i32, readonly active: i32, readonly supervisors: i32, readonly workers: i32) {}
}

/** Adds a child and starts it. Both processes have to be of one program, unless the child runs an exported function or `spec` is a map. */
export function startChild<A>(supervisor: A, spec: ChildSpec): StartResult {
  return startChildFrom<A>(supervisor, spec.toTerm());
}

/** As `startChild`, for a specification that is a map. */
export function startChildFrom<A>(supervisor: A, spec: Term): StartResult {
  return started(ask<A>(supervisor, Term.tuple([word("start_child"), spec])));
}

/** Starts one more child of a dynamic supervisor, with this argument. */
export function startDynamicChild<A, T>(supervisor: A, argument: T): StartResult {
  return started(ask<A>(supervisor, Term.tuple([word("start_child"), Term.of<Term[]>([Term.of<T>(argument)])])));
}

/** Stops a child and keeps its specification, if it is not temporary. `id` is its pid for a dynamic supervisor. Null, or why not. */
export function terminateChild<A, I>(supervisor: A, id: I): Term | null {
  return done(ask<A>(supervisor, Term.tuple([word("terminate_child"), Term.of<I>(id)])));
}

/** Starts a child that is stopped. */
export function restartChild<A, I>(supervisor: A, id: I): StartResult {
  return started(ask<A>(supervisor, Term.tuple([word("restart_child"), Term.of<I>(id)])));
}

/** Forgets a child that is stopped. Null, or why not. */
export function deleteChild<A, I>(supervisor: A, id: I): Term | null {
  return done(ask<A>(supervisor, Term.tuple([word("delete_child"), Term.of<I>(id)])));
}

/** The children, the newest first. */
export function whichChildren<A>(supervisor: A): ListedChild[] {
  const list = ask<A>(supervisor, word("which_children")).as<Term[]>();
  const children: ListedChild[] = [];
  for (let i = 0; i < list.length; i++) {
    const child = list[i].at(1);
    children.push(
      new ListedChild(
        list[i].at(0), child.isPid ? child.as<Pid>() : null, child.isAtomNamed("restarting"),
        list[i].at(2).isAtomNamed("supervisor"),
      ),
    );
  }
  return children;
}

export function countChildren<A>(supervisor: A): ChildCounts {
  const pairs = ask<A>(supervisor, word("count_children"));
  return new ChildCounts(
    pairs.at(0).at(1).as<i32>(), pairs.at(1).at(1).as<i32>(), pairs.at(2).at(1).as<i32>(), pairs.at(3).at(1).as<i32>(),
  );
}

/** A child's specification as a map; null when there is no such child. */
export function getChildSpec<A, I>(supervisor: A, id: I): Term | null {
  const found = ask<A>(supervisor, Term.tuple([word("get_childspec"), Term.of<I>(id)]));
  return found.at(0).isAtomNamed("ok") ? found.at(1) : null;
}

function started(answer: Term): StartResult {
  const value = answer.at(1);
  if (!answer.at(0).isAtomNamed("ok")) return new StartResult(null, value);
  return new StartResult(value.isPid ? value.as<Pid>() : null, null);
}

function done(answer: Term): Term | null {
  return answer.isTuple ? answer.at(1) : null;
}

function ask<A>(supervisor: A, content: Term): Term {
  const result = receiveResponse<Term>(sendAs<Term, A>("$gen_call", supervisor, content), FOR_EVER);
  if (!result.ok) {
    encoder.begin();
    encoder.tuple(2);
    __moonletWrite<Term>(result.reason!);
    encoder.text("supervisor: " + content.toString());
    raise();
  }
  return result.value;
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}
