// HTTP servers. Each request is a socket of the process that has it: accepted, or given to a process of its own, which answers it. A process that
// ends before it has answered is a 500 for that request only. Needs the grant `listen`.
import { CLOSED, FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/http";
import { sockname } from "./abi/tcp";
import { check, failed } from "./fault";
import { headerIn, placeHeaders } from "./headers";
import { finishBody, readBody, wholeBody, writeBody } from "./http-body";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import {
  activate, ALWAYS, beginOptions, closeRef, COUNTED, Endpoint, endpointOf, failedWith, giveSocket, ONCE, PASSIVE, PIECE_BYTES, placeNumber, refAt,
} from "./socket";
import { spawnIfRoom, SpawnOptions } from "./spawn";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";
import { HttpSocket } from "./http-messages";

/** How a server listens, with its caps in bytes and its times in milliseconds. All of them hold unless they are changed. */
@final
export class HttpOptions {
  /** An address of the machine; "0.0.0.0" and "::" are all of them. */
  ip: string = "127.0.0.1";
  /** How many requests wait to be accepted; the next gets 503. */
  backlog: i32 = 128;
  /** Of a request's head; above it 431. */
  maxHeaderBytes: i32 = 16384;
  /** Of a request's body; above it 413. */
  maxBodyBytes: i64 = 8388608;
  /** Connections at a time, and never more than the process may have open. */
  maxConnections: i32 = 1024;
  /** Till a request's head is complete; then 408. */
  headersTimeout: i32 = 10_000;
  /** Till its body is; then 408. */
  requestTimeout: i32 = 60_000;
  /** From its acceptance till the head of the response; then 504. */
  responseTimeout: i32 = 30_000;
  /** Between two requests of a connection. */
  keepAliveTimeout: i32 = 5_000;
  /** Of a connection with a request, without a byte in either direction. */
  inactivityTimeout: i32 = 60_000;
}

/** Listens for HTTP on a port; 0 is one that is free. Ends the process with `{eaddrinuse, Text}` and the like. */
export function httpListen(port: i32, options: HttpOptions = new HttpOptions()): HttpServer {
  encoder.begin();
  beginOptions(10);
  encoder.atom("ip");
  encoder.text(options.ip);
  placeNumber("backlog", options.backlog);
  placeNumber("max_header_bytes", options.maxHeaderBytes);
  placeNumber("max_body_bytes", options.maxBodyBytes);
  placeNumber("max_connections", options.maxConnections);
  placeNumber("headers_timeout", options.headersTimeout);
  placeNumber("request_timeout", options.requestTimeout);
  placeNumber("response_timeout", options.responseTimeout);
  placeNumber("keep_alive_timeout", options.keepAliveTimeout);
  placeNumber("inactivity_timeout", options.inactivityTimeout);
  const result = abi.listen(port, encoder.start(), encoder.length(), inbox(), capacity());
  if (result < 0) failedWith(result, "httpListen: port " + port.toString());
  return new HttpServer(refAt(result));
}

/** A socket that listens for requests. */
@message("$socket")
export class HttpServer {
  constructor(public ref: Ref) {}

  /** Where it listens. */
  get local(): Endpoint {
    const length = sockname(this.ref.pointer, this.ref.byteLength, inbox(), capacity());
    check(length, "HttpServer.local: this socket is not this process's");
    settle(length);
    return endpointOf(encodedFrom<Term>(answer(), length));
  }

  /** The next request, which is this process's from then on. */
  accept(): HttpRequest {
    return this.acceptWithin(FOR_EVER)!;
  }

  /** As `accept`, for at most `ms` milliseconds; null when none came. */
  acceptWithin(ms: u32): HttpRequest | null {
    const length = abi.accept(this.ref.pointer, this.ref.byteLength, inbox(), capacity(), ms);
    if (length == TIMEOUT) return null;
    if (length < 0) failed(length, "HttpServer.accept: this socket is not this process's, or too many are open");
    settle(length);
    decoder.open(answer(), length);
    return __moonletRead<HttpRequest>("HttpServer.accept");
  }

  /**
   * Accepts for ever, and spawns a process for each request, which is that process's from its first instruction on, and which is ended when its
   * client goes away or its time is over (`endWithClient`). Where there is no room for one more process, the request gets 503.
   */
  serve(handler: (request: HttpRequest) => void, options: SpawnOptions = new SpawnOptions()): void {
    while (true) {
      const request = this.accept();
      options.sockets = [request.socket.ref];
      if (!spawnIfRoom<Handled>(handle, new Handled(handler.index, request), options)) {
        request.reply(503, "busy, please try again\n");
        request.close();
      }
    }
  }

  /**
   * Has requests sent to this process, whose they are from then on: so many more, each an `HttpRequest`, then an `HttpPassive`. A negative number
   * takes back what was asked for; at 0 it is passive. What is not sent waits in the backlog.
   */
  active(requests: i32): void {
    activate(this.ref, COUNTED, requests, "HttpServer.active");
  }

  /** One request, and no `HttpPassive` after it. */
  activeOnce(): void {
    activate(this.ref, ONCE, 0, "HttpServer.activeOnce");
  }

  /** Requests without end; while this process's mailbox is full, or it has as many sockets as it may, they wait. */
  activeAlways(): void {
    activate(this.ref, ALWAYS, 0, "HttpServer.activeAlways");
  }

  /** No more messages: `accept` takes requests. */
  passive(): void {
    activate(this.ref, PASSIVE, 0, "HttpServer.passive");
  }

  /** Gives it to another process, with requests that were sent here and not received yet. False as `HttpRequest.give`. */
  give(to: Pid): bool {
    return giveSocket(this.ref, to, "HttpServer.give");
  }

  /** Listens no more; requests that have been accepted go on. */
  close(): void {
    closeRef(this.ref, "HttpServer.close");
  }
}

/** What a process of `serve` begins with. */
@message("$handled")
class Handled {
  constructor(public handler: u32, public request: HttpRequest) {}
}

function handle(handled: Handled): void {
  handled.request.endWithClient();
  call_indirect<void>(handled.handler, handled.request);
}

/** A request: `{http_request, Socket, Method, Target, Headers, Peer}`. */
@message("http_request")
export class HttpRequest {
  constructor(
    public socket: HttpSocket,
    public method: string,
    /** As the client sent it: path and query. */
    public target: string,
    /** `[{Name, Value}]`, names in small letters. */
    public headers: Term,
    public from: Term,
  ) {}

  /** Who asks. */
  get peer(): Endpoint {
    return endpointOf(this.from);
  }

  /** The target up to the question mark, as it was sent. */
  get path(): string {
    const end = this.target.indexOf("?");
    return end < 0 ? this.target : this.target.substring(0, end);
  }

  /** The target behind the question mark. */
  get query(): string {
    const end = this.target.indexOf("?");
    return end < 0 ? "" : this.target.substring(end + 1);
  }

  /** The value of the first header of that name, in small letters; null when there is none. */
  header(name: string): string | null {
    return headerIn(this.headers, name);
  }

  /** The next of the body, at most `maxBytes`; null at its end, and when the rest will not come. */
  read(maxBytes: u32 = PIECE_BYTES, timeoutMs: u32 = FOR_EVER): Uint8Array | null {
    return readBody(this.socket.ref, maxBytes, timeoutMs);
  }

  /** All of the body; null for one of more than `maxBytes`, and for one that does not come to its end. */
  body(maxBytes: u32 = 1048576): Uint8Array | null {
    return wholeBody(this.socket.ref, maxBytes);
  }

  /**
   * Has the body sent to this process: so many messages more, each an `HttpData`, an `HttpEnd` at its end or an `HttpError` when the rest will not come,
   * then an `HttpPassive`. A negative number takes back what was asked for; at 0 it is passive.
   */
  active(messages: i32): void {
    activate(this.socket.ref, COUNTED, messages, "HttpRequest.active");
  }

  /** One message, and no `HttpPassive` after it. */
  activeOnce(): void {
    activate(this.socket.ref, ONCE, 0, "HttpRequest.activeOnce");
  }

  /** Messages without end; while this process's mailbox is full they wait, and so does who sends. */
  activeAlways(): void {
    activate(this.socket.ref, ALWAYS, 0, "HttpRequest.activeAlways");
  }

  /** No more messages: it is read. */
  passive(): void {
    activate(this.socket.ref, PASSIVE, 0, "HttpRequest.passive");
  }

  /** Sends the head of the response; headers are names and values turn about. False when nobody waits for it any more. */
  respond(status: i32, headers: string[] = []): bool {
    encoder.begin();
    placeHeaders(headers);
    const ref = this.socket.ref;
    const result = abi.respond(ref.pointer, ref.byteLength, status, encoder.start(), encoder.length());
    if (result == CLOSED) return false;
    check(result, "HttpRequest.respond: answered already, or a status or header that cannot be sent");
    return true;
  }

  /** Writes of the body of the response, after its head; false when nobody gets it any more. */
  write(bytes: Uint8Array, timeoutMs: u32 = FOR_EVER): bool {
    return writeBody(this.socket.ref, bytes.dataStart, bytes.length, timeoutMs);
  }

  /** As `write`, in UTF-8. */
  writeText(text: string, timeoutMs: u32 = FOR_EVER): bool {
    const bytes = String.UTF8.encode(text);
    return writeBody(this.socket.ref, changetype<usize>(bytes), bytes.byteLength, timeoutMs);
  }

  /** Ends the response; nothing is left to do with the request then, which is closed. */
  finish(): bool {
    const isSent = finishBody(this.socket.ref);
    this.close();
    return isSent;
  }

  /** A whole response of text, after which the request is closed. */
  reply(status: i32, text: string, contentType: string = "text/plain; charset=utf-8"): bool {
    const bytes = String.UTF8.encode(text);
    const headers = ["content-type", contentType, "content-length", bytes.byteLength.toString()];
    if (this.respond(status, headers) && writeBody(this.socket.ref, changetype<usize>(bytes), bytes.byteLength, FOR_EVER)) return this.finish();
    this.close();
    return false;
  }

  /** Has the process that has it told with an `HttpClosed` when the client goes away, or its time is over, before the response is finished. */
  watch(): void {
    check(abi.watch(this.socket.ref.pointer, this.socket.ref.byteLength, 0), "HttpRequest.watch: this request is not this process's");
  }

  /** Has it ended then with `{shutdown, http_closed}`: nobody waits for what it does. */
  endWithClient(): void {
    check(abi.watch(this.socket.ref.pointer, this.socket.ref.byteLength, 1), "HttpRequest.endWithClient: this request is not this process's");
  }

  /** Gives it to another process, which can answer it once it knows of it: send it next. False when that process is no more, or has too many open. */
  give(to: Pid): bool {
    return giveSocket(this.socket.ref, to, "HttpRequest.give");
  }

  /** Is done with it: without a response it is a 500, in the middle of one it is broken off. After the end of one it is closed already. */
  close(): void {
    abi.close(this.socket.ref.pointer, this.socket.ref.byteLength);
  }
}

