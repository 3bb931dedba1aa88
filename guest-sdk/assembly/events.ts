// The client side of event managers (stdlib manual, gen_event); the manager may be a guest's, JavaScript's or Erlang's.
import { FOR_EVER } from "./abi/code";
import { receiveResponse, sendAs } from "./call";
import { raise } from "./fault";
import { trySend } from "./message";
import { Pid } from "./pid";
import { self } from "./process";
import { Atom, atom } from "./term/atom";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** Sends an event to all handlers of a manager; never fails. */
export function notify<A, T>(manager: A, event: T): void {
  trySend<A, Term>(manager, Term.tuple([word("notify"), Term.of<T>(event)]));
}

/** As `notify`; returns when all have handled it. Ends the process when the manager is gone. */
export function syncNotify<A, T>(manager: A, event: T): void {
  ask<A>(manager, Term.tuple([word("sync_notify"), Term.of<T>(event)]));
}

/** Asks one handler, by its name or `{Name, Id}` as a term; `{error, bad_module}` when there is none. */
export function callHandler<A, T>(manager: A, handler: Term, request: T): Term {
  return ask<A>(manager, Term.tuple([word("call"), handler, Term.of<T>(request)]));
}

/** Adds a handler that the manager knows by this name; the atom ok, or why not. */
export function addHandler<A, T>(manager: A, handler: Term, args: T): Term {
  return ask<A>(manager, Term.tuple([word("add_handler"), handler, Term.of<T>(args)]));
}

/** As `addHandler`. The handler ends with this process; when it ends before, `{gen_event_EXIT, Handler, Reason}` comes. */
export function addSupHandler<A, T>(manager: A, handler: Term, args: T): Term {
  return ask<A>(manager, Term.tuple([word("add_sup_handler"), handler, Term.of<T>(args), Term.of<Pid>(self())]));
}

/** Removes a handler; what its terminate gave, or `{error, module_not_found}`. */
export function deleteHandler<A, T>(manager: A, handler: Term, args: T): Term {
  return ask<A>(manager, Term.tuple([word("delete_handler"), handler, Term.of<T>(args)]));
}

/** Removes a handler and adds another, whose init gets `{otherArgs, what the first one's terminate gave}`. */
export function swapHandler<A, T, U>(manager: A, handler: Term, args: T, other: Term, otherArgs: U): Term {
  return ask<A>(
    manager, Term.tuple([word("swap_handler"), handler, Term.of<T>(args), other, Term.of<U>(otherArgs)]),
  );
}

/** As `swapHandler`; the new handler ends with this process, as one of `addSupHandler`. */
export function swapSupHandler<A, T, U>(manager: A, handler: Term, args: T, other: Term, otherArgs: U): Term {
  return ask<A>(
    manager,
    Term.tuple([
      word("swap_sup_handler"), handler, Term.of<T>(args), other, Term.of<U>(otherArgs), Term.of<Pid>(self()),
    ]),
  );
}

/** The handlers, newest first. */
export function whichHandlers<A>(manager: A): Term[] {
  return ask<A>(manager, word("which_handlers")).as<Term[]>();
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}

function ask<A>(manager: A, content: Term): Term {
  const result = receiveResponse<Term>(sendAs<Term, A>("", manager, content), FOR_EVER);
  if (!result.ok) {
    encoder.begin();
    encoder.tuple(2);
    __moonletWrite<Term>(result.reason!);
    encoder.text("event manager: " + content.toString());
    raise();
  }
  return result.value;
}
