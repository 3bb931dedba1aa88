// A listening socket as a process has it: connections, or requests, wait in it to be accepted.
import type { Process } from "../../otp/index.ts";
import type { Endpoint, Listener } from "./network.ts";
import { LISTENER_BYTES, Resource } from "./resource.ts";

export class ListeningSocket<T> extends Resource {
  readonly #listener: Listener<T>;

  constructor(owner: Process, listener: Listener<T>) {
    super(owner, LISTENER_BYTES);
    this.#listener = listener;
    listener.changed = () => this.wake();
  }

  get local(): Endpoint {
    return this.#listener.local;
  }

  accept(): T | undefined {
    return this.#listener.accept();
  }

  protected ended(): void {
    this.#listener.close();
  }
}
