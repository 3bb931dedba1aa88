// Turns the text of a .wast file into commands.
import {
  bytesOf,
  type Expression,
  isList,
  type List,
  readExpressions,
  textOf,
  wordOf,
} from "./expressions.ts";

/** A constant of a script, as it stands there: `text` is the whole of it, in parentheses. */
export interface Value {
  /** i32, i64, f32, f64, v128, or the word after `ref.`. */
  readonly type: string;
  readonly text: string;
  /** The first word behind the instruction. */
  readonly argument: string | undefined;
}
export interface Action {
  readonly type: "invoke" | "get";
  readonly module: string | undefined;
  readonly field: string;
  readonly args: readonly Value[];
}
/** A module: as text, or as the bytes that the script spells out. */
export interface ModuleSource {
  readonly name: string | undefined;
  readonly text?: string;
  readonly bytes?: Uint8Array;
}
export type Command = { readonly line: number } & (
  | { readonly type: "module"; readonly module: ModuleSource; readonly definition: boolean }
  | { readonly type: "instance"; readonly name: string | undefined; readonly of: string | undefined }
  | { readonly type: "register"; readonly as: string; readonly module: string | undefined }
  | {
      readonly type: "action";
      readonly assertion: string;
      readonly action: Action;
      readonly expected: readonly Value[];
    }
  /** A module whose instantiation has to fail. */
  | { readonly type: "failing"; readonly assertion: string; readonly module: ModuleSource }
  /** A module that has to be refused before it is run, which does not concern us, as it is never instrumented. */
  | { readonly type: "invalid" }
  | { readonly type: "unknown"; readonly word: string }
);

const INVALID = new Set([
  "assert_invalid",
  "assert_malformed",
  "assert_malformed_custom",
  "assert_invalid_custom",
]);

/** All commands of a script; a script without commands is one module. */
export function readScript(text: string): Command[] {
  const forms = readExpressions(text);
  const fields = new Set([
    "func",
    "memory",
    "type",
    "import",
    "export",
    "table",
    "global",
    "data",
    "elem",
    "start",
    "tag",
    "rec",
  ]);
  if (forms.length > 0 && forms.every((form) => fields.has(wordOf(form.items[0]) ?? ""))) {
    return [
      { type: "module", line: 1, module: { name: undefined, text: `(module ${text})` }, definition: false },
    ];
  }
  return forms.map((form) => readCommand(text, form));
}

function readCommand(text: string, form: List): Command {
  const [head, first] = form.items;
  const word = wordOf(head) ?? "";
  const { line } = form;
  if (word === "module") {
    if (wordOf(first) === "instance") {
      return { type: "instance", line, name: wordOf(form.items[2]), of: wordOf(form.items[3]) };
    }
    return {
      type: "module",
      line,
      module: readModule(text, form),
      definition: wordOf(first) === "definition",
    };
  }
  if (word === "register")
    return { type: "register", line, as: textOf(first), module: wordOf(form.items[2]) };
  if (word === "invoke" || word === "get") {
    return { type: "action", line, assertion: "action", action: readAction(text, form), expected: [] };
  }
  if (INVALID.has(word)) return { type: "invalid", line };
  if (word.startsWith("assert_") && isList(first)) {
    if (wordOf(first.items[0]) === "module") {
      return { type: "failing", line, assertion: word, module: readModule(text, first) };
    }
    const expected = form.items
      .slice(2)
      .filter(isList)
      .map((item) => readValue(text, item));
    return { type: "action", line, assertion: word, action: readAction(text, first), expected };
  }
  return { type: "unknown", line, word };
}

function readModule(text: string, form: List): ModuleSource {
  let at = 1;
  let body = text.slice(form.from, form.to);
  if (wordOf(form.items[at]) === "definition") {
    at++;
    body = body.replace(/definition/, "");
  }
  const name = wordOf(form.items[at])?.startsWith("$") ? wordOf(form.items[at++]) : undefined;
  const kind = wordOf(form.items[at]);
  if (kind === "binary") return { name, bytes: bytesOf(form.items.slice(at + 1)) };
  if (kind === "quote") {
    const quoted = new TextDecoder().decode(
      bytesOf(form.items.slice(at + 1).flatMap((part) => [part, SPACE])),
    );
    return { name, text: /^\s*\(\s*module/.test(quoted) ? quoted : `(module ${quoted})` };
  }
  return { name, text: body };
}
const SPACE: Expression = { bytes: Uint8Array.of(32) };

function readAction(text: string, form: List): Action {
  let at = 1;
  const module = wordOf(form.items[at]) === undefined ? undefined : wordOf(form.items[at++]);
  const field = textOf(form.items[at++]);
  const args = form.items
    .slice(at)
    .filter(isList)
    .map((item) => readValue(text, item));
  return { type: wordOf(form.items[0]) as Action["type"], module, field, args };
}

function readValue(text: string, form: List): Value {
  const word = wordOf(form.items[0]) ?? "";
  if (word === "either") return readValue(text, form.items[1] as List);
  const [before, after] = word.split(".");
  return {
    type: before === "ref" ? after! : before!,
    text: text.slice(form.from, form.to),
    argument: wordOf(form.items[1]),
  };
}
