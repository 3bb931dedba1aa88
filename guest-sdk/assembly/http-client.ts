// HTTP requests that go out. Redirects are answers like any other. Needs the grant `http` for the host.
import { FAILED, FOR_EVER } from "./abi/code";
import * as abi from "./abi/http";
import { fail, failed } from "./fault";
import { headerIn, placeHeaders } from "./headers";
import { finishBody, readBody, wholeBody, writeBody } from "./http-body";
import { answer, capacity, inbox, settle } from "./inbox";
import { Ref } from "./ref";
import {
  activate, ALWAYS, beginOptions, closeRef, COUNTED, failedWith, ONCE, PASSIVE, PIECE_BYTES, placeNumber, reasonFor, refAt,
} from "./socket";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";

/** Caps in bytes and the time in milliseconds. All of them hold unless they are changed. */
@final
export class HttpRequestOptions {
  /** Of the head of the response. */
  maxHeaderBytes: i32 = 16384;
  /** Of the body of the response; what is beyond is not read. */
  maxBodyBytes: i64 = 67108864;
  /** Till the head of the response. */
  responseTimeout: i32 = 30_000;
  /** While more of a body is waited for; then the rest will not come. */
  inactivityTimeout: i32 = 60_000;
}

/**
 * A whole request: sends it with its body, if it has one, and waits for the head of the response. Headers are names and values turn about. Ends the process with
 * `{econnrefused, Text}`, `{timeout, Text}` and the like when there is no response.
 */
export function httpRequest(
  method: string, url: string, body: Uint8Array | null = null, headers: string[] = [], options: HttpRequestOptions = new HttpRequestOptions(),
): HttpResponse {
  const result = tryHttpRequest(method, url, body, headers, options);
  const response = result.response;
  if (response === null) fail(result.reason, "httpRequest: " + url);
  return response!;
}

/** `httpRequest` with GET. */
export function httpGet(url: string, headers: string[] = []): HttpResponse {
  return httpRequest("GET", url, null, headers);
}

/** What came of a request. */
@final
export class HttpResult {
  constructor(
    /** Null when there is no response. */
    readonly response: HttpResponse | null,
    /** Why not: "econnrefused", "nxdomain", "timeout" and the like. */
    readonly reason: string,
  ) {}
}

/** As `httpRequest`, and tells why there is no response. A grant that is missing, and a URL that is none, still end the process. */
export function tryHttpRequest(
  method: string, url: string, body: Uint8Array | null = null, headers: string[] = [], options: HttpRequestOptions = new HttpRequestOptions(),
): HttpResult {
  const all = headers.slice(0);
  if (body !== null) {
    all.push("content-length");
    all.push(body.length.toString());
  }
  const began = begin(method, url, all, options);
  if (began < 0) {
    const reason = reasonFor(began);
    if (reason.length == 0) failed(began, "httpRequest: " + url);
    return new HttpResult(null, reason);
  }
  const call = new HttpCall(refAt(began));
  if (body === null || call.write(body)) call.finish();
  return call.tryResponse();
}

/** Begins a request whose body is written piece by piece. */
export function openHttpRequest(
  method: string, url: string, headers: string[] = [], options: HttpRequestOptions = new HttpRequestOptions(),
): HttpCall {
  const result = begin(method, url, headers, options);
  if (result < 0) failedWith(result, "openHttpRequest: " + url);
  return new HttpCall(refAt(result));
}

/** A request that is under way. */
@message("$socket")
export class HttpCall {
  constructor(public ref: Ref) {}

  /** Writes of its body; false when nobody gets it any more: `tryResponse` tells why. */
  write(bytes: Uint8Array, timeoutMs: u32 = FOR_EVER): bool {
    return writeBody(this.ref, bytes.dataStart, bytes.length, timeoutMs);
  }

  /** As `write`, in UTF-8. */
  writeText(text: string, timeoutMs: u32 = FOR_EVER): bool {
    const bytes = String.UTF8.encode(text);
    return writeBody(this.ref, changetype<usize>(bytes), bytes.byteLength, timeoutMs);
  }

  /** Ends its body; every request needs that. */
  finish(): bool {
    return finishBody(this.ref);
  }

  /**
   * Has the response sent to this process: so many messages more, an `HttpResponseHead`, its body as `HttpData`, an `HttpEnd`, or an `HttpError` when there is none or the rest will not come,
   * then an `HttpPassive`. A negative number takes back what was asked for; at 0 it is passive.
   */
  active(messages: i32): void {
    activate(this.ref, COUNTED, messages, "HttpCall.active");
  }

  /** One message, and no `HttpPassive` after it. */
  activeOnce(): void {
    activate(this.ref, ONCE, 0, "HttpCall.activeOnce");
  }

  /** Messages without end; while this process's mailbox is full they wait, and so does who sends. */
  activeAlways(): void {
    activate(this.ref, ALWAYS, 0, "HttpCall.activeAlways");
  }

  /** No more messages: it is read. */
  passive(): void {
    activate(this.ref, PASSIVE, 0, "HttpCall.passive");
  }

  /** The head of the response, waiting for it. Ends the process when there is none. */
  response(): HttpResponse {
    const result = this.tryResponse();
    const response = result.response;
    if (response === null) fail(result.reason, "HttpCall.response");
    return response!;
  }

  /** As `response`, and tells why there is none. */
  tryResponse(): HttpResult {
    const length = abi.response(this.ref.pointer, this.ref.byteLength, inbox(), capacity(), FOR_EVER);
    if (length == FAILED) {
      const reason = reasonFor(length);
      this.close();
      return new HttpResult(null, reason);
    }
    if (length < 0) failed(length, "HttpCall.response: this request is not this process's");
    settle(length);
    const head = encodedFrom<Term>(answer(), length);
    return new HttpResult(new HttpResponse(this.ref, head.at(0).as<i32>(), head.at(1)), "");
  }

  /** Breaks it off. */
  close(): void {
    closeRef(this.ref, "HttpCall.close");
  }
}

/** The response to a request. Its socket stays open till it is closed. */
@final
export class HttpResponse {
  constructor(
    readonly ref: Ref,
    readonly status: i32,
    /** `[{Name, Value}]`, names in small letters. */
    readonly headers: Term,
  ) {}

  /** The value of the first header of that name, in small letters; null when there is none. */
  header(name: string): string | null {
    return headerIn(this.headers, name);
  }

  /** The next of the body, at most `maxBytes`; null at its end, and when the rest will not come. */
  read(maxBytes: u32 = PIECE_BYTES, timeoutMs: u32 = FOR_EVER): Uint8Array | null {
    return readBody(this.ref, maxBytes, timeoutMs);
  }

  /** All of the body, and closes; null for one of more than `maxBytes`, and for one that does not come to its end. */
  body(maxBytes: u32 = 1048576): Uint8Array | null {
    const whole = wholeBody(this.ref, maxBytes);
    this.close();
    return whole;
  }

  /** As `body`, as text in UTF-8. */
  text(maxBytes: u32 = 1048576): string | null {
    const whole = this.body(maxBytes);
    return whole === null ? null : String.UTF8.decodeUnsafe(whole.dataStart, whole.length);
  }

  close(): void {
    closeRef(this.ref, "HttpResponse.close");
  }
}

function begin(method: string, url: string, headers: string[], options: HttpRequestOptions): i32 {
  const methodText = String.UTF8.encode(method);
  const urlText = String.UTF8.encode(url);
  encoder.begin();
  placeHeaders(headers);
  const size = encoder.length();
  encoder.beginNext();
  beginOptions(4);
  placeNumber("max_header_bytes", options.maxHeaderBytes);
  placeNumber("max_body_bytes", options.maxBodyBytes);
  placeNumber("response_timeout", options.responseTimeout);
  placeNumber("inactivity_timeout", options.inactivityTimeout);
  const base = encoder.start();
  return abi.request(
    changetype<usize>(methodText), methodText.byteLength, changetype<usize>(urlText), urlText.byteLength, base, size, base + size,
    encoder.length() - size, inbox(), capacity(),
  );
}
