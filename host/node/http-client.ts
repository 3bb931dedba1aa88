// HTTP requests of guests, by node:http and node:https: a connection for each, redirects are answers like any other, no proxy.
import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { LookupFunction } from "node:net";
import {
  type Cancel,
  type Done,
  EMPTY,
  type Failure,
  failure,
  type HttpCall,
  type HttpRequest,
  type ReadResult,
  type ResponseHead,
} from "../wasm/net/network.ts";
import { BodySide, WritingSide } from "./channel-sides.ts";
import { grouped, headerList } from "./http-server.ts";
import { admittingLookup, isAdmitted } from "./name-lookup.ts";
import { reasonOf } from "./network-failure.ts";

/** Headers in one head; more is no response. Node would cut off what is above its own number, silently. */
const MAX_HEADERS = 256;
/** Heads that announce a response and are none, of which a server may send some. */
const MAX_INFORMATIONAL = 16;

class NodeCall implements HttpCall {
  changed = () => {};
  readonly #request: ClientRequest;
  readonly #writing: WritingSide;
  #reading: BodySide | undefined;
  #response: ResponseHead | Failure | undefined;

  constructor(request: ClientRequest) {
    this.#request = request;
    this.#writing = new WritingSide(request, () => this.changed());
    const failed = (reason: string) => {
      this.#response ??= failure(reason);
      this.changed();
    };
    const refuse = (reason: string) => {
      failed(reason);
      request.destroy();
    };
    let informational = 0;
    request.on("information", () => {
      if (++informational > MAX_INFORMATIONAL) refuse("eproto");
    });
    request.on("response", (message: IncomingMessage) => {
      const { statusCode: status = 0, rawHeaders } = message;
      if (rawHeaders.length / 2 > MAX_HEADERS) return refuse("emsgsize");
      if (status < 200) return refuse("eproto");
      this.#response = { status, headers: headerList(rawHeaders) };
      this.#reading = new BodySide(message, () => this.changed());
      this.changed();
    });
    request.on("error", (error) => failed(reasonOf(error)));
    request.on("close", () => failed("closed"));
    // What it has switched to is no HTTP.
    request.on("upgrade", (_message, socket) => {
      socket.destroy();
      failed("eproto");
    });
  }

  get response(): ResponseHead | Failure | undefined {
    return this.#response;
  }
  read(maxBytes: number): ReadResult {
    return this.#reading?.read(maxBytes) ?? EMPTY;
  }
  write(bytes: Uint8Array): number | Failure {
    return this.#writing.write(bytes);
  }
  finish(): void {
    this.#writing.finish();
  }
  abort(): void {
    this.changed = () => {};
    this.#request.destroy();
  }
}

export function requestHttp(wanted: HttpRequest, done: Done<HttpCall>): Cancel {
  const { host, port, admits, bodyBytes } = wanted;
  if (!isAdmitted(host, admits)) {
    done(failure("eacces"));
    return () => {};
  }
  let isWanted = true;
  const request = (wanted.isSecure ? secureRequest : plainRequest)({
    host,
    port,
    method: wanted.method,
    path: wanted.path,
    agent: false,
    lookup: admittingLookup(wanted, () => isWanted) as LookupFunction,
    maxHeaderSize: wanted.maxHeaderBytes,
    insecureHTTPParser: false,
  });
  request.setNoDelay(true);
  request.maxHeadersCount = 0;
  for (const [name, values] of grouped(wanted.headers))
    request.setHeader(name, values.length === 1 ? values[0]! : values);
  if (bodyBytes !== undefined) request.setHeader("content-length", String(bodyBytes));
  request.setHeader("connection", "close");
  request.on("close", () => {
    isWanted = false;
  });
  const call = new NodeCall(request);
  done(call);
  return () => call.abort();
}
