// The process dictionary (OTP: put, get, erase). Keys are terms and compare exactly.
import { termKey } from "./term/key.ts";

export class Dictionary {
  readonly #entries = new Map<unknown, readonly [key: unknown, value: unknown]>();

  get(key: unknown): unknown {
    return this.#entries.get(termKey(key))?.[1];
  }

  has(key: unknown): boolean {
    return this.#entries.has(termKey(key));
  }

  /** Returns the old value, or undefined. */
  put(key: unknown, value: unknown): unknown {
    const id = termKey(key);
    const old = this.#entries.get(id)?.[1];
    this.#entries.set(id, [key, value]);
    return old;
  }

  /** Returns the old value, or undefined. */
  erase(key: unknown): unknown {
    const id = termKey(key);
    const old = this.#entries.get(id)?.[1];
    this.#entries.delete(id);
    return old;
  }

  /** All keys with their values, in the order in which they were first put. */
  entries(): (readonly [key: unknown, value: unknown])[] {
    return [...this.#entries.values()];
  }
}
