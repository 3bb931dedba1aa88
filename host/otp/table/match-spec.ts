// Match specifications: clauses of pattern, guards and body, tried in turn (S219).
import { MoonletError } from "../error.ts";
import { atom } from "../term/atom.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import { compileExpression, type Expression, type Scope } from "./expression.ts";
import { type Bindings, compilePattern, isGround, type Matcher, UNBOUND, variableOf } from "./pattern.ts";

/** What a specification gives for an object that no clause fits. */
export const NO_MATCH: unique symbol = Symbol("no match");

interface Clause {
  readonly fits: Matcher;
  readonly guards: readonly Expression[];
  readonly body: readonly Expression[];
  readonly variables: readonly number[];
  readonly slots: number;
}

export interface MatchSpec {
  /** The body's value for the first clause that fits, or `NO_MATCH`. A body that fails gives the atom 'EXIT'. */
  run(object: Tuple, self: unknown): unknown;
  /** How much running it costs for each object, in reductions: how large it is. */
  readonly weight: number;
  /** The only key whose objects can fit, if the patterns say so. */
  key(keyPosition: number): { readonly key: unknown } | undefined;
}

const EXIT = atom("EXIT");
/** Reductions for looking at one term of a specification, some 20 ns. */
const WEIGHT_OF_TERM = 8;

/** Compiles `[{Pattern, [Guard], [Body]}]`. @throws MoonletError badarg for what is none. */
export function compileMatchSpec(spec: unknown): MatchSpec {
  if (!Array.isArray(spec) || isTuple(spec)) throw bad("a specification is a list of clauses");
  const clauses = spec.map(compileClause);
  const patterns = spec.map((clause: Tuple) => clause[0]);
  return {
    weight: WEIGHT_OF_TERM * countTerms(spec),
    run(object, self) {
      for (const clause of clauses) {
        const result = runClause(clause, object, self);
        if (result !== NO_MATCH) return result;
      }
      return NO_MATCH;
    },
    key(keyPosition) {
      const [pattern] = patterns;
      if (patterns.length !== 1 || !isTuple(pattern) || pattern.length < keyPosition) return undefined;
      const key = pattern[keyPosition - 1];
      return isGround(key) ? { key } : undefined;
    },
  };
}

/** The specification of `match`: a list of the bindings, by number. */
export function matchSpecOfPattern(pattern: unknown, result: "$$" | "$_" | true): MatchSpec {
  return compileMatchSpec([tuple(pattern, [], [result === true ? true : atom(result)])]);
}

/** How many terms there are in this one. */
function countTerms(term: unknown): number {
  if (!Array.isArray(term)) return 1;
  let count = 1;
  for (const element of term) count += countTerms(element);
  return count;
}

function compileClause(clause: unknown): Clause {
  if (!isTuple(clause) || clause.length !== 3) throw bad("a clause is {Pattern, Guards, Body}");
  const [pattern, guards, body] = clause;
  if (!Array.isArray(guards) || !Array.isArray(body) || body.length === 0)
    throw bad("guards and body are lists, and the body is not empty");
  if (!isTuple(pattern) && pattern !== atom("_") && variableOf(pattern) === undefined)
    throw bad("a pattern is a tuple, '_' or a variable");
  const found = new Set<number>();
  const fits = compilePattern(pattern, found);
  const variables = [...found].sort((a, b) => a - b);
  const compile = (term: unknown): Expression => compileExpression(term, found);
  return {
    fits,
    guards: guards.map(compile),
    body: body.map(compile),
    variables,
    slots: (variables.at(-1) ?? -1) + 1,
  };
}

function runClause({ fits, guards, body, variables, slots }: Clause, object: Tuple, self: unknown): unknown {
  const bindings: Bindings = new Array(Math.min(slots, 1024));
  for (const variable of variables) bindings[variable] = UNBOUND;
  if (!fits(object, bindings)) return NO_MATCH;
  const scope: Scope = { object, bindings, variables, self };
  for (const guard of guards) if (!holds(guard, scope)) return NO_MATCH;
  let result: unknown;
  for (const expression of body) {
    try {
      result = expression(scope);
    } catch {
      result = EXIT;
    }
  }
  return result;
}

/** A failing guard is false. */
function holds(guard: Expression, scope: Scope): boolean {
  try {
    return guard(scope) === true;
  } catch {
    return false;
  }
}

function bad(what: string): MoonletError {
  return new MoonletError("badarg", `bad match specification: ${what}`);
}
