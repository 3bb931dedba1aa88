// Terms as text in Erlang's syntax, for logs, crash reports and traces. Never throws: what is no term is shown as `#Name`.
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { atomName, escapeText, quoteAtom } from "./atom.ts";
import { mapEntries } from "./compare.ts";
import { MAX_DEPTH } from "./tags.ts";
import { BitString, Float, ImproperList, Opaque, Tuple } from "./tuple.ts";

export interface FormatOptions {
  /** Leave out what comes after about so many characters, with `...` in its place. Default no limit. */
  readonly maxCharacters?: number;
  /** How pids and references are shown. Default as Erlang shows local ones. */
  readonly identity?: (id: Pid | Ref) => string;
}

/**
 * One line, readable by `erl_parse` except for pids, references and funs. Text is shown as `<<"...">>` (with `/utf8` where it
 * is not ASCII), lists of integers as integers.
 */
export function formatTerm(term: unknown, options: FormatOptions = {}): string {
  const { maxCharacters = Number.POSITIVE_INFINITY, identity = String } = options;
  const out: Writer = { text: "", limit: maxCharacters, identity };
  put(out, term, 0);
  return out.text;
}

/** Hexadecimal digits from which on an integer is written with these. */
const MOST_DIGITS = 2000;

interface Writer {
  text: string;
  readonly limit: number;
  readonly identity: (id: Pid | Ref) => string;
}

function put(out: Writer, term: unknown, depth: number): void {
  const name = atomName(term);
  if (name !== undefined) out.text += quoteAtom(name);
  else if (typeof term === "number")
    out.text += Number.isSafeInteger(term) ? String(term) : formatFloat(term);
  else if (typeof term === "bigint") out.text += integerText(term);
  else if (typeof term === "string") putText(out, term);
  else if (typeof term === "object" && term !== null) putObject(out, term, depth);
  else out.text += `#${typeof term}`;
}

/** Decimal digits of a large integer take a time that grows with its square; Erlang writes `16#` before others. */
function integerText(value: bigint): string {
  const hex = (value < 0n ? -value : value).toString(16);
  return hex.length <= MOST_DIGITS ? String(value) : `${value < 0n ? "-" : ""}16#${hex.toUpperCase()}`;
}

function putObject(out: Writer, term: object, depth: number): void {
  if (depth >= MAX_DEPTH) out.text += "...";
  else if (term instanceof Pid || term instanceof Ref) out.text += out.identity(term);
  else if (term instanceof Tuple) putElements(out, "{", term, "}", depth);
  else if (Array.isArray(term)) putElements(out, "[", term, "]", depth);
  else if (term instanceof Uint8Array) putBytes(out, term);
  else if (term instanceof Float) out.text += formatFloat(term.value);
  else if (term instanceof ImproperList) {
    putElements(out, "[", term.heads, "|", depth);
    put(out, term.tail, depth + 1);
    out.text += "]";
  } else if (term instanceof BitString) putBits(out, term);
  else if (term instanceof Opaque)
    out.text += `#${term.kind[0]?.toUpperCase()}${term.kind.slice(1)}<${term.bytes.length} bytes>`;
  else putOther(out, term, depth);
}

function putOther(out: Writer, term: object, depth: number): void {
  const { toTerm } = term as { toTerm?: unknown };
  if (typeof toTerm === "function") {
    try {
      put(out, toTerm.call(term), depth + 1);
    } catch {
      out.text += "#error";
    }
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(term);
  if (!(term instanceof Map) && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    out.text += `#${(term as { constructor?: { name?: string } }).constructor?.name ?? "object"}`;
    return;
  }
  out.text += "#{";
  let first = true;
  for (const [key, value] of mapEntries(term)) {
    if (!first) out.text += ",";
    first = false;
    if (isFull(out)) break;
    put(out, key, depth + 1);
    out.text += " => ";
    put(out, value, depth + 1);
  }
  out.text += "}";
}

function putElements(
  out: Writer,
  open: string,
  elements: readonly unknown[],
  close: string,
  depth: number,
): void {
  out.text += open;
  for (let i = 0; i < elements.length; i++) {
    if (i > 0) out.text += ",";
    if (isFull(out)) break;
    put(out, elements[i], depth + 1);
  }
  out.text += close;
}

function isFull(out: Writer): boolean {
  if (out.text.length < out.limit) return false;
  out.text += "...";
  return true;
}

function putText(out: Writer, text: string): void {
  const room = Math.max(0, out.limit - out.text.length);
  const shown = text.length > room ? text.slice(0, room) : text;
  const isAscii = !/[^\0-\x7f]/.test(shown);
  out.text +=
    shown === "" && text === ""
      ? "<<>>"
      : `<<"${escapeText(shown, '"')}"${isAscii ? "" : "/utf8"}${shown === text ? "" : ",..."}>>`;
}

function putBytes(out: Writer, bytes: Uint8Array): void {
  const room = Math.max(0, out.limit - out.text.length) / 2;
  out.text +=
    bytes.length > room ? `<<${bytes.subarray(0, Math.floor(room)).join()},...>>` : `<<${bytes.join()}>>`;
}

function putBits(out: Writer, bits: BitString): void {
  const all = [...bits.bytes].map(String);
  const last = (bits.bytes.at(-1) ?? 0) >> (8 - bits.lastBits);
  all[all.length - 1] = `${last}:${bits.lastBits}`;
  out.text += `<<${all.join()}>>`;
}

/** The shortest text that reads back as the same float; scientific only where that is shorter, as float_to_list(F, [short]). */
function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return `#${value}`;
  if (Object.is(value, -0)) return "-0.0";
  const [digits = "0", exponent = "0"] = value.toExponential().split("e");
  const scientific = `${digits.includes(".") ? digits : `${digits}.0`}e${Number(exponent)}`;
  if (Math.abs(value) >= 2 ** 53) return scientific;
  const places = Math.max(0, digits.replace(/^-?\d\.?/, "").length - Number(exponent));
  const decimal = places <= 100 ? value.toFixed(places) : scientific;
  const plain = decimal.includes(".") ? decimal : `${decimal}.0`;
  return plain.length <= scientific.length ? plain : scientific;
}
