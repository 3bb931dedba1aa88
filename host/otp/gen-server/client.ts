// The client side of a gen_server (gen_server.erl; S131 to S139). `server` may as well be a guest or an Erlang process.
import type { Context } from "../context.ts";
import type { DownMessage } from "../envelope.ts";
import { MoonletError } from "../error.ts";
import { Exit } from "../exit.ts";
import { explained, isDown, request, type ServerRef, serverTerm, timeTerm } from "../gen/call.ts";
import { type Caller, inProcess } from "../gen/caller.ts";
import { type RequestId, sendRequest as send } from "../gen/requests.ts";
import { GEN_CALL, GEN_CAST } from "../gen/wire.ts";
import { nameOnNode } from "../names.ts";
import type { Ref } from "../ref.ts";
import type { Runtime } from "../runtime.ts";
import { atomTerm } from "../term/atom.ts";
import { isTuple, tuple } from "../term/tuple.ts";

/**
 * Calls a server and gives its reply. Default limit 5000 ms.
 * @throws Exit `{Reason, {gen_server, call, Args}}`: timeout, noproc, calling_self, or why the server ended.
 */
export function call<T = unknown>(
  caller: Caller,
  server: ServerRef,
  content: unknown,
  timeoutMs?: number,
): Promise<T> {
  const args = (): unknown[] => [
    serverTerm(server),
    content,
    ...(timeoutMs === undefined ? [] : [timeTerm(timeoutMs)]),
  ];
  return inProcess(caller, (self) =>
    explained(request(self, server, GEN_CALL, content, timeoutMs ?? 5000), "gen_server", "call", args),
  ) as Promise<T>;
}

/** Sends a message that is not answered. Never fails, also when nobody is there (S133). */
export function cast(caller: Context | Runtime, server: ServerRef, message: unknown): void {
  try {
    const remote = nameOnNode(server);
    caller.send(remote ?? server, tuple(GEN_CAST, message));
  } catch (error) {
    if (!(error instanceof MoonletError)) throw error;
  }
}

/** Sends a call whose reply is fetched with `receiveResponse`, `waitResponse` or `checkResponse`. */
export function sendRequest(self: Context, server: ServerRef, content: unknown): RequestId {
  return send(self, server, GEN_CALL, content);
}

/** Casts to the servers of one name on several nodes. */
export function abcast(caller: Caller, nodes: readonly string[], name: string, message: unknown): void {
  for (const node of nodes) cast(caller, { name, node }, message);
}

/** Both in the order of the nodes that were asked. */
export interface MultiCallResult {
  readonly replies: readonly { readonly node: string; readonly reply: unknown }[];
  /** Nodes without the server, or that did not answer in time. */
  readonly badNodes: readonly string[];
}

/** Calls the servers of one name on several nodes. A process of its own collects, so that late replies go nowhere. Default no limit. */
export function multiCall(
  caller: Caller,
  nodes: readonly string[],
  name: string,
  content: unknown,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<MultiCallResult> {
  return inProcess(caller, async (self) => {
    let result: MultiCallResult | undefined;
    const [, ref] = self.spawnMonitor(async function multiCall(middle) {
      result = await collect(middle, nodes, name, content, timeoutMs);
    });
    const down = (await self.receiveTagged(ref)) as DownMessage;
    if (result === undefined) throw new Exit(down.reason);
    return result;
  });
}

async function collect(
  self: Context,
  nodes: readonly string[],
  name: string,
  content: unknown,
  timeoutMs: number,
): Promise<MultiCallResult> {
  const tag = self.runtime.newRef();
  const asked: Asked[] = nodes.map((node) => {
    const target = tuple(atomTerm(name), atomTerm(node));
    const ref = self.monitor(target);
    self.send(target, tuple(GEN_CALL, tuple(self.pid, tuple(tag, atomTerm(node))), content));
    return { node, ref, answer: undefined };
  });
  const timer =
    timeoutMs === Number.POSITIVE_INFINITY ? undefined : self.startTimer(timeoutMs, self.pid, undefined);
  for (let left = asked.length; left > 0; ) {
    const message = await self.receive();
    const found = asked.find(
      ({ node, ref, answer }) =>
        answer === undefined && (isDown(message, ref) || isReplyOf(message, tag, node)),
    );
    if (found !== undefined) {
      found.answer = isTuple(message) ? { reply: message[1] } : "down";
      left--;
    } else if (timer?.equals((message as { ref?: unknown } | undefined)?.ref)) break;
  }
  return {
    replies: asked.flatMap(({ node, answer }) =>
      typeof answer === "object" ? [{ node, reply: answer.reply }] : [],
    ),
    badNodes: asked.flatMap(({ node, answer }) => (typeof answer === "object" ? [] : [node])),
  };
}

/** One node of a multiCall. */
interface Asked {
  readonly node: string;
  readonly ref: Ref;
  answer: { readonly reply: unknown } | "down" | undefined;
}

function isReplyOf(message: unknown, tag: Ref, node: string): boolean {
  if (!isTuple(message) || message.length !== 2 || !isTuple(message[0])) return false;
  return tag.equals(message[0][0]) && message[0][1] === atomTerm(node);
}
