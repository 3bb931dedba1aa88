// The process of a supervisor: a gen_server, as in OTP, that starts, restarts and stops children (supervisor.erl; S180 to S209).
import type { Context } from "../context.ts";
import { GEN_CAST, isExit } from "../gen/wire.ts";
import type { GenServerCallbacks } from "../gen-server/callbacks.ts";
import {
  type CallResult,
  type HandleResult,
  type InitResult,
  noreply,
  reply,
  started,
  stop,
} from "../gen-server/results.ts";
import type { Pid } from "../pid.ts";
import { emitReport } from "../reports.ts";
import { atom } from "../term/atom.ts";
import { reasonToTerm } from "../term/reason.ts";
import { isTuple, tuple } from "../term/tuple.ts";
import { type Child, childReport } from "./child.ts";
import { Children } from "./children.ts";
import { decide, endOf } from "./decision.ts";
import { type DynamicChild, DynamicChildren } from "./dynamic-children.ts";
import { addRestart } from "./intensity.ts";
import { answerDynamic, answerStatic, forAsker } from "./requests.ts";
import type { Flags, SupervisorInit } from "./spec.ts";
import { checkChildren, checkFlags, type StartResolver } from "./validate.ts";

const TRY_AGAIN = atom("try_again_restart");

/** What a supervisor's process holds. */
export interface SupervisorState {
  readonly flags: Flags;
  readonly name: unknown;
  readonly resolve: StartResolver | undefined;
  readonly children: Children | DynamicChildren;
  restarts: readonly number[];
}

export interface SupervisorArgs {
  readonly init: SupervisorInit;
  readonly resolve: StartResolver | undefined;
}

type S = SupervisorState;

export const supervisorCallbacks: GenServerCallbacks<S, SupervisorArgs> = {
  init,
  handleCall: async (request, from, state, self): Promise<CallResult<S>> => {
    const { children } = state;
    const answer =
      children instanceof Children
        ? answerStatic(self, state, children, request)
        : answerDynamic(self, state, children, request);
    return reply(forAsker(self, from, await answer), state);
  },
  handleCast: (message, state, self) => {
    if (!isTuple(message) || message[0] !== TRY_AGAIN) return noreply(state);
    return tryAgain(self, state, message[1]);
  },
  handleInfo: (message, state, self) => {
    if (isExit(message)) return childExited(self, state, message.from, message.reason);
    emitReport(self, () => ({ type: "unexpected", behaviour: "supervisor", name: state.name, message }));
    return noreply(state);
  },
  terminate: (_reason, state) => state.children.stop(),
  formatStatus: ({ flags, restarts, name }) => ({ name, ...flags, restarts }),
};

async function init({ init: given, resolve }: SupervisorArgs, self: Context): Promise<InitResult<S>> {
  self.trapExit = true;
  const spec = typeof given === "function" ? await given(self) : given;
  if (typeof spec !== "object" || spec === null)
    return stop(tuple("bad_return", tuple(atom("supervisor"), atom("init"), spec)));
  if ("type" in spec)
    return spec.type === "ignore"
      ? spec
      : stop(tuple("bad_return", tuple(atom("supervisor"), atom("init"), spec)));
  const flags = checkFlags(spec);
  if (!flags.ok) return stop(tuple("supervisor_data", flags.error));
  const isDynamic = flags.value.strategy === "simple_one_for_one";
  const specs = spec.children ?? [];
  if (isDynamic && specs.length !== 1)
    return stop(
      tuple(
        "bad_start_spec",
        specs.map(({ id }) => id),
      ),
    );
  const checked = checkChildren(specs, flags.value, resolve);
  if (!checked.ok) return stop(tuple("start_spec", checked.error));
  const name = self.process.name === undefined ? self.pid : atom(self.process.name);
  const state = { flags: flags.value, name, resolve, restarts: [] };
  if (isDynamic)
    return started({ ...state, children: new DynamicChildren(self, name, checked.value[0] as Child) });
  const children = new Children(self, name, checked.value);
  const failure = await children.start();
  if (failure === undefined) return started({ ...state, children });
  await children.stop();
  return stop(
    tuple("shutdown", tuple(atom("failed_to_start_child"), failure.failed.id, reasonToTerm(failure.reason))),
  );
}

// ---- a child's end

async function childExited(self: Context, state: S, pid: Pid, reason: unknown): Promise<HandleResult<S>> {
  const { children } = state;
  const dynamic = children instanceof DynamicChildren ? children.find(pid) : undefined;
  const child =
    children instanceof Children
      ? children.findByPid(pid)
      : dynamic === undefined
        ? undefined
        : children.child(pid);
  if (child === undefined) return noreply(state);
  const end = endOf(reason);
  if (child.restart === "permanent" || end === "abnormal")
    report(self, state, "child_terminated", reason, child);
  const othersSignificant = hasOtherSignificant(children, child);
  const { restart: type, significant } = child;
  const { autoShutdown } = state.flags;
  const decision = decide({ restart: type, significant, end, autoShutdown, othersSignificant });
  if (decision.type === "restart") return restart(self, state, child, dynamic);
  forget(children, child, pid);
  return decision.type === "shutdown" ? stop("shutdown", state) : noreply(state);
}

function hasOtherSignificant(children: Children | DynamicChildren, child: Child): boolean {
  if (children instanceof DynamicChildren) return children.size > 1;
  return children.list.some(
    ({ id, significant, state }) => id !== child.id && significant && state.type !== "stopped",
  );
}

function forget(children: Children | DynamicChildren, child: Child, pid: Pid): void {
  if (children instanceof Children) children.clear(child);
  else children.remove(pid);
}

/** Restarts unless that is once too often (S190 to S194). */
async function restart(
  self: Context,
  state: S,
  child: Child,
  dynamic: DynamicChild | undefined,
): Promise<HandleResult<S>> {
  const { children, flags } = state;
  const now = Math.floor(self.runtime.environment.now() / 1000);
  const { restarts, exceeded } = addRestart(state.restarts, now, flags);
  state.restarts = restarts;
  if (exceeded) {
    report(self, state, "shutdown", "reached_max_restart_intensity", child);
    if (children instanceof Children) children.clear(child);
    else if (dynamic !== undefined) children.remove(dynamic.pid);
    return stop("shutdown", state);
  }
  const retry = await restartChildren(self, state, child, dynamic);
  if (retry !== undefined) self.send(self.pid, tuple(GEN_CAST, tuple(TRY_AGAIN, retry.retry)));
  return noreply(state);
}

async function restartChildren(
  self: Context,
  state: S,
  child: Child,
  dynamic: DynamicChild | undefined,
): Promise<{ readonly retry: unknown } | undefined> {
  const { children, flags } = state;
  if (children instanceof Children) {
    return flags.strategy === "simple_one_for_one" ? undefined : children.restart(flags.strategy, child);
  }
  if (dynamic === undefined) return undefined;
  const result = await children.restart(dynamic);
  if (result.ok) return undefined;
  report(self, state, "start_error", result.reason, child);
  return { retry: dynamic.pid };
}

/** The next attempt to start a child whose restart failed; called off if it is no longer waiting for it (S195). */
async function tryAgain(self: Context, state: S, id: unknown): Promise<HandleResult<S>> {
  const { children } = state;
  if (children instanceof Children) {
    const child = children.find(id);
    return child?.state.type === "restarting" ? restart(self, state, child, undefined) : noreply(state);
  }
  const dynamic = children.find(id as Pid);
  return dynamic?.restarting === true
    ? restart(self, state, children.child(dynamic.pid), dynamic)
    : noreply(state);
}

function report(
  self: Context,
  { name }: S,
  context: "child_terminated" | "start_error" | "shutdown",
  reason: unknown,
  child: Child,
): void {
  emitReport(self, () => ({
    type: "supervisor",
    supervisor: name,
    context,
    reason,
    child: childReport(child),
  }));
}
