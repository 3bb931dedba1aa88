// Reads the parentheses of WebAssembly text: lists, words and strings, with the place of each. What modules mean is left to an assembler.

/** A word, or a string of bytes. */
export interface Atom {
  readonly word?: string;
  readonly bytes?: Uint8Array;
}
export interface List {
  readonly items: readonly Expression[];
  /** Where it stands in the text, and the line, from 1. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
}
export type Expression = Atom | List;

export function isList(expression: Expression | undefined): expression is List {
  return expression !== undefined && "items" in expression;
}
export function wordOf(expression: Expression | undefined): string | undefined {
  return expression === undefined || isList(expression) ? undefined : expression.word;
}
export function textOf(expression: Expression | undefined): string {
  if (expression === undefined || isList(expression) || !expression.bytes)
    throw new Error("a string is expected");
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(expression.bytes);
}
export function bytesOf(expressions: readonly Expression[]): Uint8Array {
  return Uint8Array.from(expressions.flatMap((part) => [...((part as Atom).bytes ?? [])]));
}

const WORD = /[^\s()";]+/y;
const ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, '"': 34, "'": 39, "\\": 92 };
const encoder = new TextEncoder();

/** The lists at the top of the text. */
export function readExpressions(text: string): List[] {
  const top: List[] = [];
  const open: { items: Expression[]; from: number; line: number }[] = [];
  let line = 1;
  const add = (expression: Expression) => open.at(-1)?.items.push(expression);
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (char === "\n") line++;
    if (/\s/.test(char)) at++;
    else if (char === ";" && text[at + 1] === ";") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (char === "(" && text[at + 1] === ";") {
      const end = commentEnd(text, at);
      line += text.slice(at, end).split("\n").length - 1;
      at = end;
    } else if (char === "(") {
      open.push({ items: [], from: at, line });
      at++;
    } else if (char === ")") {
      at++;
      const { items, from, line: firstLine } = open.pop()!;
      const list = { items, from, to: at, line: firstLine };
      if (isAnnotation(text, from)) continue;
      if (open.length > 0) add(list);
      else top.push(list);
    } else if (char === '"') {
      const { bytes, end } = readString(text, at + 1);
      add({ bytes });
      at = end;
    } else if (char === ";") at++;
    else {
      WORD.lastIndex = at;
      const [word] = WORD.exec(text)!;
      add({ word });
      at += word.length;
    }
  }
  return top;
}

/** Annotations may stand anywhere and mean nothing to a script. */
function isAnnotation(text: string, from: number): boolean {
  return text[from + 1] === "@";
}

function commentEnd(text: string, from: number): number {
  let nested = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "(" && text[at + 1] === ";") nested++;
    else if (text[at] === ";" && text[at + 1] === ")") {
      at++;
      if (--nested === 0) return at + 1;
      continue;
    } else continue;
    at++;
  }
  return text.length;
}

function readString(text: string, from: number): { bytes: Uint8Array; end: number } {
  const bytes: number[] = [];
  let at = from;
  while (at < text.length && text[at] !== '"') {
    if (text[at] !== "\\") {
      const code = text.codePointAt(at)!;
      const char = String.fromCodePoint(code);
      if (code < 128) bytes.push(code);
      else bytes.push(...encoder.encode(char));
      at += char.length;
      continue;
    }
    const kind = text[at + 1]!;
    if (kind === "u") {
      const end = text.indexOf("}", at);
      bytes.push(...encoder.encode(String.fromCodePoint(Number.parseInt(text.slice(at + 3, end), 16))));
      at = end + 1;
    } else if (ESCAPES[kind] !== undefined) {
      bytes.push(ESCAPES[kind]);
      at += 2;
    } else {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
    }
  }
  return { bytes: Uint8Array.from(bytes), end: at + 1 };
}
