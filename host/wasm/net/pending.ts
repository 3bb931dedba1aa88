// Something that has been begun and takes time: it counts as open, and is given up when its owner ends.
import type { Process } from "../../otp/index.ts";
import type { Cancel, Done, Failure } from "./network.ts";
import { CONNECTION_BYTES, Resource } from "./resource.ts";

export class Pending<T> extends Resource {
  readonly #cancel: Cancel;
  #result: T | Failure | undefined;

  constructor(owner: Process, begin: (done: Done<T>) => Cancel) {
    super(owner, CONNECTION_BYTES);
    this.#cancel = begin((result) => {
      this.#result = result;
      this.wake();
    });
  }

  get result(): T | Failure | undefined {
    return this.#result;
  }

  /** What came of it is its owner's from now on, who has taken it out. */
  finish(): void {
    this.retire();
  }

  protected ended(): void {
    this.#cancel();
  }
}
