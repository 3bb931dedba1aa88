// Looking into a behaviour's process, changing and stopping it, from another process (stdlib manual, sys). The other side may be a
// guest, JavaScript or Erlang.
import { FOR_EVER } from "./abi/code";
import { CallResult, DEFAULT_CALL_TIMEOUT, receiveResponse, sendAs } from "./call";
import { raise } from "./fault";
import { demonitor, exit, monitor, reasonTerm } from "./process";
import { receiveDown } from "./receive";
import { Ref } from "./ref";
import { Atom, atom } from "./term/atom";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** System requests. Each ends the calling process with `{Reason, Text}` when there is no answer. */
export namespace sys {
  /** The state; of a state machine `{State, Data}`. */
  export function getState<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term {
    return request<A>(server, word("get_state"), timeoutMs);
  }

  /**
   * Gives a guest's server another state, which is the answer; `{error, _}` when it takes none. `Differs from OTP:` there is no function
   * that computes it, since a guest can receive none.
   */
  export function replaceState<A, T>(server: A, state: T, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term {
    return request<A>(server, Term.tuple([word("replace_state"), Term.of<T>(state)]), timeoutMs);
  }

  /** `{status, Pid, {module, M}, [Dictionary, running | suspended, Parent, Debug, Misc]}`. */
  export function getStatus<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term {
    return request<A>(server, word("get_status"), timeoutMs);
  }

  /** It serves nothing but system messages until `resume`. */
  export function suspend<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    request<A>(server, word("suspend"), timeoutMs);
  }

  export function resume<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    request<A>(server, word("resume"), timeoutMs);
  }

  /** Logs every message that it takes, or ends that. */
  export function trace<A>(server: A, flag: bool, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    request<A>(server, Term.tuple([word("debug"), Term.tuple([word("trace"), Term.of<bool>(flag)])]), timeoutMs);
  }

  /** Keeps its last events (10, or so many as `size` says), or ends that. */
  export function log<A>(server: A, flag: bool, size: i32 = 0, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    const wanted = flag && size > 0 ? Term.tuple([Term.of<bool>(true), Term.of<i32>(size)]) : Term.of<bool>(flag);
    debug<A>(server, "log", wanted, timeoutMs);
  }

  /** The events that it keeps, oldest first: `{in, Message}`, `{out, Message, To}`, `{noreply, State}`. */
  export function getLog<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term[] {
    return debug<A>(server, "log", word("get"), timeoutMs).at(1).as<Term[]>();
  }

  /** Counts messages and reductions, or ends that. */
  export function statistics<A>(server: A, flag: bool, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    debug<A>(server, "statistics", Term.of<bool>(flag), timeoutMs);
  }

  /** `[{start_time, _}, {current_time, _}, {reductions, _}, {messages_in, _}, {messages_out, _}]`; the atom no_statistics when it does not count. */
  export function getStatistics<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term {
    return debug<A>(server, "statistics", word("get"), timeoutMs).at(1);
  }

  /** Has a function that a guest's behaviour knows by this name (`knowDebug`) see every event; false when it knows none. */
  export function install<A, T>(server: A, name: string, state: T, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): bool {
    const what = Term.tuple([word(name), Term.of<T>(state)]);
    return debug<A>(server, "install", what, timeoutMs).isAtomNamed("ok");
  }

  export function remove<A>(server: A, name: string, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    debug<A>(server, "remove", word(name), timeoutMs);
  }

  /** Ends all of these. */
  export function noDebug<A>(server: A, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    request<A>(server, Term.tuple([word("debug"), word("no_debug")]), timeoutMs);
  }

  /** Runs `codeChange` in a suspended behaviour; the atom ok, or `{error, Reason}`. */
  export function changeCode<A, V, E>(server: A, oldVersion: V, extra: E, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term {
    const content = Term.tuple([word("change_code"), word("undefined"), Term.of<V>(oldVersion), Term.of<E>(extra)]);
    return request<A>(server, content, timeoutMs);
  }

  /** The same with new code, which has to be lent to the behaviour's process (`lendCode`): it takes over there. */
  export function changeCodeTo<A, V, E>(server: A, code: Ref, oldVersion: V, extra: E, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): Term {
    const content = Term.tuple([word("change_code"), Term.of<Ref>(code), Term.of<V>(oldVersion), Term.of<E>(extra)]);
    return request<A>(server, content, timeoutMs);
  }

  /** Ends it; does not wait for that, as `stopServer` does. */
  export function terminate<A, R>(server: A, reason: R, timeoutMs: u32 = DEFAULT_CALL_TIMEOUT): void {
    request<A>(server, Term.tuple([word("terminate"), reasonTerm<R>(reason)]), timeoutMs);
  }
}

/**
 * Stops a behaviour's process, also one that is suspended, and waits for its end. Ends the calling process when that does not come in
 * time, or with the reason of the end when it is another than the one asked for.
 */
export function stopServer<A, R>(server: A, reason: R, timeoutMs: u32 = FOR_EVER): void {
  const asked = reasonTerm<R>(reason);
  const ref = monitor<A>(server);
  sys.terminate<A, Term>(server, asked, timeoutMs);
  const down = receiveDown(ref, timeoutMs);
  if (down === null) {
    demonitor(ref);
    exit<string>("timeout");
    return;
  }
  if (down.reason != asked) exit<Term>(down.reason);
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}

function debug<A>(server: A, name: string, flag: Term, timeoutMs: u32): Term {
  return request<A>(server, Term.tuple([word("debug"), Term.tuple([word(name), flag])]), timeoutMs);
}

function request<A>(server: A, content: Term, timeoutMs: u32): Term {
  const result: CallResult<Term> = receiveResponse<Term>(sendAs<Term, A>("system", server, content), timeoutMs);
  if (!result.ok) {
    encoder.begin();
    encoder.tuple(2);
    __moonletWrite<Term>(result.reason!);
    encoder.text("system message " + content.toString());
    raise();
  }
  return result.value;
}
