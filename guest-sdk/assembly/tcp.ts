// TCP (OTP: gen_tcp): connections and listening sockets. A socket belongs to one process, which alone may use it, and is closed when
// that ends. Connecting needs the grant `connect`, listening the grant `listen`.
import { CLOSED, FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/tcp";
import { check, failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import { activate, ALWAYS, beginOptions, closeRef, COUNTED, Endpoint, endpointOf, failedWith, giveSocket, ONCE, PASSIVE, PIECE_BYTES, pieceOf, placeNumber, reasonFor, refAt } from "./socket";
import { spawnIfRoom, SpawnOptions } from "./spawn";
import { Atom } from "./term/atom";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";

/** How a program listens. */
@final
export class ListenOptions {
  /** An address of the machine; "0.0.0.0" and "::" are all of them. */
  ip: string = "127.0.0.1";
  /** How many connections wait to be accepted; one more is reset. */
  backlog: i32 = 128;
}

/** Listens on a port; 0 is one that is free. Ends the process with `{eaddrinuse, Text}` and the like. */
export function tcpListen(port: i32, options: ListenOptions = new ListenOptions()): TcpListener {
  encoder.begin();
  beginOptions(2);
  encoder.atom("ip");
  encoder.text(options.ip);
  placeNumber("backlog", options.backlog);
  const result = abi.listen(port, encoder.start(), encoder.length(), inbox(), capacity());
  if (result < 0) failedWith(result, "tcpListen: port " + port.toString());
  return new TcpListener(refAt(result));
}

/** What came of connecting. */
@final
export class ConnectResult {
  constructor(
    /** Null when there is no connection. */
    readonly socket: TcpSocket | null,
    /** Why not: "econnrefused", "nxdomain", "timeout" and the like. */
    readonly reason: string,
  ) {}
}

/** Connects to a host, by name or address. Ends the process with `{econnrefused, Text}` and the like when there is no connection. */
export function tcpConnect(host: string, port: i32, timeoutMs: u32 = 30_000): TcpSocket {
  const result = connect(host, port, timeoutMs);
  if (result < 0) failedWith(result, "tcpConnect: " + host + ":" + port.toString());
  return new TcpSocket(refAt(result));
}

/** As `tcpConnect`, and tells why there is no connection. A grant that is missing, and a host that is none, still end the process. */
export function tryTcpConnect(host: string, port: i32, timeoutMs: u32 = 30_000): ConnectResult {
  const result = connect(host, port, timeoutMs);
  if (result >= 0) return new ConnectResult(new TcpSocket(refAt(result)), "");
  const reason = reasonFor(result);
  if (reason.length == 0) failed(result, "tryTcpConnect: " + host + ":" + port.toString());
  return new ConnectResult(null, reason);
}

function connect(host: string, port: i32, timeoutMs: u32): i32 {
  const text = String.UTF8.encode(host);
  return abi.connect(changetype<usize>(text), text.byteLength, port, inbox(), capacity(), timeoutMs);
}

/** A socket that listens. */
@message("$socket")
export class TcpListener {
  constructor(public ref: Ref) {}

  /** Where it listens. */
  get local(): Endpoint {
    return endpoint(abi.sockname(this.ref.pointer, this.ref.byteLength, inbox(), capacity()), "TcpListener.local");
  }

  /** The next connection, which is this process's from then on. */
  accept(): TcpSocket {
    return this.acceptWithin(FOR_EVER)!;
  }

  /** As `accept`, for at most `ms` milliseconds; null when none came. */
  acceptWithin(ms: u32): TcpSocket | null {
    const result = abi.accept(this.ref.pointer, this.ref.byteLength, inbox(), capacity(), ms);
    if (result == TIMEOUT) return null;
    if (result < 0) failed(result, "TcpListener.accept: this socket is not this process's, or too many are open");
    return new TcpSocket(refAt(result));
  }

  /**
   * Accepts for ever, and spawns a process for each connection, which is that process's from its first instruction on. Where there is no room for one
   * more process, the connection is closed.
   */
  serve(handler: (socket: TcpSocket) => void, options: SpawnOptions = new SpawnOptions()): void {
    while (true) {
      const socket = this.accept();
      options.sockets = [socket.ref];
      if (!spawnIfRoom<TcpSocket>(handler, socket, options)) socket.close();
    }
  }

  /**
   * Has connections sent to this process, whose they are from then on: so many more, each a `TcpAccept`, then a `TcpPassive`. A negative number
   * takes back what was asked for; at 0 it is passive. What is not sent waits in the backlog.
   */
  active(connections: i32): void {
    activate(this.ref, COUNTED, connections, "TcpListener.active");
  }

  /** One connection, and no `TcpPassive` after it. */
  activeOnce(): void {
    activate(this.ref, ONCE, 0, "TcpListener.activeOnce");
  }

  /** Connections without end; while this process's mailbox is full, or it has as many sockets as it may, they wait. */
  activeAlways(): void {
    activate(this.ref, ALWAYS, 0, "TcpListener.activeAlways");
  }

  /** No more messages: `accept` takes connections. */
  passive(): void {
    activate(this.ref, PASSIVE, 0, "TcpListener.passive");
  }

  /** Gives it to another process, with connections that were sent here and not received yet. False as `TcpSocket.give`. */
  give(to: Pid): bool {
    return giveSocket(this.ref, to, "TcpListener.give");
  }

  /** Listens no more. */
  close(): void {
    closeRef(this.ref, "TcpListener.close");
  }
}

/** A connection. */
@message("$socket")
export class TcpSocket {
  constructor(public ref: Ref) {}

  /** This side of it. */
  get local(): Endpoint {
    return endpoint(abi.sockname(this.ref.pointer, this.ref.byteLength, inbox(), capacity()), "TcpSocket.local");
  }

  /** The other side of it. */
  get peer(): Endpoint {
    return endpoint(abi.peername(this.ref.pointer, this.ref.byteLength, inbox(), capacity()), "TcpSocket.peer");
  }

  /**
   * The next bytes, at most `maxBytes`, waiting for them if need be; null when the other side has finished or is gone. Ends the process with
   * `{timeout, Text}` when the time is over.
   */
  recv(maxBytes: u32 = PIECE_BYTES, timeoutMs: u32 = FOR_EVER): Uint8Array | null {
    const bytes = new Uint8Array(maxBytes);
    const count = abi.recv(this.ref.pointer, this.ref.byteLength, bytes.dataStart, maxBytes, timeoutMs);
    return pieceOf(bytes, count, "TcpSocket.recv");
  }

  /** Exactly so many bytes; null when there will not be as many. */
  recvExactly(count: u32, timeoutMs: u32 = FOR_EVER): Uint8Array | null {
    const bytes = new Uint8Array(count);
    let at: u32 = 0;
    while (at < count) {
      const got = abi.recv(this.ref.pointer, this.ref.byteLength, bytes.dataStart + at, count - at, timeoutMs);
      if (pieceOf(bytes, got, "TcpSocket.recvExactly") === null) return null;
      at += got;
    }
    return bytes;
  }

  /** Sends all of the bytes, waiting for room if need be; false when nobody gets them any more. Ends the process with `{timeout, Text}`. */
  send(bytes: Uint8Array, timeoutMs: u32 = FOR_EVER): bool {
    return sendAll(this.ref, bytes.dataStart, bytes.length, timeoutMs);
  }

  /** As `send`, in UTF-8. */
  sendText(text: string, timeoutMs: u32 = FOR_EVER): bool {
    const bytes = String.UTF8.encode(text);
    return sendAll(this.ref, changetype<usize>(bytes), bytes.byteLength, timeoutMs);
  }

  /** Nothing more will be sent; what the other side sends can still be read. */
  shutdown(): void {
    check(abi.shutdown(this.ref.pointer, this.ref.byteLength), "TcpSocket.shutdown: this socket is not this process's");
  }

  /**
   * Has what comes sent to this process: so many messages more, each a `TcpData`, then a `TcpPassive`; a `TcpClosed` at the end, before it a
   * `TcpError` when the connection is broken. A negative number takes back what was asked for; at 0 it is passive.
   */
  active(messages: i32): void {
    activate(this.ref, COUNTED, messages, "TcpSocket.active");
  }

  /** One message, and no `TcpPassive` after it. */
  activeOnce(): void {
    activate(this.ref, ONCE, 0, "TcpSocket.activeOnce");
  }

  /** Messages without end; while this process's mailbox is full they wait, and so does who sends. */
  activeAlways(): void {
    activate(this.ref, ALWAYS, 0, "TcpSocket.activeAlways");
  }

  /** No more messages: `recv` reads. */
  passive(): void {
    activate(this.ref, PASSIVE, 0, "TcpSocket.passive");
  }

  /** Closes it; what was sent still goes out. */
  close(): void {
    closeRef(this.ref, "TcpSocket.close");
  }

  /** Gives it to another process, which can use it once it knows of it: send it next. False when that process is no more, or has too many open. */
  give(to: Pid): bool {
    return giveSocket(this.ref, to, "TcpSocket.give");
  }
}

/** Bytes that came over an active socket. */
@message("tcp")
export class TcpData {
  constructor(public socket: TcpSocket, public bytes: Uint8Array) {}
}

/** A connection has come to an active listener; it is this process's. */
@message("tcp_accept")
export class TcpAccept {
  constructor(public listener: TcpListener, public socket: TcpSocket) {}
}

/** A socket, or a listener, has become passive. */
@message("tcp_passive")
export class TcpPassive {
  constructor(public socket: TcpSocket) {}
}

/** Nothing more comes over an active socket. */
@message("tcp_closed")
export class TcpClosed {
  constructor(public socket: TcpSocket) {}
}

/** An active socket's connection is broken; a `TcpClosed` follows. */
@message("tcp_error")
export class TcpError {
  constructor(public socket: TcpSocket, public reason: Atom) {}
}

function endpoint(length: i32, what: string): Endpoint {
  check(length, what + ": this socket is not this process's");
  settle(length);
  return endpointOf(encodedFrom<Term>(answer(), length));
}

function sendAll(ref: Ref, from: usize, size: usize, timeoutMs: u32): bool {
  let at: usize = 0;
  while (at < size) {
    const count = abi.send(ref.pointer, ref.byteLength, from + at, size - at, timeoutMs);
    if (count == CLOSED) return false;
    check(count, "TcpSocket.send: this socket is not this process's, or there was no room in time");
    at += count;
  }
  return true;
}
