// A TCP connection of the simulated network.
import type { Connection, Endpoint, Failure, ReadResult } from "../wasm/net/network.ts";
import { type Later, MemoryPipe } from "./memory-pipe.ts";

export class MemoryConnection implements Connection {
  changed = () => {};
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #incoming: MemoryPipe;
  readonly #outgoing: MemoryPipe;

  constructor(local: Endpoint, remote: Endpoint, incoming: MemoryPipe, outgoing: MemoryPipe) {
    this.local = local;
    this.remote = remote;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    incoming.readerChanged = () => this.changed();
    outgoing.writerChanged = () => this.changed();
  }

  read(maxBytes: number): ReadResult {
    return this.#incoming.read(maxBytes);
  }
  write(bytes: Uint8Array): number | Failure {
    return this.#outgoing.write(bytes);
  }
  finish(): void {
    this.#outgoing.finish();
  }
  abort(): void {
    this.changed = () => {};
    // The refusal first: who hears of the break finds that it cannot write either.
    this.#incoming.refuse("econnreset");
    this.#outgoing.break("econnreset");
  }
  close(): void {
    this.changed = () => {};
    this.#outgoing.finish();
    this.#incoming.refuse("epipe");
  }

  /** Nothing more can come of it. */
  get isOver(): boolean {
    return this.#incoming.isFinished && this.#outgoing.isFinished;
  }
  /** As a network that fails does it: both sides learn that it is gone. */
  break(): void {
    this.#incoming.break("econnreset");
    this.#outgoing.break("econnreset");
  }
}

/** Both ends of a connection. */
export function connectionPair(
  client: Endpoint,
  server: Endpoint,
  later: Later,
): readonly [client: MemoryConnection, server: MemoryConnection] {
  const [there, back] = [new MemoryPipe(later), new MemoryPipe(later)];
  return [
    new MemoryConnection(client, server, back, there),
    new MemoryConnection(server, client, there, back),
  ];
}
