// What a process sends is its own copy (OTP: "terms are passed by value"), so that no process can change what another one holds.
import { ImproperList, Tuple } from "./term/tuple.ts";

/**
 * A copy of a message: arrays, tuples, plain objects, maps, sets and byte arrays are copied all the way down. Everything else (numbers,
 * text, atoms, pids, references, and instances of classes, which have no counterpart in Erlang) is handed over as it is.
 * `Differs from OTP:` a class instance or function sent between two JavaScript processes is shared.
 */
export function copyMessage(value: unknown): unknown {
  return typeof value === "object" && value !== null ? copyObject(value) : value;
}

function copyObject(value: object): unknown {
  if (Array.isArray(value)) {
    const copy: unknown[] = value instanceof Tuple ? new Tuple() : [];
    for (let i = 0; i < value.length; i++) copy.push(copyMessage(value[i]));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null)
    return copyPlain(value as Record<string, unknown>, prototype);
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof Map) return new Map(Array.from(value, ([k, v]) => [copyMessage(k), copyMessage(v)]));
  if (value instanceof Set) return new Set(Array.from(value, copyMessage));
  if (value instanceof ImproperList)
    return new ImproperList(value.heads.map(copyMessage), copyMessage(value.tail));
  return value;
}

function copyPlain(value: Record<string, unknown>, prototype: object | null): unknown {
  const copy: Record<string, unknown> = prototype === null ? Object.create(null) : {};
  for (const key of Object.keys(value)) {
    if (key === "__proto__") {
      Object.defineProperty(copy, key, {
        value: copyMessage(value[key]),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else {
      copy[key] = copyMessage(value[key]);
    }
  }
  return copy;
}
