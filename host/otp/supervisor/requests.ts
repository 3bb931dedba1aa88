// What a supervisor answers to its callers, in OTP's terms (S195, S197 to S200, S203).
import type { Context } from "../context.ts";

import { Pid } from "../pid.ts";
import { atom, atomTerm } from "../term/atom.ts";
import { exactlyEqual } from "../term/compare.ts";
import { reasonToTerm } from "../term/reason.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import { type Child, childTerm, modulesTerm, pidOf, STOPPED, specTerm } from "./child.ts";
import type { Children } from "./children.ts";
import type { DynamicChildren } from "./dynamic-children.ts";
import { startChild } from "./start-child.ts";
import { stopChild } from "./stop-child.ts";
import type { SupervisorState } from "./supervisor.ts";
import { checkChild } from "./validate.ts";

const OK = atom("ok");

function error(reason: unknown): Tuple {
  return tuple(atom("error"), typeof reason === "string" ? atom(reason) : reason);
}

/** The answer as its asker can read it: a start function means nothing outside of JavaScript, where its name stands for it. */
export function forAsker(self: Context, [pid]: readonly unknown[], answer: unknown): unknown {
  const start = isTuple(answer) ? (answer[1] as { readonly start?: unknown } | undefined)?.start : undefined;
  if (typeof start !== "function") return answer;
  if (!(pid instanceof Pid) || self.runtime.process(pid)?.readsEncoded !== true) return answer;
  const named = tuple(atom("function"), atomTerm(start.name));
  return tuple(OK, { ...((answer as Tuple)[1] as Record<string, unknown>), start: named });
}

export async function answerStatic(
  self: Context,
  state: SupervisorState,
  children: Children,
  request: unknown,
): Promise<unknown> {
  if (request === atom("which_children"))
    return [...children.list].reverse().map((child) => listed(child, stateTerm(child)));
  if (request === atom("count_children")) return countStatic(self, children);
  const [name, argument] = isTuple(request) ? request : [];
  if (name === atom("start_child")) return addChild(self, state, children, argument);
  const child = children.find(argument);
  if (child === undefined) return error("not_found");
  if (name === atom("terminate_child")) {
    await stopChild(self, state.name, child);
    children.clear(child);
    return OK;
  }
  if (name === atom("restart_child")) return restartByHand(self, state, children, child);
  if (name === atom("delete_child")) {
    if (child.state.type !== "stopped") return error(child.state.type);
    children.remove(child);
    return OK;
  }
  if (name === atom("get_childspec")) return tuple(OK, specTerm(child));
  return error(tuple(atom("unknown_request"), request));
}

async function addChild(
  self: Context,
  state: SupervisorState,
  children: Children,
  spec: unknown,
): Promise<Tuple> {
  const checked = checkChild(spec, state.flags.autoShutdown, state.resolve);
  if (!checked.ok) return error(checked.error);
  const child = checked.value;
  const known = children.find(child.id);
  if (known !== undefined) {
    const pid = pidOf(known);
    return error(pid === undefined ? "already_present" : tuple(atom("already_started"), pid));
  }
  const result = await startChild(self, state.name, child);
  if (!result.ok) return error(tuple(reasonToTerm(result.reason), childTerm(child)));
  const up = { ...child, state: result.state };
  if (result.state !== STOPPED || child.restart !== "temporary") children.add(up);
  return tuple(OK, pidOf(up));
}

async function restartByHand(
  self: Context,
  state: SupervisorState,
  children: Children,
  child: Child,
): Promise<Tuple> {
  if (child.state.type !== "stopped") return error(child.state.type);
  const result = await startChild(self, state.name, child);
  if (!result.ok) return error(reasonToTerm(result.reason));
  children.setState(child, result.state);
  return tuple(OK, pidOf({ ...child, state: result.state }));
}

export async function answerDynamic(
  self: Context,
  state: SupervisorState,
  children: DynamicChildren,
  request: unknown,
): Promise<unknown> {
  const { kind } = children;
  if (request === atom("which_children")) {
    return [...children].map(({ pid, restarting }) =>
      listed({ ...kind, id: undefined }, restarting ? atom("restarting") : pid),
    );
  }
  if (request === atom("count_children")) {
    return counts(
      1,
      children.active,
      kind.type === "supervisor" ? children.size : 0,
      kind.type === "worker" ? children.size : 0,
    );
  }
  const [name, argument] = isTuple(request) ? request : [];
  if (name === atom("start_child")) {
    const result = await children.start(Array.isArray(argument) ? argument : [argument]);
    if (!result.ok) return error(reasonToTerm(result.reason));
    return tuple(OK, result.state.type === "running" ? result.state.pid : undefined);
  }
  if (name === atom("restart_child") || name === atom("delete_child")) return error("simple_one_for_one");
  if (name === atom("terminate_child")) return terminateDynamic(self, state, children, argument);
  if (name === atom("get_childspec"))
    return hasSpec(self, children, argument) ? tuple(OK, specTerm(kind)) : error("not_found");
  return error(tuple(atom("unknown_request"), request));
}

/** As OTP: of its children, of the dead, and of the kind's own id. */
function hasSpec(self: Context, children: DynamicChildren, id: unknown): boolean {
  if (!(id instanceof Pid)) return exactlyEqual(id, children.kind.id);
  return children.find(id) !== undefined || !self.runtime.isAlive(id);
}

async function terminateDynamic(
  self: Context,
  state: SupervisorState,
  children: DynamicChildren,
  pid: unknown,
): Promise<unknown> {
  if (!(pid instanceof Pid)) return error("simple_one_for_one");
  const known = children.find(pid);
  if (known === undefined) return self.runtime.isAlive(pid) ? error("not_found") : OK;
  if (!known.restarting) await stopChild(self, state.name, children.child(pid));
  children.remove(pid);
  return OK;
}

function stateTerm(child: Child): unknown {
  return child.state.type === "restarting" ? atom("restarting") : pidOf(child);
}

function listed(child: Child, state: unknown): Tuple {
  return tuple(child.id, state, atom(child.type), modulesTerm(child));
}

function countStatic(self: Context, children: Children): Tuple[] {
  const isActive = (child: Child): boolean => {
    const pid = pidOf(child);
    return pid !== undefined && self.runtime.isAlive(pid);
  };
  const { list } = children;
  const supervisors = list.filter(({ type }) => type === "supervisor").length;
  return counts(list.length, list.filter(isActive).length, supervisors, list.length - supervisors);
}

function counts(specs: number, active: number, supervisors: number, workers: number): Tuple[] {
  return Object.entries({ specs, active, supervisors, workers }).map(([name, count]) =>
    tuple(atom(name), count),
  );
}
