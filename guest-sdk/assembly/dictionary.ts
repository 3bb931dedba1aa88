// The process dictionary: values under keys that others can look at, with `processItems` and from outside (OTP: put, get, erase). What only
// this process needs is better kept in its variables.
import * as abi from "./abi/process";
import { check } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

export namespace dictionary {
  /** Sets a value; gives the one before, the atom undefined for none. Ends the process with `system_limit` when it holds too much. */
  export function put<K, V>(key: K, value: V): Term {
    encoder.begin();
    __moonletWrite<K>(key);
    const size = encoder.length();
    encoder.beginNext();
    __moonletWrite<V>(value);
    const base = encoder.start();
    return found(abi.put(base, size, base + size, encoder.length() - size, inbox(), capacity()), "dictionary.put");
  }

  /** The value, or the atom undefined. */
  export function get<K>(key: K): Term {
    encoder.begin();
    __moonletWrite<K>(key);
    return found(abi.get(encoder.start(), encoder.length(), inbox(), capacity()), "dictionary.get");
  }

  /** Removes it; gives what it was. */
  export function erase<K>(key: K): Term {
    encoder.begin();
    __moonletWrite<K>(key);
    return found(abi.erase(encoder.start(), encoder.length(), inbox(), capacity()), "dictionary.erase");
  }

  /** All of it: `[{Key, Value}]`, in the order in which the keys were first put. */
  export function all(): Term {
    return found(abi.dictionary(inbox(), capacity()), "dictionary.all");
  }
}

function found(length: i32, what: string): Term {
  check(length, what);
  settle(length);
  return encodedFrom<Term>(answer(), length);
}
