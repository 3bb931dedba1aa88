// http.*: requests that come in and requests that go out. Heads are terms; bodies are read and written piece by piece.
import type { Process } from "../../otp/index.ts";
import { atom, encodeTerm, tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { canonicalHost } from "../net/address.ts";
import { admission, placeInGrant } from "../net/admission.ts";
import { ConnectionBudget } from "../net/connection-budget.ts";
import { UNITS } from "../net/costs.ts";
import { AskedRequest } from "../net/http-asked.ts";
import { headersTerm, writtenHeaders, writtenMethod } from "../net/http-head.ts";
import { isAcceptable, ServedRequest } from "../net/http-served.ts";
import { ListeningSocket } from "../net/listener.ts";
import type { Failure, HttpCall, HttpExchange, Listener, ReadResult } from "../net/network.ts";
import { CONNECTION_BYTES, Resource } from "../net/resource.ts";
import { requestOptions, type ServeOptions, serveOptions } from "../net/socket-options.ts";
import { begin, isFailure, ownSocket, readInto, whenPossible, writeFrom } from "../net/waiting.ts";
import { ERROR, type Namespace, type } from "../syscall.ts";
import { activating, closing, endpointTerm, familyOf, giving, listenRefusal } from "./tcp.ts";

/** A socket that listens for requests. Active, it tells of each with the term that `http.accept` writes. */
class HttpServer extends ListeningSocket<HttpExchange> {
  readonly options: ServeOptions;
  protected readonly passiveTag = "http_passive";

  constructor(
    guest: Guest,
    listener: Listener<HttpExchange>,
    budget: ConnectionBudget,
    options: ServeOptions,
  ) {
    super(guest.process, listener, budget);
    this.options = options;
  }

  protected message(owner: Process, exchange: HttpExchange): unknown {
    if (!isAcceptable(exchange, this.options)) return undefined;
    return requestTerm(new ServedRequest(owner, exchange, this.options, this), exchange.head);
  }
}

/** What has a body in either direction. */
type WithBody = Resource & {
  readonly isActive: boolean;
  read(maxBytes: number): ReadResult;
  write(bytes: Uint8Array): number | Failure | undefined;
  finish(): boolean | Failure | undefined;
};

function withBody(guest: Guest, ref: number, length: number, what: string): WithBody | undefined {
  const found = ownSocket(guest, Resource, ref, length, what);
  return found instanceof ServedRequest || found instanceof AskedRequest ? found : undefined;
}

/** `{http_request, Socket, Method, Target, Headers, Peer}`. */
function requestTerm(
  request: ServedRequest,
  { method, target, headers, peer }: HttpExchange["head"],
): unknown {
  return tuple(atom("http_request"), request.term, method, target, headersTerm(headers), endpointTerm(peer));
}

/** The next request that a process may have; those that none may have are answered on the way. */
function acceptRequest(guest: Guest, server: HttpServer): number | Uint8Array | undefined {
  for (;;) {
    if (!guest.hasRoomForSocket(CONNECTION_BYTES)) return ERROR.system_limit;
    const exchange = server.accept();
    if (!exchange) return undefined;
    guest.charge(UNITS.connection);
    if (!isAcceptable(exchange, server.options)) continue;
    return encodeTerm(
      requestTerm(new ServedRequest(guest.process, exchange, server.options, server), exchange.head),
    );
  }
}

interface Destination {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly path: string;
}

/** Where a URL leads; undefined for what is none, and for one of another kind or with a password in it. */
function destination(text: string): Destination | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search } = new URL(text);
  const isSecure = protocol === "https:";
  const host = canonicalHost(hostname);
  if ((!isSecure && protocol !== "http:") || username !== "" || password !== "" || host === undefined)
    return undefined;
  const usualPort = isSecure ? 443 : 80;
  return { host, port: port === "" ? usualPort : Number(port), isSecure, path: pathname + search };
}

/** 0, `badarg` before the head and for a body of another length than announced, `closed`. */
function finished(result: boolean | Failure | undefined): number {
  if (result === true) return 0;
  return result === undefined || result === false ? ERROR.badarg : ERROR.closed;
}

export const http: Namespace = {
  listen: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    grant: "listen",
    waits: true,
    call: (guest, port: number, options: number, optionsLength: number, out: number, cap: number) => {
      const refusal = listenRefusal(guest, port, "http.listen");
      if (refusal !== undefined) return refusal;
      const wanted = serveOptions(guest, options, optionsLength);
      if (!wanted) return ERROR.badarg;
      const { address, backlog, limits } = wanted;
      const budget = new ConnectionBudget(guest);
      return begin<Listener<HttpExchange>>(
        guest,
        (done) => guest.services.network.serveHttp({ address, port, backlog, budget }, limits, done),
        (listener) => new HttpServer(guest, listener, budget, wanted),
        { out, cap, timeoutMs: -1 },
      );
    },
  },
  accept: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      const server = ownSocket(guest, HttpServer, ref, refLength, "http.accept");
      if (!server || server.isActive) return ERROR.badarg;
      return whenPossible(guest, server, timeoutMs, () => {
        const found = acceptRequest(guest, server);
        return found instanceof Uint8Array ? guest.answer(found, out, cap) : found;
      });
    },
  },
  active: activating("http.active"),
  respond: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    call: (guest, ref: number, refLength: number, status: number, headers: number, headersLength: number) => {
      const request = ownSocket(guest, ServedRequest, ref, refLength, "http.respond");
      const written = writtenHeaders(
        headersLength === 0 ? [] : guest.readTerm(headers, headersLength, "http.respond (headers)"),
      );
      if (!request || !written || status < 200 || status > 599) return ERROR.badarg;
      guest.charge(UNITS.transfer);
      return finished(request.respond(status, written));
    },
  },
  request: {
    type: type("i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "http",
    waits: true,
    call: (
      guest,
      methodText: number,
      methodLength: number,
      url: number,
      urlLength: number,
      headers: number,
      headersLength: number,
      options: number,
      optionsLength: number,
      out: number,
      cap: number,
    ) => {
      const method = writtenMethod(guest.memory.text(methodText, methodLength, "http.request (method)"));
      const to = destination(guest.memory.text(url, urlLength, "http.request (url)"));
      const written = writtenHeaders(
        headersLength === 0 ? [] : guest.readTerm(headers, headersLength, "http.request (headers)"),
      );
      const wanted = requestOptions(guest, options, optionsLength);
      if (method === undefined || !to || !written || !wanted) return ERROR.badarg;
      const place = { grant: "http", host: to.host, port: to.port } as const;
      const admits = admission(guest.grants, place);
      if (!admits) return guest.log.refuseGrant("http.request", "http", placeInGrant(place));
      const { maxHeaderBytes } = wanted;
      return begin<HttpCall>(
        guest,
        (done) =>
          guest.services.network.requestHttp(
            { ...to, ...written, method, maxHeaderBytes, admits, asker: familyOf(guest) },
            done,
          ),
        (call) => new AskedRequest(guest.process, call, written.bodyBytes, wanted),
        { out, cap, timeoutMs: -1 },
      );
    },
  },
  response: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      const request = ownSocket(guest, AskedRequest, ref, refLength, "http.response");
      if (!request || request.isActive) return ERROR.badarg;
      return whenPossible(guest, request, timeoutMs, () => {
        const { response } = request;
        if (!response) return undefined;
        if (isFailure(response)) return guest.answerFailure(response.reason);
        request.headIsKnown();
        return guest.answer(encodeTerm(tuple(response.status, headersTerm(response.headers))), out, cap);
      });
    },
  },
  read: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      const socket = withBody(guest, ref, refLength, "http.read");
      if (!socket || socket.isActive || cap === 0) return ERROR.badarg;
      guest.memory.assertWithin(out, cap, "http.read");
      const read = (maxBytes: number) => socket.read(maxBytes);
      return whenPossible(guest, socket, timeoutMs, () => readInto(guest, read, out, cap, "http.read"));
    },
  },
  write: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, pointer: number, length: number, timeoutMs: number) => {
      const socket = withBody(guest, ref, refLength, "http.write");
      if (!socket) return ERROR.badarg;
      guest.memory.assertWithin(pointer, length, "http.write");
      if (length === 0) return 0;
      const write = (bytes: Uint8Array) => socket.write(bytes);
      return whenPossible(guest, socket, timeoutMs, () =>
        writeFrom(guest, write, pointer, length, "http.write"),
      );
    },
  },
  finish: {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) => {
      const socket = withBody(guest, ref, length, "http.finish");
      return socket ? finished(socket.finish()) : ERROR.badarg;
    },
  },
  watch: {
    type: type("i32 i32 i32 -> i32"),
    call: (guest, ref: number, length: number, how: number) => {
      const request = ownSocket(guest, ServedRequest, ref, length, "http.watch");
      if (!request || (how !== 0 && how !== 1)) return ERROR.badarg;
      request.watch(how === 0 ? "message" : "exit");
      guest.leaveIfDoomed();
      return 0;
    },
  },
  close: closing("http.close"),
  controlling_process: giving("http.controlling_process"),
};
