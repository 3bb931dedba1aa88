// process.put, get, erase and dictionary: the process dictionary. It lives in the host, where others can look at it, and counts towards
// the process's memory limit as tables do.
import { keyBytes } from "../../otp/table/index.ts";
import { encodeTerm, heldBytes, tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { ERROR, type Namespace, type Syscall, type } from "../syscall.ts";

/** Takes a key, and answers with the value that was there, undefined for none. */
function byKey(name: string, act: (guest: Guest, key: unknown) => unknown): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    call: (guest, key: number, keyLength: number, out: number, cap: number) =>
      guest.answer(encodeTerm(act(guest, guest.readTerm(key, keyLength, name))), out, cap),
  };
}

/** Bytes of an entry; 0 for a key that is not there. A value that is undefined is one like any other. */
function entryBytes({ process }: Guest, key: unknown): number {
  return process.dictionary.has(key) ? keyBytes(key) + heldBytes(process.dictionary.get(key)) : 0;
}

export const dictionary: Namespace = {
  put: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    call: (
      guest,
      key: number,
      keyLength: number,
      pointer: number,
      length: number,
      out: number,
      cap: number,
    ) => {
      const { process } = guest;
      const wanted = guest.readTerm(key, keyLength, "process.put");
      const value = guest.readTerm(pointer, length, "process.put");
      const growth = keyBytes(wanted) + heldBytes(value) - entryBytes(guest, wanted);
      if (!process.hasRoom(growth)) {
        process.tellLimit("memoryBytes", growth);
        return ERROR.system_limit;
      }
      process.keepBytes(growth);
      return guest.answer(encodeTerm(process.dictionary.put(wanted, value)), out, cap);
    },
  },
  get: byKey("process.get", ({ process }, key) => process.usedDictionary?.get(key)),
  erase: byKey("process.erase", (guest, key) => {
    const { process } = guest;
    process.keepBytes(-entryBytes(guest, key));
    return process.dictionary.erase(key);
  }),
  dictionary: {
    type: type("i32 i32 -> i32"),
    call: (guest, out: number, cap: number) => {
      const entries = guest.process.usedDictionary?.entries() ?? [];
      return guest.answerTerm(
        entries.map(([key, value]) => tuple(key, value)),
        out,
        cap,
      );
    },
  },
};
