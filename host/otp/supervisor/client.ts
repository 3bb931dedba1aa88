// Starting a supervisor, and managing one that runs (stdlib manual, supervisor).
import type { Context } from "../context.ts";
import type { ServerRef } from "../gen/call.ts";
import type { Caller } from "../gen/caller.ts";
import {
  type StartOptions,
  type StartResult,
  start as startProcess,
  startLink as startProcessLink,
} from "../gen/start.ts";
import { call } from "../gen-server/client.ts";
import { serverBody } from "../gen-server/start.ts";
import { Pid } from "../pid.ts";
import { Atom, type AtomTerm, atom, atomName } from "../term/atom.ts";
import { reasonFromTerm } from "../term/reason.ts";
import { isTuple, tuple } from "../term/tuple.ts";
import type { ChildSpec, ChildSpecTerm, ChildType, SupervisorInit } from "./spec.ts";
import { supervisorCallbacks } from "./supervisor.ts";
import type { StartResolver } from "./validate.ts";

export interface SupervisorOptions extends StartOptions {
  /** Makes start functions of what a guest or an Erlang node names in a specification. Default: such a one is refused as invalid_mfa. */
  readonly resolveStart?: StartResolver;
}

/** Starts a supervisor and its children. From the runtime or a process that is not to be linked. */
export function start(
  caller: Caller,
  init: SupervisorInit,
  options: SupervisorOptions = {},
): Promise<StartResult> {
  return startProcess(caller, body(init, options), startOptions(options));
}

/** Starts a supervisor linked to `self`, whose exit stops it (S206). */
export function startLink(
  self: Context,
  init: SupervisorInit,
  options: SupervisorOptions = {},
): Promise<StartResult> {
  return startProcessLink(self, body(init, options), startOptions(options));
}

function body(init: SupervisorInit, { resolveStart }: SupervisorOptions): ReturnType<typeof serverBody> {
  return serverBody(supervisorCallbacks, { init, resolve: resolveStart }, "supervisor");
}

function startOptions({ resolveStart: _, ...options }: SupervisorOptions): StartOptions {
  return { initialCall: "supervisor", ...options };
}

/** `pid` is undefined for a child whose start said ignore (S200). */
export type ChildResult =
  | { readonly type: "ok"; readonly pid: Pid | undefined }
  | { readonly type: "error"; readonly reason: unknown };

export type DoneResult = { readonly type: "ok" } | { readonly type: "error"; readonly reason: unknown };

/** Adds and starts a child; for simple_one_for_one the arguments for one more of its kind (S197, S203). */
export async function startChild(
  caller: Caller,
  supervisor: ServerRef,
  spec: ChildSpec | ChildSpecTerm | readonly unknown[],
): Promise<ChildResult> {
  const isInfinite = "shutdown" in spec && spec.shutdown === Number.POSITIVE_INFINITY;
  const term = isInfinite ? { ...spec, shutdown: atom("infinity") } : spec;
  return childResult(await ask(caller, supervisor, tuple(atom("start_child"), term)));
}

/** Stops a child and keeps its specification (S198). `id` is the pid for simple_one_for_one. */
export async function terminateChild(
  caller: Caller,
  supervisor: ServerRef,
  id: unknown,
): Promise<DoneResult> {
  return doneResult(await ask(caller, supervisor, tuple(atom("terminate_child"), id)));
}

/** Starts a child that is stopped (S199). */
export async function restartChild(caller: Caller, supervisor: ServerRef, id: unknown): Promise<ChildResult> {
  return childResult(await ask(caller, supervisor, tuple(atom("restart_child"), id)));
}

/** Forgets a child that is stopped (S199). */
export async function deleteChild(caller: Caller, supervisor: ServerRef, id: unknown): Promise<DoneResult> {
  return doneResult(await ask(caller, supervisor, tuple(atom("delete_child"), id)));
}

export interface ListedChild {
  /** undefined for simple_one_for_one. */
  readonly id: unknown;
  /** undefined when it is not running. */
  readonly pid: Pid | "restarting" | undefined;
  readonly type: ChildType;
  readonly modules: unknown;
}

/** The children, the newest first (S181). */
export async function whichChildren(caller: Caller, supervisor: ServerRef): Promise<ListedChild[]> {
  const list = (await ask(caller, supervisor, atom("which_children"))) as readonly (readonly unknown[])[];
  return list.map(([id, state, type, modules]) => ({
    id,
    pid: state instanceof Pid ? state : atomName(state) === "restarting" ? "restarting" : undefined,
    type: atomName(type) as ChildType,
    modules,
  }));
}

export interface ChildCounts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

export async function countChildren(caller: Caller, supervisor: ServerRef): Promise<ChildCounts> {
  const pairs = (await ask(caller, supervisor, atom("count_children"))) as readonly (readonly [
    AtomTerm,
    number,
  ])[];
  return Object.fromEntries(pairs.map(([name, count]) => [atomName(name), count])) as unknown as ChildCounts;
}

/** A child's specification; undefined if there is no such child. */
export async function getChildSpec(
  caller: Caller,
  supervisor: ServerRef,
  id: unknown,
): Promise<ChildSpec | undefined> {
  const answer = await ask(caller, supervisor, tuple(atom("get_childspec"), id));
  if (!isTuple(answer) || answer[0] !== atom("ok")) return undefined;
  const spec = answer[1] as { readonly shutdown: unknown };
  const shutdown = atomName(spec.shutdown) === "infinity" ? Number.POSITIVE_INFINITY : spec.shutdown;
  const plain = Object.entries({ ...spec, shutdown }).map(([key, value]) => [
    key,
    key === "id" || !(value instanceof Atom) ? value : value.name,
  ]);
  return Object.fromEntries(plain) as ChildSpec;
}

function ask(caller: Caller, supervisor: ServerRef, request: unknown): Promise<unknown> {
  return call(caller, supervisor, request, Number.POSITIVE_INFINITY);
}

function childResult(answer: unknown): ChildResult {
  const [word, value] = answer as readonly unknown[];
  return word === atom("ok")
    ? { type: "ok", pid: value as Pid | undefined }
    : { type: "error", reason: reasonFromTerm(value) };
}

function doneResult(answer: unknown): DoneResult {
  return answer === atom("ok")
    ? { type: "ok" }
    : { type: "error", reason: reasonFromTerm((answer as readonly unknown[])[1]) };
}
