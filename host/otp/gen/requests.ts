// Requests whose answer is fetched later, and collections of them (gen.erl; S139).
import type { Context } from "../context.ts";
import { type DownMessage, Envelope } from "../envelope.ts";
import { MoonletError } from "../error.ts";
import { Exit } from "../exit.ts";
import type { Ref } from "../ref.ts";
import type { Atom } from "../term/atom.ts";
import { isTuple, tuple } from "../term/tuple.ts";
import { isAnswer, isDown, receiveAnswer, resolveServer, type ServerRef } from "./call.ts";
import { aliasTag, isReplyTo } from "./wire.ts";

/** Names a request; it is the reference of a monitor on the server and of the alias that the answer comes over. */
export type RequestId = Ref;

export type Response =
  | { readonly type: "reply"; readonly reply: unknown }
  /** The server ended or was not there; `server` is its pid, or its name and node. */
  | { readonly type: "error"; readonly reason: unknown; readonly server: unknown }
  | { readonly type: "timeout" };

/** Sends `{Label, From, Request}` and does not wait. Never fails: a server that is not there is found in the response. */
export function sendRequest(self: Context, server: ServerRef, label: Atom, content: unknown): RequestId {
  try {
    const pid = resolveServer(self, server);
    const ref = self.monitor(pid, { alias: "demonitor" });
    self.send(pid, tuple(label, tuple(self.pid, aliasTag(ref)), content));
    return ref;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    const ref = self.runtime.newRef();
    const down = { type: "down", ref, pid: server, reason: error.reason } as DownMessage;
    self.process.deliver(new Envelope("message", down, ref));
    return ref;
  }
}

/** Waits for the response, and forgets the request when the time is over: a late reply vanishes. Default no limit. */
export async function receiveResponse(
  self: Context,
  id: RequestId,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<Response> {
  const answer = await receiveAnswer(self, id, timeoutMs);
  if (answer !== undefined) return response(self, id, answer);
  self.demonitor(id, { flush: true });
  const late = await receiveAnswer(self, id, 0);
  return late === undefined ? { type: "timeout" } : response(self, id, late);
}

/** Waits for the response; after a timeout the request still stands. Default 0: looks and does not wait. */
export async function waitResponse(self: Context, id: RequestId, timeoutMs = 0): Promise<Response> {
  const answer = await receiveAnswer(self, id, timeoutMs);
  return answer === undefined ? { type: "timeout" } : response(self, id, answer);
}

/** Whether a message that was received is the response to this request; undefined if not. */
export function checkResponse(self: Context, message: unknown, id: RequestId): Response | undefined {
  return isAnswer(message, id) ? response(self, id, message) : undefined;
}

function response(self: Context, id: RequestId, answer: unknown): Response {
  if (isDown(answer, id)) return { type: "error", reason: answer.reason, server: answer.pid };
  self.demonitor(id, { flush: true });
  return { type: "reply", reply: (answer as readonly unknown[])[1] };
}

/** What a collection gives: the response, the label under which it was added, and the collection after it. */
export interface LabelledResponse<L> {
  readonly response: Response;
  readonly label: L;
  readonly requests: RequestCollection<L>;
}

/** Requests with labels, of which the first to be answered is wanted. Immutable. */
export class RequestCollection<L = unknown> {
  readonly #requests: ReadonlyMap<number, { readonly id: RequestId; readonly label: L }>;

  constructor(requests: Iterable<readonly [RequestId, L]> = []) {
    this.#requests = new Map(Array.from(requests, ([id, label]) => [id.number, { id, label }]));
  }

  get size(): number {
    return this.#requests.size;
  }

  /** @throws MoonletError badarg for one that is there. */
  add(id: RequestId, label: L): RequestCollection<L> {
    if (this.#requests.has(id.number))
      throw new MoonletError("badarg", `request ${id} is in the collection already`);
    return new RequestCollection([...this.entries(), [id, label]]);
  }

  *entries(): IterableIterator<readonly [RequestId, L]> {
    for (const { id, label } of this.#requests.values()) yield [id, label];
  }

  /** The next response; forgets all requests when the time is over. undefined when the collection is empty. */
  async receive(
    self: Context,
    timeoutMs = Number.POSITIVE_INFINITY,
    remove = true,
  ): Promise<LabelledResponse<L> | "timeout" | undefined> {
    const found = await this.wait(self, timeoutMs, remove);
    if (found !== "timeout") return found;
    for (const [id] of this.entries()) self.demonitor(id, { flush: true });
    while (
      (await self.receive((message) => this.#find(message) !== undefined, { timeoutMs: 0 })) !== undefined
    );
    return "timeout";
  }

  /** As `receive`, without giving anything up. */
  async wait(
    self: Context,
    timeoutMs = 0,
    remove = true,
  ): Promise<LabelledResponse<L> | "timeout" | undefined> {
    if (this.size === 0) return undefined;
    const message = await self.receive((candidate) => this.#find(candidate) !== undefined, { timeoutMs });
    return message === undefined ? "timeout" : this.check(self, message, remove);
  }

  /** The response that a received message is; undefined if it is none of ours. */
  check(self: Context, message: unknown, remove = true): LabelledResponse<L> | undefined {
    const id = this.#find(message);
    const known = id === undefined ? undefined : this.#requests.get(id.number);
    if (id === undefined || known === undefined) return undefined;
    const rest = remove
      ? new RequestCollection([...this.entries()].filter(([other]) => !other.equals(id)))
      : this;
    return { response: response(self, id, message), label: known.label, requests: rest };
  }

  #find(message: unknown): RequestId | undefined {
    const number = requestNumber(message);
    const known = number === undefined ? undefined : this.#requests.get(number);
    return known !== undefined && isAnswer(message, known.id) ? known.id : undefined;
  }
}

/** The number of the request that a message may answer. */
function requestNumber(message: unknown): number | undefined {
  if (isTuple(message)) {
    const tag = message[0] as { readonly tail?: Ref; readonly number?: number };
    const ref = tag?.tail ?? tag;
    return typeof ref?.number === "number" && isReplyTo(message, ref as Ref) ? ref.number : undefined;
  }
  const down = message as { readonly type?: unknown; readonly ref?: Ref } | null | undefined;
  return down?.type === "down" ? down.ref?.number : undefined;
}
