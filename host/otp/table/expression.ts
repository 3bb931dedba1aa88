// Guards and bodies of match specifications: terms that are evaluated (S219; ERTS User's Guide, Match Specifications in Erlang).
import { MoonletError } from "../error.ts";
import { Atom, atom } from "../term/atom.ts";
import { mapEntries } from "../term/compare.ts";
import { ImproperList, Tuple, tuple } from "../term/tuple.ts";
import { FUNCTIONS } from "./functions.ts";
import { type Bindings, isMap, variableOf } from "./pattern.ts";

export interface Scope {
  readonly object: unknown;
  readonly bindings: Bindings;
  /** Numbers of all variables, in order. */
  readonly variables: readonly number[];
  readonly self: unknown;
}

/** Throws what is not a MoonletError bug: any throw means that the expression failed. */
export type Expression = (scope: Scope) => unknown;

/** Thrown by an expression that fails: badarith, badarg. */
export class Failed extends Error {
  override readonly name = "Failed";
}

const OBJECT = atom("$_");
const ALL = atom("$$");
const CONST = atom("const");

/** @throws MoonletError badarg for unknown functions, wrong numbers of arguments and variables that the pattern does not have. */
export function compileExpression(term: unknown, variables: ReadonlySet<number>): Expression {
  if (term instanceof Atom) return compileAtom(term, variables);
  if (term instanceof Tuple) return compileTuple(term, variables);
  if (Array.isArray(term)) {
    const parts = term.map((part: unknown) => compileExpression(part, variables));
    return (scope) => parts.map((part) => part(scope));
  }
  if (term instanceof ImproperList) {
    const heads = term.heads.map((part) => compileExpression(part, variables));
    const tail = compileExpression(term.tail, variables);
    return (scope) =>
      new ImproperList(
        heads.map((part) => part(scope)),
        tail(scope),
      );
  }
  if (isMap(term)) {
    const parts = mapEntries(term).map(([key, value]) => [key, compileExpression(value, variables)] as const);
    return (scope) => new Map(parts.map(([key, value]) => [key, value(scope)]));
  }
  return () => term;
}

function compileAtom(term: Atom, variables: ReadonlySet<number>): Expression {
  if (term === OBJECT) return (scope) => scope.object;
  if (term === ALL) return (scope) => scope.variables.map((number) => scope.bindings[number]);
  const variable = variableOf(term);
  if (variable === undefined) return () => term;
  if (!variables.has(variable)) throw bad(`the variable ${term.name} is not in the pattern`);
  return (scope) => scope.bindings[variable];
}

/** `{{A, B}}` is a tuple, `{const, T}` is T, `{F, Args...}` a function. */
function compileTuple(term: Tuple, variables: ReadonlySet<number>): Expression {
  const [first, ...rest] = term;
  if (term.length === 1 && first instanceof Tuple) {
    const parts = first.map((part) => compileExpression(part, variables));
    return (scope) => tuple(...parts.map((part) => part(scope)));
  }
  if (first === CONST && term.length === 2) return () => term[1];
  if (!(first instanceof Atom))
    throw bad("a tuple is {{...}}, {const, Term} or a function with its arguments");
  const args = rest.map((part) => compileExpression(part, variables));
  return compileFunction(first.name, args);
}

function compileFunction(name: string, args: readonly Expression[]): Expression {
  switch (name) {
    case "self":
      if (args.length === 0) return (scope) => scope.self;
      break;
    case "andalso":
      if (args.length > 0) return (scope) => lazily(args, scope, true);
      break;
    case "orelse":
      if (args.length > 0) return (scope) => lazily(args, scope, false);
      break;
    case "and":
      if (args.length > 0) return (scope) => args.map((arg) => boolean(arg(scope))).every((value) => value);
      break;
    case "or":
      if (args.length > 0) return (scope) => args.map((arg) => boolean(arg(scope))).some((value) => value);
      break;
    default: {
      const known = FUNCTIONS.get(`${name}/${args.length}`);
      if (known !== undefined) return (scope) => known(...args.map((arg) => arg(scope)));
    }
  }
  throw bad(`there is no function ${name}/${args.length} in match specifications`);
}

/** The first that is not `goOn`, or the last. */
function lazily(args: readonly Expression[], scope: Scope, goOn: boolean): boolean {
  for (const arg of args) if (boolean(arg(scope)) !== goOn) return !goOn;
  return goOn;
}

function boolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Failed("badarg");
  return value;
}

function bad(what: string): MoonletError {
  return new MoonletError("badarg", `bad match specification: ${what}`);
}
