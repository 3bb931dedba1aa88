// What one event leads to: collected from the returns of the state and enter calls, carried out when they are done.
import { isTuple } from "../term/tuple.ts";
import type { GenStatemCallbacks } from "./callbacks.ts";
import type { Action, InsertedEvent, TimeoutKind } from "./results.ts";
import type { TimeoutRequest } from "./timers.ts";

export interface Transition {
  postpone: boolean;
  readonly events: InsertedEvent[];
  readonly timeouts: TimeoutRequest[];
}

/** What an action asks for, when it is one that is allowed here. */
export type Effect =
  | { readonly type: "done" }
  | { readonly type: "reply"; readonly action: Extract<Action, { readonly type: "reply" }> }
  | {
      readonly type: "callbacks";
      readonly change: (stack: readonly Stacked[]) => readonly Stacked[] | undefined;
    }
  | { readonly type: "bad"; readonly reason: string };

type Stacked = GenStatemCallbacks<unknown, unknown, unknown>;

const DONE: Effect = { type: "done" };
const BAD: Effect = { type: "bad", reason: "bad_action_from_state_function" };
const BAD_ON_ENTER: Effect = { type: "bad", reason: "bad_state_enter_action_from_state_function" };
const EVENT_TYPES = ["call", "cast", "info", "internal", "timeout", "stateTimeout", "namedTimeout"];

/** Notes an action in the transition. In an enter call events can be neither postponed nor inserted (S168). */
export function applyAction(transition: Transition, action: Action, isStateCall: boolean): Effect {
  if (typeof action === "number") {
    return addTimeout(transition, { kind: "event", ms: action, content: action, absolute: false });
  }
  switch (action?.type) {
    case "reply":
      return isTuple(action.from) ? { type: "reply", action } : BAD;
    case "hibernate":
      return DONE;
    case "postpone":
      if (action.postpone && !isStateCall) return BAD_ON_ENTER;
      transition.postpone = action.postpone;
      return DONE;
    case "nextEvent":
      if (!isStateCall) return BAD_ON_ENTER;
      if (!EVENT_TYPES.includes(action.event?.type)) return BAD;
      transition.events.push(action.event);
      return DONE;
    case "timeout":
      return addTimeout(transition, action);
    case "changeCallbacks":
    case "pushCallbacks":
    case "popCallbacks":
      return isStateCall
        ? { type: "callbacks", change: (stack) => changeStack(stack, action) }
        : BAD_ON_ENTER;
    default:
      return BAD;
  }
}

function addTimeout(transition: Transition, { kind, ms, content, absolute }: TimeoutRequest): Effect {
  const isTime =
    ms === "update" || ms === Number.POSITIVE_INFINITY || (Number.isInteger(ms) && (absolute || ms >= 0));
  if (!isTime || !isKind(kind)) return BAD;
  transition.timeouts.push({ kind, ms, content, absolute });
  return DONE;
}

function isKind(kind: TimeoutKind): boolean {
  return (
    kind === "event" || kind === "state" || (typeof kind === "object" && kind !== null && "name" in kind)
  );
}

/** The callbacks after an action; undefined when there are none below to go back to. */
function changeStack(
  stack: readonly Stacked[],
  action: Extract<
    Action,
    { readonly type: "changeCallbacks" | "pushCallbacks" } | { readonly type: "popCallbacks" }
  >,
): readonly Stacked[] | undefined {
  if (action.type === "popCallbacks") return stack.length > 1 ? stack.slice(1) : undefined;
  const callbacks = action.callbacks as unknown as Stacked;
  return [callbacks, ...(action.type === "changeCallbacks" ? stack.slice(1) : stack)];
}
