// Checks of what a supervisor is told, with OTP's words for what is wrong (S202, S209). Specifications may come from a guest.
import { atom, atomTerm } from "../term/atom.ts";
import { termKey } from "../term/key.ts";
import { type Tuple, tuple } from "../term/tuple.ts";
import { type Child, STOPPED } from "./child.ts";
import type {
  AutoShutdown,
  ChildSpec,
  ChildStart,
  Flags,
  RestartType,
  Shutdown,
  SupervisorSpec,
} from "./spec.ts";

/** What was checked, or the reason against it as a term. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Makes a start function of what a specification names, for those that come as terms; undefined if it names nothing. */
export type StartResolver = (start: unknown) => ChildStart | undefined;

const STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"];
const RESTARTS = ["permanent", "transient", "temporary"];
const AUTO_SHUTDOWNS = ["never", "any_significant", "all_significant"];

export function checkFlags(spec: SupervisorSpec): Checked<Flags> {
  const { strategy = "one_for_one", intensity = 1, period = 5, autoShutdown = "never" } = spec;
  if (!STRATEGIES.includes(strategy)) return invalid("invalid_strategy", strategy);
  if (!(Number.isInteger(intensity) && intensity >= 0)) return invalid("invalid_intensity", intensity);
  if (!(Number.isInteger(period) && period > 0)) return invalid("invalid_period", period);
  if (!AUTO_SHUTDOWNS.includes(autoShutdown)) return invalid("invalid_auto_shutdown", autoShutdown);
  return { ok: true, value: { strategy, intensity, period, autoShutdown } };
}

/** All children of a specification, in start order. */
export function checkChildren(
  specs: readonly ChildSpec[],
  flags: Flags,
  resolve?: StartResolver,
): Checked<Child[]> {
  const ids = new Set<unknown>();
  const children: Child[] = [];
  for (const spec of specs) {
    const checked = checkChild(spec, flags.autoShutdown, resolve);
    if (!checked.ok) return checked;
    const key = termKey(checked.value.id);
    if (ids.has(key)) return { ok: false, error: tuple(atom("duplicate_child_name"), checked.value.id) };
    ids.add(key);
    children.push(checked.value);
  }
  return { ok: true, value: children };
}

export function checkChild(
  spec: unknown,
  autoShutdown: AutoShutdown,
  resolve?: StartResolver,
): Checked<Child> {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec))
    return invalid("invalid_child_spec", spec);
  const given = spec as Partial<Record<keyof ChildSpec, unknown>>;
  if (!("id" in given)) return { ok: false, error: atom("missing_id") };
  if (!("start" in given)) return { ok: false, error: atom("missing_start") };
  const start = typeof given.start === "function" ? (given.start as ChildStart) : resolve?.(given.start);
  if (start === undefined) return invalid("invalid_mfa", given.start);
  const restart = text(given.restart ?? "permanent");
  if (!RESTARTS.includes(restart as string)) return invalid("invalid_restart_type", given.restart);
  const significant = given.significant ?? false;
  if (typeof significant !== "boolean") return invalid("invalid_significant", significant);
  if (significant && autoShutdown === "never") return badCombination("auto_shutdown", "never");
  if (significant && restart === "permanent") return badCombination("restart", "permanent");
  const type = text(given.type ?? "worker");
  if (type !== "worker" && type !== "supervisor") return invalid("invalid_child_type", given.type);
  const shutdown = shutdownOf(given.shutdown ?? (type === "worker" ? 5000 : Number.POSITIVE_INFINITY));
  if (shutdown === undefined) return invalid("invalid_shutdown", given.shutdown);
  const modules = text(given.modules ?? []);
  if (modules !== "dynamic" && !Array.isArray(modules)) return invalid("invalid_modules", given.modules);
  return {
    ok: true,
    value: {
      id: given.id,
      start,
      restart: restart as RestartType,
      shutdown,
      type,
      significant,
      modules,
      state: STOPPED,
    },
  };
}

function shutdownOf(value: unknown): Shutdown | undefined {
  const shutdown = text(value);
  if (shutdown === "infinity" || shutdown === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (shutdown === "brutal_kill") return shutdown;
  return Number.isInteger(shutdown) && (shutdown as number) >= 0 ? (shutdown as number) : undefined;
}

/** Atoms of a guest's specification as text. */
function text(value: unknown): unknown {
  return typeof value === "object" && value !== null && "name" in value ? value.name : value;
}

function invalid(what: string, value: unknown): { readonly ok: false; readonly error: Tuple } {
  return { ok: false, error: tuple(atom(what), typeof value === "string" ? atomTerm(value) : value) };
}

function badCombination(key: string, value: string): { readonly ok: false; readonly error: Tuple } {
  const pairs = [tuple(atom(key), atom(value)), tuple(atom("significant"), true)];
  return { ok: false, error: tuple(atom("bad_combination"), pairs) };
}
