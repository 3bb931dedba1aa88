// Which coroutines run guests over one memory. A memory has room for one captured stack: while a guest lies in it, no other may be stopped
// there.
import type { Coroutine } from "./contract.ts";

interface Owner {
  readonly exports: WebAssembly.Exports;
  readonly coroutine: Coroutine;
}

const owners = new WeakMap<WebAssembly.Memory, Owner[]>();

/** Notes who drives an instance over a memory. Gives all that do, when there are several; the list grows when more come. */
export function joinMemory(
  memory: WebAssembly.Memory,
  exports: WebAssembly.Exports,
  coroutine: Coroutine,
): readonly Owner[] {
  const list = owners.get(memory);
  if (!list) {
    const first = [{ exports, coroutine }];
    owners.set(memory, first);
    return first;
  }
  // An instance that is driven by another coroutine now.
  const place = list.findIndex((owner) => owner.exports === exports);
  if (place >= 0) list[place] = { exports, coroutine };
  else list.push({ exports, coroutine });
  return list;
}

/** Throws when another guest's stack is captured in the memory. */
export function assertMemoryIsFree(list: readonly Owner[], coroutine: Coroutine): void {
  if (list.some((owner) => owner.coroutine !== coroutine && owner.coroutine.stopped)) {
    throw new Error(
      "another guest that shares this one's memory is stopped, and its captured stack lies there: let it go on to its end first",
    );
  }
}
