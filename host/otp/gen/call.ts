// One request and its answer: gen:call of OTP, which gen_server, gen_statem, gen_event, sys and supervisors share.
import type { Context } from "../context.ts";
import type { DownMessage } from "../envelope.ts";
import { Exit } from "../exit.ts";
import { nameOf, nameOnNode } from "../names.ts";
import { Pid } from "../pid.ts";
import type { Ref } from "../ref.ts";
import { type Atom, atom, atomTerm } from "../term/atom.ts";
import { type Tuple, tuple } from "../term/tuple.ts";
import { aliasTag, isReplyTo, nested } from "./wire.ts";

/** A server: its pid, its registered name, or a name on a node. */
export type ServerRef =
  | Pid
  | string
  | Atom
  | { readonly name: string; readonly node: string }
  | readonly unknown[];

/** The pid of a server. @throws Exit noproc for a name nobody has, `{nodedown, Node}` for another node. */
export function resolveServer(self: Context, server: ServerRef): Pid {
  if (server instanceof Pid) return server;
  const remote = nameOnNode(server);
  if (remote !== undefined && remote.node !== self.runtime.name)
    throw new Exit(tuple("nodedown", atomTerm(remote.node)));
  const name = remote?.name ?? nameOf(server);
  const pid = name === undefined ? undefined : self.whereis(name);
  if (pid === undefined) throw new Exit("noproc");
  return pid;
}

/** A server as a term, for reasons. */
export function serverTerm(server: ServerRef): unknown {
  if (server instanceof Pid) return server;
  const remote = nameOnNode(server);
  if (remote !== undefined) return tuple(atomTerm(remote.name), atomTerm(remote.node));
  const name = nameOf(server);
  return name === undefined ? server : atomTerm(name);
}

/** Infinity becomes the atom. */
export function timeTerm(ms: number): unknown {
  return ms === Number.POSITIVE_INFINITY ? atom("infinity") : ms;
}

/**
 * Sends `{Label, From, Request}` and waits for the answer. With a time limit the answer goes to an alias, so that a late one vanishes
 * (S131, S135); a finished call leaves nothing behind (S138).
 * @throws Exit with the bare reason: timeout, noproc, calling_self, or that of the server's end (S135 to S137).
 */
export async function request(
  self: Context,
  server: ServerRef,
  label: Atom | Pid,
  content: unknown,
  timeoutMs: number,
): Promise<unknown> {
  const pid = resolveServer(self, server);
  if (pid.equals(self.pid)) throw new Exit("calling_self");
  if (timeoutMs === Number.POSITIVE_INFINITY && pid.node === self.runtime.name)
    return requestForEver(self, pid, label, content);
  const ref = self.monitor(pid, { alias: "demonitor" });
  self.send(pid, tuple(label, tuple(self.pid, aliasTag(ref)), content));
  // Nearly always the first that comes is the answer, and does without one more promise.
  const { environment } = self.runtime;
  const start = timeoutMs === Number.POSITIVE_INFINITY ? 0 : environment.now();
  let answer = await self.receiveTagged(ref, { timeoutMs });
  if (answer !== undefined && !isAnswer(answer, ref))
    answer = await receiveAnswer(self, ref, Math.max(0, Math.ceil(start + timeoutMs - environment.now())));
  if (answer === undefined) {
    self.demonitor(ref, { flush: true });
    answer = await receiveAnswer(self, ref, 0);
    if (answer === undefined) throw new Exit("timeout");
  }
  return settle(self, ref, answer);
}

async function requestForEver(
  self: Context,
  pid: Pid,
  label: Atom | Pid,
  content: unknown,
): Promise<unknown> {
  const since = self.process.mailbox.position;
  const ref = self.monitor(pid);
  self.send(pid, tuple(label, tuple(self.pid, ref), content));
  const answer = await self.receive((message) => isAnswer(message, ref), { since });
  return settle(self, ref, answer);
}

/** An answer or the server's end; undefined when the time is over. What else somebody sends to the alias is dropped. */
export async function receiveAnswer(self: Context, ref: Ref, timeoutMs: number): Promise<unknown> {
  const { environment } = self.runtime;
  const end = timeoutMs === 0 || timeoutMs === Number.POSITIVE_INFINITY ? 0 : environment.now() + timeoutMs;
  let left = timeoutMs;
  for (;;) {
    const answer = await self.receiveTagged(ref, { timeoutMs: left });
    if (answer === undefined || isAnswer(answer, ref)) return answer;
    if (end !== 0) left = Math.max(0, Math.ceil(end - environment.now()));
  }
}

export function isAnswer(message: unknown, ref: Ref): boolean {
  return isReplyTo(message, ref) || isDown(message, ref);
}

export function isDown(message: unknown, ref: Ref): message is DownMessage {
  const down = message as DownMessage | undefined | null;
  return typeof down === "object" && down !== null && down.type === "down" && ref.equals(down.ref);
}

function settle(self: Context, ref: Ref, answer: unknown): unknown {
  if (isDown(answer, ref))
    throw new Exit(answer.reason === "noconnection" ? tuple("nodedown", nodeOf(answer)) : answer.reason);
  self.demonitor(ref, { flush: true });
  return (answer as readonly unknown[])[1];
}

function nodeOf(down: DownMessage): unknown {
  return atomTerm(down.pid.node);
}

/** Runs a client function, and lets it exit with `{Reason, {Module, Function, Arguments}}` as in OTP. */
export async function explained<T>(
  act: Promise<T>,
  module: string,
  fn: string | Tuple,
  args: () => unknown[],
): Promise<T> {
  try {
    return await act;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    throw new Exit(
      tuple(nested(error.reason), tuple(atom(module), typeof fn === "string" ? atom(fn) : fn, args())),
    );
  }
}
