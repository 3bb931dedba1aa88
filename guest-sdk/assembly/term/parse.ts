// Terms from text in Erlang's notation: for match specifications, patterns and tests. Not for data from outside: text that is no
// term ends the process.
import { fail } from "../fault";
import { encodedFrom } from "./encoded";
import * as encoder from "./encoder";
import { Term } from "./term";

let source = "";
let at = 0;

/**
 * The term that a text says: integers, floats, atoms (quoted or not), "text" (a binary, as `<<"text">>` is), tuples, lists and maps.
 *
 *     parseTerm("[{{'$1','$2'},[{'>','$2',10}],['$1']}]")
 */
export function parseTerm(text: string): Term {
  source = text;
  at = 0;
  const made = parse();
  space();
  if (at < source.length) wrong("the end");
  return made;
}

function parse(): Term {
  space();
  if (take("{")) return compound("}", 0);
  if (take("[")) return compound("]", 1);
  if (take("#{")) return parseMap();
  if (take("<<")) {
    if (take(">>")) return textTerm("");
    const text = textTerm(quoted('"'));
    expect(">>");
    return text;
  }
  const first = peek();
  if (first == 34) return textTerm(quoted('"'));
  if (first == 39) return atomTerm(quoted("'"));
  if (first == 45 || isDigit(first)) return parseNumber();
  if (isLetter(first)) {
    const from = at;
    while (isLetter(peek()) || isDigit(peek()) || peek() == 64) at++;
    return atomTerm(source.substring(from, at));
  }
  wrong("a term");
  return unreachable();
}

/** The elements up to `close`: kind 0 a tuple, 1 a list. */
function compound(close: string, kind: i32): Term {
  const elements: Term[] = [];
  space();
  if (!take(close)) {
    do elements.push(parse());
    while (takeSpaced(","));
    expect(close);
  }
  encoder.begin();
  if (kind == 0) encoder.tuple(elements.length);
  else if (elements.length > 0) encoder.list(elements.length);
  for (let i = 0; i < elements.length; i++) raw(elements[i]);
  if (kind == 1) encoder.nil();
  return encoded();
}

function parseMap(): Term {
  const parts: Term[] = [];
  space();
  if (!take("}")) {
    do {
      parts.push(parse());
      expect("=>");
      parts.push(parse());
    } while (takeSpaced(","));
    expect("}");
  }
  encoder.begin();
  encoder.map(parts.length >> 1);
  for (let i = 0; i < parts.length; i++) raw(parts[i]);
  return encoded();
}

function parseNumber(): Term {
  const from = at;
  let isFloat = false;
  at++;
  while (isDigit(peek()) || ((peek() == 46 || peek() == 101) && isDigit(peekAt(1))) || (isFloat && peek() == 45)) {
    if (peek() == 46 || peek() == 101) isFloat = true;
    at++;
  }
  const text = source.substring(from, at);
  encoder.begin();
  if (isFloat) encoder.float(F64.parseFloat(text));
  else encoder.integer(I64.parseInt(text));
  return encoded();
}

/** What stands between two quotes; a backslash takes what follows as it is. */
function quoted(quote: string): string {
  expect(quote);
  let text = "";
  while (at < source.length && source.charAt(at) != quote) {
    if (source.charAt(at) == "\\") at++;
    text += source.charAt(at++);
  }
  expect(quote);
  return text;
}

function atomTerm(name: string): Term {
  encoder.begin();
  encoder.atom(name);
  return encoded();
}

function textTerm(text: string): Term {
  encoder.begin();
  encoder.text(text);
  return encoded();
}

function raw(term: Term): void {
  encoder.raw(term.pointer + 1, term.byteLength - 1);
}

function encoded(): Term {
  return encodedFrom<Term>(encoder.start(), encoder.length());
}

function space(): void {
  while (peek() == 32 || peek() == 10 || peek() == 9 || peek() == 13) at++;
}

function take(text: string): bool {
  if (!source.startsWith(text, at)) return false;
  at += text.length;
  return true;
}

function takeSpaced(text: string): bool {
  space();
  return take(text);
}

function expect(text: string): void {
  space();
  if (!take(text)) wrong(text);
}

function peek(): i32 {
  return peekAt(0);
}

function peekAt(offset: i32): i32 {
  return at + offset < source.length ? source.charCodeAt(at + offset) : -1;
}

function isDigit(code: i32): bool {
  return code >= 48 && code <= 57;
}

function isLetter(code: i32): bool {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code == 95;
}

function wrong(expected: string): void {
  fail("badarg", "parseTerm: expected " + expected + " at " + at.toString() + " of " + source);
}
