// Who may call a behaviour's client functions: a process with its context, or the embedder through the runtime.
import type { Context } from "../context.ts";
import type { Runtime } from "../runtime.ts";

/** A process, or the runtime for code outside of all processes: a short-lived process then acts for it. */
export type Caller = Context | Runtime;

export function isContext(caller: Caller): caller is Context {
  return "process" in caller && "pid" in caller;
}

/** Runs `act` in the caller's process, or in a new one whose failure rejects the promise. */
export function inProcess<T>(caller: Caller, act: (self: Context) => Promise<T>): Promise<T> {
  if (isContext(caller)) return act(caller);
  return new Promise((resolve, reject) => {
    caller.spawn(async function caller(self: Context) {
      try {
        resolve(await act(self));
      } catch (error) {
        reject(error);
      }
    });
  });
}
