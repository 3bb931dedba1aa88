// An HTTP request of the simulated network, seen from its two sides. Heads are handed over as they are: nothing is written out and parsed.
import {
  type Endpoint,
  type Failure,
  failure,
  type HttpCall,
  type HttpExchange,
  type ReadResult,
  type RequestHead,
  type ResponseHead,
} from "../wasm/net/network.ts";
import { type Later, MemoryPipe } from "./memory-pipe.ts";

/** What lies between the two. */
class Transfer {
  readonly request: MemoryPipe;
  readonly response: MemoryPipe;
  readonly later: Later;
  head: ResponseHead | Failure | undefined;
  isOpen = true;
  callChanged = () => {};
  exchangeChanged = () => {};

  constructor(later: Later) {
    this.later = later;
    this.request = new MemoryPipe(later);
    this.response = new MemoryPipe(later);
    this.request.writerChanged = () => this.callChanged();
    this.request.readerChanged = () => this.exchangeChanged();
    this.response.writerChanged = () => this.exchangeChanged();
    this.response.readerChanged = () => this.callChanged();
  }

  /** The connection is no more. */
  break(): void {
    this.request.break("econnreset");
    this.response.break("econnreset");
    this.later(() => {
      this.isOpen = false;
      this.head ??= failure("econnreset");
      this.exchangeChanged();
      this.callChanged();
    });
  }
}

class MemoryExchange implements HttpExchange {
  readonly head: RequestHead;
  readonly #transfer: Transfer;
  #hasResponded = false;

  constructor(transfer: Transfer, head: RequestHead) {
    this.#transfer = transfer;
    this.head = head;
  }

  get changed(): () => void {
    return this.#transfer.exchangeChanged;
  }
  set changed(changed: () => void) {
    this.#transfer.exchangeChanged = changed;
  }
  get isOpen(): boolean {
    return this.#transfer.isOpen;
  }
  respond(head: ResponseHead): void {
    if (!this.isOpen || this.#hasResponded) return;
    this.#hasResponded = true;
    this.#transfer.later(() => {
      this.#transfer.head ??= head;
      this.#transfer.callChanged();
    });
  }
  read(maxBytes: number): ReadResult {
    return this.#transfer.request.read(maxBytes);
  }
  write(bytes: Uint8Array): number | Failure {
    return this.#transfer.response.write(bytes);
  }
  finish(): void {
    this.#transfer.response.finish();
    this.#transfer.request.refuse("closed");
    this.#transfer.later(() => {
      this.#transfer.isOpen = false;
      this.changed();
    });
  }
  abort(): void {
    this.changed = () => {};
    this.#transfer.break();
  }
}

class MemoryCall implements HttpCall {
  readonly #transfer: Transfer;

  constructor(transfer: Transfer) {
    this.#transfer = transfer;
  }

  get changed(): () => void {
    return this.#transfer.callChanged;
  }
  set changed(changed: () => void) {
    this.#transfer.callChanged = changed;
  }
  get response(): ResponseHead | Failure | undefined {
    return this.#transfer.head;
  }
  read(maxBytes: number): ReadResult {
    return this.#transfer.response.read(maxBytes);
  }
  write(bytes: Uint8Array): number | Failure {
    return this.#transfer.request.write(bytes);
  }
  finish(): void {
    this.#transfer.request.finish();
  }
  abort(): void {
    this.changed = () => {};
    if (this.#transfer.isOpen) this.#transfer.break();
  }
}

export interface MemoryRequest {
  readonly call: HttpCall;
  readonly exchange: HttpExchange;
  readonly isOver: boolean;
  /** As a network that fails does it. */
  break(): void;
}

export function memoryRequest(head: Omit<RequestHead, "peer">, peer: Endpoint, later: Later): MemoryRequest {
  const transfer = new Transfer(later);
  return {
    call: new MemoryCall(transfer),
    exchange: new MemoryExchange(transfer, { ...head, peer }),
    break: () => transfer.break(),
    get isOver() {
      return !transfer.isOpen;
    },
  };
}

/** A request that nothing comes of. */
export function failedCall(reason: string, later: Later): HttpCall {
  const transfer = new Transfer(later);
  later(() => {
    transfer.head = failure(reason);
    transfer.callChanged();
  });
  return new MemoryCall(transfer);
}
