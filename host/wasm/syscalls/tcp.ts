// tcp.*: connections and listening sockets (OTP: gen_tcp). A socket is named by its reference; its owner alone may use it.
import type { Process } from "../../otp/index.ts";
import { atom, encodeTerm, tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { ActiveSocket } from "../net/active-socket.ts";
import { canonicalHost } from "../net/address.ts";
import { admission, placeInGrant } from "../net/admission.ts";
import { ConnectionBudget } from "../net/connection-budget.ts";
import { UNITS } from "../net/costs.ts";
import { ListeningSocket } from "../net/listener.ts";
import type { Connection, Endpoint, Listener } from "../net/network.ts";
import { CONNECTION_BYTES, Resource } from "../net/resource.ts";
import { listenOptions } from "../net/socket-options.ts";
import { TcpSocket } from "../net/tcp-socket.ts";
import { begin, give, ownSocket, readInto, whenPossible, writeFrom } from "../net/waiting.ts";
import { ERROR, type Namespace, type Syscall, type } from "../syscall.ts";

/** A socket that listens for connections. Active, it tells of each with `{tcp_accept, Listener, Socket}`. */
class TcpListener extends ListeningSocket<Connection> {
  protected readonly passiveTag = "tcp_passive";

  protected message(owner: Process, connection: Connection): unknown {
    return tuple(atom("tcp_accept"), this.term, new TcpSocket(owner, connection, this).term);
  }
}

const MAX_PORT = 65_535;

/** Whether the guest may listen there; otherwise the answer to it. */
export function listenRefusal(guest: Guest, port: number, call: string): number | undefined {
  if (port < 0 || port > MAX_PORT) return ERROR.badarg;
  return guest.grants.allows("listen", String(port))
    ? undefined
    : guest.log.refuseGrant(call, "listen", String(port));
}

/** Who shares what a network does one after the other. */
export function familyOf({ process }: Guest): object {
  return process.family ?? process;
}

export function endpointTerm({ address, port }: Endpoint): unknown {
  return tuple(address, port);
}

/** An end of a socket as a term, or `badarg` for what has none. */
function end(name: string, read: (socket: Resource | undefined) => Endpoint | undefined): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    call: (guest, ref: number, length: number, out: number, cap: number) => {
      const endpoint = read(ownSocket(guest, Resource, ref, length, name));
      return endpoint ? guest.answer(encodeTerm(endpointTerm(endpoint)), out, cap) : ERROR.badarg;
    },
  };
}

/** Ends any socket, of either namespace. */
export function closing(name: string): Syscall {
  return {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) => {
      const socket = ownSocket(guest, Resource, ref, length, name);
      socket?.close();
      return socket ? 0 : ERROR.badarg;
    },
  };
}

/** How what comes is handed over. */
export function activating(name: string): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    call: (guest, ref: number, length: number, mode: number, count: number) => {
      const socket = ownSocket(guest, ActiveSocket, ref, length, name);
      return socket?.activate(mode, count) ? 0 : ERROR.badarg;
    },
  };
}

export function giving(name: string): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    call: (guest, ref: number, refLength: number, pid: number, pidLength: number) =>
      give(guest, ownSocket(guest, Resource, ref, refLength, name), pid, pidLength, name),
  };
}

export const tcp: Namespace = {
  listen: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    grant: "listen",
    waits: true,
    call: (guest, port: number, options: number, optionsLength: number, out: number, cap: number) => {
      const refusal = listenRefusal(guest, port, "tcp.listen");
      if (refusal !== undefined) return refusal;
      const wanted = listenOptions(guest, options, optionsLength);
      if (!wanted) return ERROR.badarg;
      const budget = new ConnectionBudget(guest);
      return begin<Listener<Connection>>(
        guest,
        (done) => guest.services.network.listen({ ...wanted, port, budget }, done),
        (listener) => new TcpListener(guest.process, listener, budget),
        { out, cap, timeoutMs: -1 },
      );
    },
  },
  accept: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      const listener = ownSocket(guest, TcpListener, ref, refLength, "tcp.accept");
      if (!listener || listener.isActive) return ERROR.badarg;
      return whenPossible(guest, listener, timeoutMs, () => {
        if (!guest.hasRoomForSocket(CONNECTION_BYTES)) return ERROR.system_limit;
        const connection = listener.accept();
        if (!connection) return undefined;
        const socket = new TcpSocket(guest.process, connection, listener);
        guest.charge(UNITS.connection);
        return guest.answer(encodeTerm(socket.ref), out, cap);
      });
    },
  },
  connect: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "connect",
    waits: true,
    call: (
      guest,
      text: number,
      textLength: number,
      port: number,
      out: number,
      cap: number,
      timeoutMs: number,
    ) => {
      const host = canonicalHost(guest.memory.text(text, textLength, "tcp.connect"));
      if (host === undefined || port < 1 || port > MAX_PORT) return ERROR.badarg;
      const place = { grant: "connect", host, port } as const;
      const admits = admission(guest.grants, place);
      if (!admits) return guest.log.refuseGrant("tcp.connect", "connect", placeInGrant(place));
      return begin<Connection>(
        guest,
        (done) => guest.services.network.connect({ host, port, admits, asker: familyOf(guest) }, done),
        (connection) => new TcpSocket(guest.process, connection),
        { out, cap, timeoutMs },
      );
    },
  },
  recv: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      const socket = ownSocket(guest, TcpSocket, ref, refLength, "tcp.recv");
      if (!socket || socket.isActive || cap === 0) return ERROR.badarg;
      guest.memory.assertWithin(out, cap, "tcp.recv");
      const read = (maxBytes: number) => socket.read(maxBytes);
      return whenPossible(guest, socket, timeoutMs, () => readInto(guest, read, out, cap, "tcp.recv"));
    },
  },
  send: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, pointer: number, length: number, timeoutMs: number) => {
      const socket = ownSocket(guest, TcpSocket, ref, refLength, "tcp.send");
      if (!socket) return ERROR.badarg;
      guest.memory.assertWithin(pointer, length, "tcp.send");
      if (length === 0) return 0;
      const write = (bytes: Uint8Array) => socket.connection.write(bytes);
      return whenPossible(guest, socket, timeoutMs, () =>
        writeFrom(guest, write, pointer, length, "tcp.send"),
      );
    },
  },
  shutdown: {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) => {
      const socket = ownSocket(guest, TcpSocket, ref, length, "tcp.shutdown");
      socket?.connection.finish();
      return socket ? 0 : ERROR.badarg;
    },
  },
  active: activating("tcp.active"),
  close: closing("tcp.close"),
  controlling_process: giving("tcp.controlling_process"),
  sockname: end("tcp.sockname", (socket) => {
    if (socket instanceof ListeningSocket) return socket.local;
    return socket instanceof TcpSocket ? socket.connection.local : undefined;
  }),
  peername: end("tcp.peername", (socket) =>
    socket instanceof TcpSocket ? socket.connection.remote : undefined,
  ),
};
