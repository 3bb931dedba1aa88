// A request that a process makes. Passive, its response is asked for; active, that is sent to its owner: the head, the body piece by piece, the end.
import type { Process } from "../../otp/index.ts";
import { atom, tuple } from "../../otp/term/index.ts";
import { ActiveSocket, type HandedOver, MESSAGE_BYTES } from "./active-socket.ts";
import { UNITS } from "./costs.ts";
import { Deadline } from "./deadline.ts";
import { headersTerm } from "./http-head.ts";
import { type Failure, failure, type HttpCall, type ReadResult, type ResponseHead } from "./network.ts";
import { CONNECTION_BYTES } from "./resource.ts";
import { SentBody } from "./sent-body.ts";
import type { RequestOptions } from "./socket-options.ts";

export class AskedRequest extends ActiveSocket {
  readonly #call: HttpCall;
  readonly #body: SentBody;
  readonly #deadline: Deadline;
  readonly #silence: Deadline;
  readonly #silenceMs: number;
  protected readonly passiveTag = "http_passive";
  #failure: Failure | undefined;
  #bodyBytesLeft: number;
  /** What the owner has got already: it comes once. */
  #isHeadKnown = false;
  #isEndTold = false;

  /** `announced`: how many bytes its body will have, where that is known. */
  constructor(owner: Process, call: HttpCall, announced: number | undefined, options: RequestOptions) {
    super(owner, CONNECTION_BYTES);
    this.#call = call;
    this.#body = new SentBody(call, announced);
    this.#bodyBytesLeft = options.maxBodyBytes;
    this.#deadline = new Deadline(owner.runtime, () => this.#giveUp("timeout"));
    this.#deadline.start(options.responseTimeoutMs);
    this.#silence = new Deadline(owner.runtime, () => this.#giveUp("timeout"));
    this.#silenceMs = options.inactivityTimeoutMs;
    call.changed = () => {
      if (call.response) this.#deadline.stop();
      this.#silence.stop();
      this.#changed();
    };
  }

  /** The owner has got the head of the response. */
  headIsKnown(): void {
    this.#isHeadKnown = true;
  }

  /** The head of the response, or why there will be none; undefined as long as neither is known. */
  get response(): ResponseHead | Failure | undefined {
    return this.#failure ?? this.#call.response;
  }

  /** The next of the response's body. */
  read(maxBytes: number): ReadResult {
    const { response } = this;
    if (response && "reason" in response) return { type: "broken", reason: response.reason };
    const result = this.#call.read(maxBytes);
    // Only who waits for more is kept waiting.
    if (result.type === "empty") this.#silence.start(this.#silenceMs);
    if (result.type !== "data") return result;
    this.#bodyBytesLeft -= result.bytes.length;
    if (this.#bodyBytesLeft >= 0) return result;
    this.#giveUp("emsgsize");
    return { type: "broken", reason: "emsgsize" };
  }

  /** Undefined for more than was announced, and after the end. */
  write(bytes: Uint8Array): number | Failure | undefined {
    const taken = this.#failure ?? this.#body.write(bytes);
    if (taken === 0) this.#silence.start(this.#silenceMs);
    return taken;
  }

  /** False when less was written than was announced. */
  finish(): boolean | Failure {
    return this.#failure ?? this.#body.finish();
  }

  protected next(owner: Process): HandedOver {
    const { response } = this;
    if (this.#isEndTold) return "over";
    if (response === undefined) return "empty";
    if (!("reason" in response) && !this.#isHeadKnown) {
      this.#isHeadKnown = true;
      this.post(tuple(atom("http_response"), this.term, response.status, headersTerm(response.headers)));
      owner.charge(UNITS.transfer);
      return "sent";
    }
    const result = this.postBody(owner, this.read(MESSAGE_BYTES));
    this.#isEndTold = result === "over";
    return result;
  }

  protected ended(): void {
    this.#deadline.stop();
    this.#silence.stop();
    this.#call.abort();
  }

  #giveUp(reason: string): void {
    this.#failure ??= failure(reason);
    this.#call.abort();
    this.#changed();
  }

  #changed(): void {
    if (this.owner) this.handOver(this.owner);
    this.wake();
  }
}
