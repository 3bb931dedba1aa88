// The network that guests reach, as a contract without a platform: host/node has the real one, host/sim one in memory. Nothing in it
// blocks. What is not there yet is `empty` or undefined, and `changed` is called when asking again may give something else.

/** An address in numbers and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What could not be done, and why: the names of POSIX in small letters, and `nxdomain`, as Erlang's inet has them. */
export interface Failure {
  readonly type: "failure";
  readonly reason: string;
}

/** What a reader finds. */
export type ReadResult =
  /** Bytes that are the reader's to keep, and in how many pieces their sender had them come, where that is work: default one. */
  | { readonly type: "data"; readonly bytes: Uint8Array; readonly pieces?: number }
  /** Nothing yet. */
  | { readonly type: "empty" }
  /** The other side has said all it had to say, and everything was read. */
  | { readonly type: "end" }
  /** It is gone, or the connection to it. */
  | { readonly type: "broken"; readonly reason: string };

export const EMPTY: ReadResult = Object.freeze({ type: "empty" });
export const END: ReadResult = Object.freeze({ type: "end" });

export function failure(reason: string): Failure {
  return { type: "failure", reason };
}

/** Bytes in both directions, each bounded: what is not read stops the other side, and what it does not take is not taken here. */
export interface Channel {
  /** Called whenever `read` or `write` may have a new answer, never from within a call of this side's. Its user sets it. */
  changed: () => void;
  /** At most `maxBytes` of what has come. */
  read(maxBytes: number): ReadResult;
  /** Takes a copy of as many bytes as there is room for, and tells how many. A failure: nobody will get them. */
  write(bytes: Uint8Array): number | Failure;
  /** Nothing more will be written; the other side gets what was written, and then the end. Twice is once. */
  finish(): void;
  /** Ends both directions at once; the other side learns that it was not the orderly end. Nothing after the end. */
  abort(): void;
}

/** A TCP connection. */
export interface Connection extends Channel {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Ends both directions in order: what was written still goes out, for a bounded time. */
  close(): void;
}

/** Where connections or requests come in. At most `backlog` wait to be accepted; the next is turned away by the listener. */
export interface Listener<T> {
  /** Called when `accept` may have a new answer. Its user sets it. */
  changed: () => void;
  readonly local: Endpoint;
  /** The one that has waited longest. */
  accept(): T | undefined;
  /** Takes no more; what waits is turned away, what was accepted goes on. */
  close(): void;
}

export interface ConnectTarget {
  /** A name or an address in numbers. */
  readonly host: string;
  readonly port: number;
  /** Whether this address, which the name stands for, may be used. */
  readonly admits: (address: string) => boolean;
  /** Those who share what a network does one after the other, as looking names up: the family of the process that asks. */
  readonly asker: object;
}

export interface ListenTarget {
  /** An address of this machine, in numbers. */
  readonly address: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly backlog: number;
  /** Bounds what is held of several listeners together. Default: nothing does. */
  readonly budget?: Budget;
}

/** For how many connections there is room that nobody has accepted yet, or, of HTTP, for how many at all. */
export interface Budget {
  /** False when there is no room: the connection is turned away. */
  take(): boolean;
  giveBack(): void;
}

/** Names with values, in the order in which they were sent; a name may come several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface HttpLimits {
  /** Bytes of a head; above it the client gets 431. */
  readonly maxHeaderBytes: number;
  /** Connections at a time; above it they are closed. */
  readonly maxConnections: number;
  /** For a head to be complete, from its first byte or the beginning of the connection; then the client gets 408. */
  readonly headersTimeoutMs: number;
  /** For a whole request, body included. */
  readonly requestTimeoutMs: number;
  /** How long a connection without a request is kept. */
  readonly keepAliveTimeoutMs: number;
  /** How long a connection with a request may be silent in both directions. */
  readonly inactivityTimeoutMs: number;
}

export interface RequestHead {
  readonly method: string;
  /** As the client sent it: `/path?query`, rarely an absolute URL or `*`. */
  readonly target: string;
  /** Names in small letters. */
  readonly headers: HeaderList;
  readonly peer: Endpoint;
}

export interface ResponseHead {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: HeaderList;
}

/** A request that came in. `read` gives its body, `write` and `finish` the body of the response, once `respond` has sent its head. */
export interface HttpExchange extends Channel {
  readonly head: RequestHead;
  /** Whether the client can still get an answer. */
  readonly isOpen: boolean;
  /** Sends the head, once. `isLast`: the connection is closed after the response. */
  respond(head: ResponseHead, isLast: boolean): void;
}

export interface HttpRequest extends ConnectTarget {
  readonly isSecure: boolean;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `Host` and what frames the body are not among them. */
  readonly headers: HeaderList;
  /** Bytes that will be written, where that is known. */
  readonly bodyBytes: number | undefined;
  /** Of the head of the response. */
  readonly maxHeaderBytes: number;
}

/** A request that goes out. `write` and `finish` give its body, `read` the body of the response. */
export interface HttpCall extends Channel {
  /** Undefined as long as it is not there. */
  readonly response: ResponseHead | Failure | undefined;
}

/** Told once how something ended that takes time; never before the call that began it has returned. */
export type Done<T> = (result: T | Failure) => void;
/** Gives up waiting: the callback is not called any more, and what is there by then is closed. */
export type Cancel = () => void;

export interface Network {
  connect(target: ConnectTarget, done: Done<Connection>): Cancel;
  listen(target: ListenTarget, done: Done<Listener<Connection>>): Cancel;
  serveHttp(target: ListenTarget, limits: HttpLimits, done: Done<Listener<HttpExchange>>): Cancel;
  /** Done as soon as it has begun: what became of it shows in `response`. */
  requestHttp(request: HttpRequest, done: Done<HttpCall>): Cancel;
}
