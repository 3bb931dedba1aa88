// A request that came in, as a process has it. Its client gets one answer whatever the process does: the process's own; 500 when that ends
// without one, 504 when it takes too long, 413 for a body that is too large. A response that was begun and is not ended in order is broken off.
import type { ExitReason, Process } from "../../otp/index.ts";
import { atom, tuple } from "../../otp/term/index.ts";
import { ActiveSocket, type HandedOver, MESSAGE_BYTES } from "./active-socket.ts";
import { Deadline } from "./deadline.ts";
import { announcedBytes, type WrittenHeaders } from "./http-head.ts";
import { EMPTY, type Failure, failure, type HttpExchange, type ReadResult } from "./network.ts";
import { CONNECTION_BYTES, type Resource } from "./resource.ts";
import { SentBody } from "./sent-body.ts";

export interface ServedOptions {
  /** Bytes of the request's body; above it the client gets 413. */
  readonly maxBodyBytes: number;
  /** Till the head of the response; then the client gets 504. */
  readonly responseTimeoutMs: number;
}

/** By `{http_closed, Socket}`, or by an exit signal with the reason `{shutdown, http_closed}`. */
export type Telling = "message" | "exit";

const TEXTS: Readonly<Record<number, string>> = {
  413: "the body is too large\n",
  500: "internal server error\n",
  503: "busy, please try again\n",
  504: "no answer in time\n",
};

/** Answers a request without any process. */
export function turnAway(exchange: HttpExchange, status: 413 | 500 | 503 | 504): void {
  const text = new TextEncoder().encode(TEXTS[status]);
  const headers = [
    ["content-type", "text/plain; charset=utf-8"],
    ["content-length", String(text.length)],
  ] as const;
  exchange.respond({ status, headers }, true);
  exchange.write(text);
  exchange.finish();
}

/** Whether a request may be shown to a process; otherwise its client has been told why not. */
export function isAcceptable(exchange: HttpExchange, { maxBodyBytes }: ServedOptions): boolean {
  const announced = announcedBytes(exchange.head.headers);
  if (announced === undefined || announced <= maxBodyBytes) return exchange.isOpen;
  turnAway(exchange, 413);
  return false;
}

export class ServedRequest extends ActiveSocket {
  readonly #exchange: HttpExchange;
  readonly #options: ServedOptions;
  readonly #deadline: Deadline;
  #receivedBytes = 0;
  #body: SentBody | undefined;
  /** The client will get nothing more from this process, nor this process from the client. */
  #isOver = false;
  #telling: Telling | undefined;
  protected readonly passiveTag = "http_passive";
  #isEndTold = false;

  constructor(owner: Process, exchange: HttpExchange, options: ServedOptions, origin?: Resource) {
    super(owner, CONNECTION_BYTES, origin);
    this.#exchange = exchange;
    this.#options = options;
    this.#deadline = new Deadline(owner.runtime, () => this.#fail(504));
    this.#deadline.start(options.responseTimeoutMs);
    exchange.changed = () => {
      if (!exchange.isOpen) this.#over();
      this.#changed();
    };
  }

  /** The next of the request's body. */
  read(maxBytes: number): ReadResult {
    if (this.#isOver) return { type: "broken", reason: "closed" };
    const result = this.#exchange.read(maxBytes);
    if (result.type !== "data") return result;
    this.#receivedBytes += result.bytes.length;
    if (this.#receivedBytes <= this.#options.maxBodyBytes) return result;
    this.#fail(413);
    return { type: "broken", reason: "emsgsize" };
  }

  /** Sends the head of the response. False when there was one already; a failure when nobody waits for it any more. */
  respond(status: number, { headers, bodyBytes }: WrittenHeaders): boolean | Failure {
    if (this.#isOver) return failure("closed");
    if (this.#body) return false;
    this.#deadline.stop();
    const hasBody = this.#exchange.head.method !== "HEAD" && status !== 204 && status !== 304;
    const announced = bodyBytes === undefined ? [] : [["content-length", String(bodyBytes)] as const];
    this.#exchange.respond({ status, headers: [...headers, ...announced] }, false);
    this.#body = hasBody
      ? new SentBody(this.#exchange, bodyBytes)
      : new SentBody(withoutBody(this.#exchange), undefined);
    return true;
  }

  /** Undefined before the head, after the end, and for more than the head announced. */
  write(bytes: Uint8Array): number | Failure | undefined {
    return this.#isOver ? failure("closed") : this.#body?.write(bytes);
  }

  /** Undefined before the head; false when less was written than the head announced. */
  finish(): boolean | Failure | undefined {
    if (this.#isOver && !this.#body?.isFinished) return failure("closed");
    return this.#body?.finish();
  }

  /** Have the owner told, in one way or another, when nobody waits for the response any more. */
  watch(telling: Telling): void {
    const isNew = this.#telling === undefined;
    this.#telling = telling;
    if (isNew && this.#isOver) this.#tell();
  }

  protected next(owner: Process): HandedOver {
    if (this.#isEndTold) return "over";
    const result = this.postBody(owner, this.read(MESSAGE_BYTES));
    this.#isEndTold = result === "over";
    return result;
  }

  protected ended(_reason: ExitReason): void {
    this.#deadline.stop();
    if (this.#isOver || this.#body?.isFinished) return;
    if (this.#body) this.#exchange.abort();
    else turnAway(this.#exchange, 500);
  }

  #fail(status: 413 | 504): void {
    if (this.#isOver) return;
    if (this.#body) this.#exchange.abort();
    else turnAway(this.#exchange, status);
    this.#over();
    this.#changed();
  }

  #changed(): void {
    if (this.owner) this.handOver(this.owner);
    this.wake();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline.stop();
    this.#tell();
  }

  #tell(): void {
    const { owner } = this;
    if (!owner || this.#body?.isFinished) return;
    if (this.#telling === "message") this.post(tuple(atom("http_closed"), this.term));
    else if (this.#telling === "exit") owner.runtime.exit(owner.pid, ["shutdown", "http_closed"]);
  }
}

/** Takes bytes and sends none: the answer to HEAD, and those whose status has no body. */
function withoutBody(exchange: HttpExchange) {
  return {
    changed: () => {},
    read: () => EMPTY,
    write: (bytes: Uint8Array) => bytes.length,
    finish: () => exchange.finish(),
    abort: () => exchange.abort(),
  };
}
