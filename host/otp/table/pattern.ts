// Match patterns: '_' fits anything, '$N' binds, the rest has to be exactly equal (S219; ERTS User's Guide, Match Specifications).
import { Atom, atom } from "../term/atom.ts";
import { exactlyEqual, mapEntries } from "../term/compare.ts";
import { termKey } from "../term/key.ts";
import { ImproperList, Tuple } from "../term/tuple.ts";

/** What the variables are bound to, by number. */
export type Bindings = unknown[];

/** Tells whether a term fits, and binds. Bindings of a term that does not fit are of no use. */
export type Matcher = (term: unknown, bindings: Bindings) => boolean;

const ANYTHING = atom("_");
/** Marks a variable that is not bound yet; undefined is a value. */
export const UNBOUND: unique symbol = Symbol("unbound");

/** The number of '$N'; undefined for any other term. */
export function variableOf(term: unknown): number | undefined {
  if (!(term instanceof Atom) || !/^\$\d{1,8}$/.test(term.name)) return undefined;
  return Number(term.name.slice(1));
}

/** Makes a matcher, and notes the pattern's variables in `variables`. */
export function compilePattern(pattern: unknown, variables: Set<number>): Matcher {
  if (pattern === ANYTHING) return () => true;
  const variable = variableOf(pattern);
  if (variable !== undefined) {
    variables.add(variable);
    return (term, bindings) => bind(bindings, variable, term);
  }
  if (isGround(pattern)) return (term) => exactlyEqual(term, pattern);
  if (pattern instanceof Tuple) {
    const parts = pattern.map((part) => compilePattern(part, variables));
    return (term, bindings) =>
      term instanceof Tuple && term.length === parts.length && fitsAll(parts, term, bindings);
  }
  if (Array.isArray(pattern)) {
    const parts = pattern.map((part: unknown) => compilePattern(part, variables));
    return (term, bindings) =>
      Array.isArray(term) &&
      !(term instanceof Tuple) &&
      term.length === parts.length &&
      fitsAll(parts, term, bindings);
  }
  if (pattern instanceof ImproperList) return compileImproperList(pattern, variables);
  return compileMap(pattern as object, variables);
}

function bind(bindings: Bindings, variable: number, term: unknown): boolean {
  const known = bindings[variable];
  if (known !== UNBOUND) return exactlyEqual(known, term);
  bindings[variable] = term;
  return true;
}

function fitsAll(parts: readonly Matcher[], terms: readonly unknown[], bindings: Bindings): boolean {
  for (let i = 0; i < parts.length; i++) if (!parts[i]!(terms[i], bindings)) return false;
  return true;
}

/** `['$1' | '$2']` fits any list with an element. */
function compileImproperList({ heads, tail }: ImproperList, variables: Set<number>): Matcher {
  const parts = heads.map((part) => compilePattern(part, variables));
  const rest = compilePattern(tail, variables);
  return (term, bindings) => {
    if (term instanceof ImproperList) {
      if (term.heads.length < parts.length || !fitsAll(parts, term.heads, bindings)) return false;
      const left = term.heads.slice(parts.length);
      return rest(left.length === 0 ? term.tail : new ImproperList(left, term.tail), bindings);
    }
    if (!Array.isArray(term) || term instanceof Tuple || term.length < parts.length) return false;
    return fitsAll(parts, term, bindings) && rest(term.slice(parts.length), bindings);
  };
}

/** A map fits when it has the pattern's keys with values that fit; it may have more. */
function compileMap(pattern: object, variables: Set<number>): Matcher {
  const parts = mapEntries(pattern).map(([key, value]) => ({
    id: termKey(key),
    fits: compilePattern(value, variables),
  }));
  return (term, bindings) => {
    if (!isMap(term)) return false;
    const entries = new Map(mapEntries(term).map(([key, value]) => [termKey(key), { value }]));
    return parts.every(({ id, fits }) => {
      const entry = entries.get(id);
      return entry !== undefined && fits(entry.value, bindings);
    });
  };
}

export function isMap(term: unknown): term is object {
  if (term instanceof Map) return true;
  if (typeof term !== "object" || term === null) return false;
  const prototype: unknown = Object.getPrototypeOf(term);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a pattern has neither variables nor '_': it then fits exactly one term. A map pattern never is: it fits larger maps, too. */
export function isGround(pattern: unknown): boolean {
  if (pattern === ANYTHING || variableOf(pattern) !== undefined) return false;
  if (Array.isArray(pattern)) return pattern.every(isGround);
  if (pattern instanceof ImproperList) return pattern.heads.every(isGround) && isGround(pattern.tail);
  return !isMap(pattern);
}
