// Terms as keys of a JavaScript Map.
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { Atom } from "./atom.ts";
import { compareTerms, mapEntries } from "./compare.ts";
import { BitString, Float, ImproperList, Opaque, Tuple } from "./tuple.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A value that is the same (SameValueZero) for two terms exactly when they are exactly equal (`=:=`). Cheap for numbers,
 * text, atoms; others cost a string.
 */
export function termKey(term: unknown): unknown {
  switch (typeof term) {
    case "number":
      return Number.isInteger(term) && !Number.isSafeInteger(term) ? `f${term}` : term;
    case "string":
      return `t${term}`;
    case "object":
      return term === null || term instanceof Atom ? term : describe(term);
    default:
      return term;
  }
}

function describe(term: object): unknown {
  if (term instanceof Float)
    return Number.isInteger(term.value) ? `f${term.value === 0 ? 0 : term.value}` : term.value;
  if (term instanceof Pid) return `p${term.number},${term.creation},${term.node}`;
  if (term instanceof Ref) return `r${term.number},${term.creation},${term.seal},${term.node}`;
  if (term instanceof Uint8Array) return bytesKey(term);
  if (term instanceof Tuple) return `{${parts(term)}}`;
  if (Array.isArray(term)) return `[${parts(term)}]`;
  if (term instanceof ImproperList) return `[${parts(term.heads)}|${part(term.tail)}]`;
  if (term instanceof BitString) return `b${term.lastBits},${term.bytes.join()}`;
  if (term instanceof Opaque) return `o${term.bytes.join()}`;
  const { toTerm } = term as { toTerm?: unknown };
  if (typeof toTerm === "function") return termKey(toTerm.call(term));
  let text = "#";
  for (const [key, value] of entriesOf(term)) text += part(key) + part(value);
  return `${text}#`;
}

function bytesKey(bytes: Uint8Array): string {
  try {
    return `t${utf8.decode(bytes)}`;
  } catch {
    return `x${bytes.join()}`;
  }
}

/** Added up, not joined: joining copies what lies inside anew for each level of nesting. */
function parts(terms: readonly unknown[]): string {
  let text = "";
  for (const term of terms) text += part(term);
  return text;
}

/** A part of a longer key: says its own length, so that no two sequences of parts read the same. */
function part(term: unknown): string {
  if (term instanceof Atom) return `a${term.name.length}:${term.name}`;
  const key = termKey(term);
  const text = String(key === 0 ? 0 : key);
  const kind = typeof key === "string" ? "s" : typeof key === "bigint" ? "n" : (typeof key)[0];
  return `${kind}${text.length}:${text}`;
}

function entriesOf(term: object): [unknown, unknown][] {
  return mapEntries(term).sort((a, b) => compareTerms(a[0], b[0], true));
}
