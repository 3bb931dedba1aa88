// Erlang's form of what callbacks return in JavaScript: it appears in the reason of a server that returned what it may not.
import { type Atom, atom, atomTerm, type Tuple, tuple } from "../../../../host/otp/term/index.ts";

const NAMES: Readonly<Record<string, string>> = {
  started: "ok",
  initial: "ok",
  nextState: "next_state",
  keepState: "keep_state",
  keepStateAndData: "keep_state_and_data",
  repeatState: "repeat_state",
  repeatStateAndData: "repeat_state_and_data",
  stopAndReply: "stop_and_reply",
  nextEvent: "next_event",
  changeCallbacks: "change_callback_module",
  pushCallbacks: "push_callback_module",
};

interface Form {
  readonly type: string;
  readonly postpone?: boolean;
  readonly event?: { readonly type: string; readonly content: unknown };
  readonly kind?: unknown;
  readonly ms?: unknown;
  readonly content?: unknown;
}

/** The tuple or atom of a return or an action; undefined for what is none. */
export function erlangForm(value: object): Tuple | Atom | undefined {
  if (
    !("type" in value) ||
    typeof value.type !== "string" ||
    value.type === "exit" ||
    value.type === "down"
  ) {
    return undefined;
  }
  const { type, ...rest } = value as Form;
  const name = atom(NAMES[type] ?? type);
  switch (type) {
    case "postpone":
      return rest.postpone === true ? name : tuple(name, false);
    case "popCallbacks":
      return atom("pop_callback_module");
    case "changeCallbacks":
    case "pushCallbacks":
      return tuple(name, undefined);
    case "nextEvent": {
      const { type: kind, content } = rest.event!;
      return tuple(name, kindTerm(kind, rest.event), content);
    }
    case "timeout":
      return tuple(kindTerm(String(rest.kind), rest.kind), rest.ms, rest.content ?? atom("none"));
    default:
      return tuple(name, ...Object.values(rest).filter((part) => part !== undefined));
  }
}

function kindTerm(kind: string, named: unknown): unknown {
  if (kind === "event" || kind === "timeout") return atom("timeout");
  if (kind === "state" || kind === "stateTimeout") return atom("state_timeout");
  if (typeof named === "object" && named !== null && "name" in named)
    return tuple(atom("timeout"), atomTerm(String(named.name)));
  return atomTerm(kind);
}
