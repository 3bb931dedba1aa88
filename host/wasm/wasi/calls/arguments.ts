// args_* and environ_*: lists of texts, first their sizes, then the texts and pointers to them.
import type { Guest } from "../../guest.ts";
import type { Calls } from "../call.ts";
import { ERRNO } from "../errno.ts";

const totalLength = (texts: readonly Uint8Array[]) => texts.reduce((sum, { length }) => sum + length, 0);

function sizes(texts: (guest: Guest) => readonly Uint8Array[], name: string) {
  return (guest: Guest, countOut: number, bytesOut: number) => {
    const all = texts(guest);
    const countAt = guest.memory.check(countOut, 4, name);
    const bytesAt = guest.memory.check(bytesOut, 4, name);
    guest.memory.view().setUint32(countAt, all.length, true);
    guest.memory.view().setUint32(bytesAt, totalLength(all), true);
    return ERRNO.success;
  };
}

function list(texts: (guest: Guest) => readonly Uint8Array[], name: string) {
  return (guest: Guest, pointers: number, bytes: number) => {
    const all = texts(guest);
    const pointersAt = guest.memory.check(pointers, all.length * 4, name);
    let at = guest.memory.check(bytes, totalLength(all), name);
    const view = guest.memory.view();
    for (const [i, text] of all.entries()) {
      view.setUint32(pointersAt + i * 4, at, true);
      guest.memory.write(at, text);
      at += text.length;
    }
    return ERRNO.success;
  };
}

const args = (guest: Guest) => guest.wasi.arguments;
const variables = (guest: Guest) => guest.wasi.variables;

export const argumentCalls: Calls = {
  args_sizes_get: sizes(args, "args_sizes_get"),
  args_get: list(args, "args_get"),
  environ_sizes_get: sizes(variables, "environ_sizes_get"),
  environ_get: list(variables, "environ_get"),
};
