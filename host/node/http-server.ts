// HTTP servers for guests, by node:http: its parser is strict, and its limits and timeouts are always on.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type {
  Cancel,
  Done,
  Endpoint,
  Failure,
  HeaderList,
  HttpExchange,
  HttpLimits,
  Listener,
  ListenTarget,
  ReadResult,
  RequestHead,
  ResponseHead,
} from "../wasm/net/network.ts";
import { BodySide, WritingSide } from "./channel-sides.ts";
import { linger } from "./lingering.ts";
import { openServer, resetSocket } from "./tcp.ts";

/** Headers in one head; a client that sends more gets 431. */
const MAX_HEADERS = 128;
/** A name or address and a port (RFC 3986, 3.2). */
const HOST = /^[\w.~!$&'()*+,;=:%[\]-]*$/;
/** Requests of one connection that wait for their turn; a client that sends more ahead is cut off. */
const MAX_PIPELINED = 16;

class NodeExchange implements HttpExchange {
  changed = () => {};
  /** Called when nothing more will be written. */
  finished = () => {};
  readonly head: RequestHead;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #server: Server;
  readonly #reading: BodySide;
  readonly #writing: WritingSide;
  /** The client waits for a word before it sends the body. */
  #isAwaitingContinue: boolean;

  constructor(
    server: Server,
    request: IncomingMessage,
    response: ServerResponse,
    isAwaitingContinue: boolean,
  ) {
    this.#server = server;
    this.#request = request;
    this.#response = response;
    this.#isAwaitingContinue = isAwaitingContinue;
    const { remoteAddress = "", remotePort = 0 } = request.socket;
    this.head = {
      method: request.method ?? "",
      target: request.url ?? "",
      headers: headerList(request.rawHeaders),
      peer: { address: remoteAddress, port: remotePort },
    };
    this.#reading = new BodySide(request, () => this.changed());
    this.#writing = new WritingSide(response, () => this.changed());
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.closed && !this.#request.socket.destroyed;
  }

  read(maxBytes: number): ReadResult {
    if (this.#isAwaitingContinue && this.isOpen && !this.#response.headersSent) {
      this.#isAwaitingContinue = false;
      this.#response.writeContinue();
    }
    return this.#reading.read(maxBytes);
  }

  respond({ status, headers }: ResponseHead, isLast: boolean): void {
    if (!this.isOpen || this.#response.headersSent) return;
    for (const [name, values] of grouped(headers)) this.#response.setHeader(name, values);
    // A body that nobody has asked for is not taken in for the sake of a next request.
    if (isLast || !this.#server.listening || this.#isAwaitingContinue)
      this.#response.setHeader("connection", "close");
    this.#response.writeHead(status);
    this.#response.flushHeaders();
  }

  write(bytes: Uint8Array): number | Failure {
    return this.#writing.write(bytes);
  }
  finish(): void {
    this.#writing.finish();
    this.finished();
  }
  abort(): void {
    this.changed = () => {};
    resetSocket(this.#request.socket);
  }
}

class NodeHttpListener implements Listener<HttpExchange> {
  changed = () => {};
  readonly local: Endpoint;
  readonly #server: Server;
  readonly #waiting: NodeExchange[];
  readonly #closeIdle: () => void;

  constructor(server: Server, waiting: NodeExchange[], closeIdle: () => void) {
    this.#server = server;
    this.#waiting = waiting;
    this.#closeIdle = closeIdle;
    const { address, port } = server.address() as { address: string; port: number };
    this.local = { address, port };
  }

  accept(): HttpExchange | undefined {
    for (let exchange = this.#waiting.shift(); exchange; exchange = this.#waiting.shift()) {
      if (exchange.isOpen) return exchange;
    }
    return undefined;
  }

  close(): void {
    this.changed = () => {};
    this.#server.close();
    for (const exchange of this.#waiting.splice(0)) turnAway(exchange);
    this.#closeIdle();
  }
}

export function serveHttp(
  target: ListenTarget,
  limits: HttpLimits,
  done: Done<Listener<HttpExchange>>,
): Cancel {
  const waiting: NodeExchange[] = [];
  let listener: NodeHttpListener | undefined;
  const headersTimeout = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs);
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Node looks at its connections this often; a timeout is late by at most that.
    connectionsCheckingInterval: Math.max(10, Math.min(headersTimeout / 4, 5000)),
    insecureHTTPParser: false,
    noDelay: true,
  });
  // Node would cut off what is above, silently.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.inactivityTimeoutMs;
  /** Those with a response that is finished and not out yet: nobody's concern but the network's. */
  const finished = new Set<Socket>();
  /** Every connection, with its requests that have no answer yet. */
  const unanswered = new Map<Socket, number>();
  server.on("connection", (socket) => {
    if (target.budget?.take() === false) {
      socket.destroy();
      return;
    }
    unanswered.set(socket, 0);
    socket.on("close", () => {
      unanswered.delete(socket);
      target.budget?.giveBack();
    });
  });
  /** Also those in the middle of a head: once it is closed Node no longer looks at the time that they take. */
  const closeIdle = () => {
    for (const [socket, count] of unanswered) if (count === 0) socket.destroy();
    for (const socket of finished) linger(socket);
  };
  const arrived = (request: IncomingMessage, response: ServerResponse, isAwaitingContinue: boolean) => {
    const { socket } = request;
    const pipelined = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, pipelined);
    response.on("close", () => {
      if (!socket.destroyed) unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1);
    });
    if (pipelined > MAX_PIPELINED) {
      socket.destroy();
    } else if (refusal(request) !== undefined) {
      response.writeHead(refusal(request)!, { connection: "close" }).end();
    } else {
      const exchange = new NodeExchange(server, request, response, isAwaitingContinue);
      exchange.finished = () => {
        if (!server.listening) return linger(socket);
        finished.add(socket);
        response.on("close", () => finished.delete(socket));
      };
      if (waiting.length >= target.backlog) return turnAway(exchange);
      waiting.push(exchange);
      listener?.changed();
    }
  };
  server.on("request", (request, response) => arrived(request, response, false));
  server.on("checkContinue", (request, response) => arrived(request, response, true));
  return openServer(server, target, done, () => {
    listener = new NodeHttpListener(server, waiting, closeIdle);
    return listener;
  });
}

/**
 * The status for what Node's parser lets through and another reader of the same bytes could take for something else: more than one host, or
 * none that is one; a body in another coding than chunks, or in chunks for a version that has none; a version before 1.0.
 */
function refusal({ httpVersion, rawHeaders }: IncomingMessage): 400 | 431 | 501 | undefined {
  if (rawHeaders.length / 2 > MAX_HEADERS) return 431;
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return 400;
  const headers = grouped(headerList(rawHeaders));
  const [host = "", ...moreHosts] = headers.get("host") ?? [];
  if (moreHosts.length > 0 || !HOST.test(host)) return 400;
  const codings = headers.get("transfer-encoding");
  if (codings === undefined) return undefined;
  if (httpVersion === "1.0") return 400;
  return codings.length === 1 && codings[0]!.toLowerCase() === "chunked" ? undefined : 501;
}

/** Nobody has the time for it. */
function turnAway(exchange: NodeExchange): void {
  exchange.respond({ status: 503, headers: [["content-length", "0"]] }, true);
  exchange.finish();
}

export function headerList(raw: readonly string[]): HeaderList {
  const headers: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i]!.toLowerCase(), raw[i + 1]!]);
  return headers;
}

/** The values of each name. */
export function grouped(headers: HeaderList): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}
