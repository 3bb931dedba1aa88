// TCP for guests, by node:net.
import { createServer, type LookupFunction, type Server, Socket } from "node:net";
import {
  type Budget,
  type Cancel,
  type Connection,
  type ConnectTarget,
  type Done,
  type Endpoint,
  failure,
  type Listener,
  type ListenTarget,
  type ReadResult,
} from "../wasm/net/network.ts";
import { ReadingSide, WritingSide } from "./channel-sides.ts";
import { linger } from "./lingering.ts";
import { admittingLookup, isAdmitted } from "./name-lookup.ts";
import { reasonOf } from "./network-failure.ts";

/**
 * Breaks a connection off. `resetAndDestroy` sends the end first, which a reader may take for one; this sets what it sets, and sends
 * nothing else.
 */
export function resetSocket(socket: Socket & { resetAndClosing?: boolean }): void {
  socket.resetAndClosing = true;
  socket.destroy();
}

class NodeConnection implements Connection {
  changed = () => {};
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #socket: Socket;
  readonly #reading: ReadingSide;
  readonly #writing: WritingSide;

  /** The socket is connected, and may be half open. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.local = { address: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    this.remote = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    this.#reading = new ReadingSide(socket, () => this.changed());
    this.#writing = new WritingSide(socket, () => this.changed());
  }

  read(maxBytes: number): ReadResult {
    return this.#reading.read(maxBytes);
  }
  write(bytes: Uint8Array) {
    return this.#writing.write(bytes);
  }
  finish(): void {
    this.#writing.finish();
  }
  abort(): void {
    this.changed = () => {};
    resetSocket(this.#socket);
  }
  close(): void {
    this.changed = () => {};
    this.#socket.destroySoon();
    linger(this.#socket);
  }
}

class NodeListener implements Listener<Connection> {
  changed = () => {};
  readonly local: Endpoint;
  readonly #server: Server;
  readonly #waiting: Socket[];
  readonly #budget: Budget | undefined;

  constructor(server: Server, waiting: Socket[], budget: Budget | undefined) {
    this.#server = server;
    this.#waiting = waiting;
    this.#budget = budget;
    const { address, port } = server.address() as { address: string; port: number };
    this.local = { address, port };
  }

  accept(): Connection | undefined {
    for (let socket = this.#waiting.shift(); socket; socket = this.#waiting.shift()) {
      this.#budget?.giveBack();
      // One that is gone already has nothing to say.
      if (!socket.destroyed) return new NodeConnection(socket);
    }
    return undefined;
  }

  close(): void {
    this.changed = () => {};
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) {
      this.#budget?.giveBack();
      socket.destroy();
    }
  }
}

export function listen(target: ListenTarget, done: Done<Listener<Connection>>): Cancel {
  const waiting: Socket[] = [];
  const { backlog, budget } = target;
  let listener: NodeListener | undefined;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    // Node tells of errors whether anybody listens or not.
    socket.on("error", () => {});
    if (waiting.length >= backlog || budget?.take() === false) {
      resetSocket(socket);
      return;
    }
    waiting.push(socket);
    listener?.changed();
  });
  return openServer(server, target, done, () => {
    listener = new NodeListener(server, waiting, budget);
    return listener;
  });
}

/** Listens there, for any kind of server. */
export function openServer<T extends { close(): void }>(
  server: Server,
  { address, port, backlog }: ListenTarget,
  done: Done<T>,
  made: () => T,
): Cancel {
  let isCancelled = false;
  let listener: T | undefined;
  server.on("error", (error) => {
    if (!isCancelled && !listener) done(failure(reasonOf(error)));
  });
  // The kernel keeps some for a moment; ours is the bound.
  server.listen({ host: address, port, backlog: Math.max(backlog, 128), exclusive: true }, () => {
    if (isCancelled) {
      server.close();
      return;
    }
    listener = made();
    done(listener);
  });
  return () => {
    isCancelled = true;
    if (listener) listener.close();
    else server.close();
  };
}

export function connect(target: ConnectTarget, done: Done<Connection>): Cancel {
  const { host, port, admits } = target;
  const socket = new Socket({ allowHalfOpen: true });
  let state: "pending" | "over" = "pending";
  let connection: Connection | undefined;
  const ended = (error: unknown) => {
    if (state === "over") return;
    state = "over";
    done(failure(reasonOf(error)));
  };
  socket.on("error", ended);
  if (isAdmitted(host, admits)) {
    const lookup = admittingLookup(target, () => state === "pending");
    socket.connect({ host, port, noDelay: true, lookup: lookup as LookupFunction });
    socket.once("connect", () => {
      if (state === "over") return;
      state = "over";
      connection = new NodeConnection(socket);
      done(connection);
    });
  } else {
    queueMicrotask(() => ended({ code: "EACCES" }));
  }
  return () => {
    state = "over";
    if (connection) connection.abort();
    else socket.destroy();
  };
}
