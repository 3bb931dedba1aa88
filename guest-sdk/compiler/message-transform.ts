// Makes terms of the classes that are marked with `@message`: before asc compiles, each gets methods that write and read its
// fields one after the other, and the constant bytes that its messages begin with. What a field's type becomes is decided by
// that type, in assembly/term/write.ts and read.ts.
import * as asc from "assemblyscript";
import { FLAG, LIBRARY_SOURCE, NODE, STRING_LITERAL } from "./asc-enums.ts";
import { type Diagnostic, locate } from "./diagnostic.ts";

/** The most bytes of UTF-8 that SMALL_ATOM_UTF8_EXT holds. */
const MAX_TAG_BYTES = 255;
const LIBRARY_ENTRY = "~lib/moonlet/guest-sdk/index.ts";
/** The name of what is parsed here; no range into it stays. */
const SNIPPET_PATH = "~lib/moonlet/message.ts";

/** Adds the methods to every marked class of the program; returns what is wrong with them. */
export function synthesizeMessages(parser: asc.Parser): Diagnostic[] {
  const found: Diagnostic[] = [];
  const hasLibrary = parser.sources.some(({ normalizedPath }) => normalizedPath === LIBRARY_ENTRY);
  for (const source of parser.sources) {
    for (const declaration of classesIn(source.statements)) {
      const mark = declaration.decorators?.find(isMessageMark);
      if (mark === undefined) continue;
      if (hasLibrary) synthesize(parser, declaration, mark, found);
      else {
        const hint = 'Write import { send, receive } from "moonlet/guest-sdk"; at the top.';
        found.push(
          problem(mark.range, "a message needs moonlet/guest-sdk, which nothing here imports", hint),
        );
      }
    }
  }
  return found;
}

function* classesIn(statements: readonly asc.Statement[]): Generator<asc.ClassDeclaration> {
  for (const statement of statements) {
    if (statement.kind === NODE.classDeclaration) yield statement as asc.ClassDeclaration;
    else if (statement.kind === NODE.namespaceDeclaration) {
      yield* classesIn((statement as asc.NamespaceDeclaration).members);
    } else if (statement.kind === NODE.exportDefault) {
      yield* classesIn([(statement as asc.ExportDefaultStatement).declaration]);
    }
  }
}

function isMessageMark(decorator: asc.DecoratorNode): boolean {
  const { name } = decorator;
  return name.kind === NODE.identifier && (name as asc.IdentifierExpression).text === "message";
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly range: asc.Range;
}

function synthesize(
  parser: asc.Parser,
  declaration: asc.ClassDeclaration,
  mark: asc.DecoratorNode,
  found: Diagnostic[],
): void {
  const report = (range: asc.Range, message: string, hint: string) =>
    found.push(problem(range, message, hint));
  const name = declaration.name.text;
  if (declaration.extendsType !== null) {
    report(
      declaration.extendsType.range,
      `message ${name} extends another class`,
      "Give it the other class as a field; a message is told from others by its own tag alone.",
    );
    return;
  }
  const tag = tagOf(name, mark);
  if (tag === undefined || new TextEncoder().encode(tag).length > MAX_TAG_BYTES) {
    report(
      mark.range,
      `the tag of message ${name} is not a text of 1 to ${MAX_TAG_BYTES} bytes`,
      `Write @message("${snakeCase(name)}"), or @message alone for that tag.`,
    );
    return;
  }
  const fields: Field[] = [];
  for (const member of declaration.members) {
    if (member.kind !== NODE.fieldDeclaration || member.is(FLAG.static)) continue;
    const field = member as asc.FieldDeclaration;
    // asc has reported a field without a type already.
    if (field.type === null) continue;
    fields.push({
      name: field.name.text,
      type: field.type.range.toString(),
      range: field.range,
    });
  }
  addMethods(parser, declaration, methods(name, tag, fields), fields);
}

function problem(range: asc.Range, message: string, hint: string): Diagnostic {
  const { normalizedPath: file, text } = range.source;
  const place = locate({ file, text, start: range.start, end: range.end });
  return { severity: "error", code: "E_MESSAGE", message, hint, ...place };
}

function tagOf(name: string, mark: asc.DecoratorNode): string | undefined {
  if (mark.args === null || mark.args.length === 0) return snakeCase(name);
  const [argument] = mark.args;
  if (mark.args.length > 1 || argument?.kind !== NODE.literal) return undefined;
  if ((argument as asc.LiteralExpression).literalKind !== STRING_LITERAL) return undefined;
  return (argument as asc.StringLiteralExpression).value || undefined;
}

/** `GetHTTPPage2` becomes `get_http_page2`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

/** The methods' source, one text per method; where a method speaks of fields, line i + 1 is about field i. */
function methods(name: string, tag: string, fields: readonly Field[]): string[] {
  const head = headOf(tag, fields.length);
  // A prefix of `message.receive`: its length, then the version byte and the term's beginning.
  const pattern = [...lengthBytes(head.length + 1), 131, ...head];
  const writes = fields.map((field) => `__moonletWrite<${field.type}>(this.${field.name});`);
  const reads = fields.map(
    (field) =>
      `__moonletField<${field.type}>(object, offsetof<this>("${field.name}"), "${name}.${field.name}");`,
  );
  const words = wordsOf(head);
  const put = words.map(({ type, offset, value }) => `__moonletWord<${type}>(at + ${offset}, ${value});`);
  const isThere = words.map(({ type, offset, value }) => `__moonletIs<${type}>(${offset}, ${value})`);
  return [
    `__moonletPattern(): usize { return memory.data<u8>([${pattern.join(",")}], 4); }`,
    `__moonletPatternLength(): usize { return ${pattern.length}; }`,
    [
      "__moonletEncode(): void {",
      `const at = __moonletRoom(${head.length}); ${put.join(" ")} __moonletWrote(${head.length});`,
      ...writes,
      "}",
    ].join("\n"),
    [
      "__moonletDecode(): void { const object = changetype<usize>(this);",
      `__moonletHead(__moonletHas(${head.length}) && ${isThere.join(" && ")}, ${head.length}, "${name}");`,
      ...reads,
      "}",
    ].join("\n"),
  ];
}

interface Word {
  readonly type: string;
  readonly offset: number;
  readonly value: string;
}

/** Bytes as words of the largest size that fits into them, as they lie in memory; the last may overlap the one before. */
function wordsOf(bytes: readonly number[]): Word[] {
  const size = [8, 4, 2, 1].find((candidate) => candidate <= bytes.length)!;
  const offsets: number[] = [];
  for (let offset = 0; offset + size < bytes.length; offset += size) offsets.push(offset);
  return [...offsets, bytes.length - size].map((offset) => {
    const digits = bytes
      .slice(offset, offset + size)
      .reverse()
      .map(hexOf)
      .join("");
    return { type: `u${8 * size}`, offset, value: `0x${digits}` };
  });
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** How the encoded term begins: `{tag, ...}` of so many fields, or the atom alone when there are none. */
function headOf(tag: string, fields: number): number[] {
  const text = new TextEncoder().encode(tag);
  const atom = [119, text.length, ...text];
  if (fields === 0) return atom;
  return fields < 255 ? [104, fields + 1, ...atom] : [105, ...lengthBytes(fields + 1).reverse(), ...atom];
}

function lengthBytes(length: number): number[] {
  return [length & 255, (length >> 8) & 255, (length >> 16) & 255, length >>> 24];
}

/** Parses the methods into the class. Their nodes get the ranges of what they stand for, so that errors point there. */
function addMethods(
  parser: asc.Parser,
  declaration: asc.ClassDeclaration,
  texts: readonly string[],
  fields: readonly Field[],
): void {
  const sources = parser.currentSource;
  for (const text of texts) {
    const snippet = new asc.Source(LIBRARY_SOURCE, SNIPPET_PATH, text);
    parser.currentSource = snippet;
    const tokenizer = new asc.Tokenizer(snippet, parser.diagnostics);
    const member = parser.parseClassMember(tokenizer, declaration);
    if (member === null)
      throw new Error(
        `moonlet is broken: a method made for ${declaration.name.text} does not parse: ${text}`,
      );
    const lineOf = (range: asc.Range) => text.slice(0, range.start).split("\n").length - 1;
    const place = (range: asc.Range) => fields[lineOf(range) - 2]?.range ?? declaration.name.range;
    relocate(member, snippet, place, new Set());
    declaration.members.push(member as asc.DeclarationStatement);
  }
  parser.currentSource = sources;
}

/** Replaces every range into the snippet, in this node and below. */
function relocate(
  node: unknown,
  snippet: asc.Source,
  place: (range: asc.Range) => asc.Range,
  seen: Set<object>,
): void {
  if (typeof node !== "object" || node === null || seen.has(node) || node === snippet) return;
  seen.add(node);
  if (Array.isArray(node)) {
    for (const element of node) relocate(element, snippet, place, seen);
    return;
  }
  for (const [key, value] of Object.entries(node)) {
    if (value instanceof asc.Range) {
      if (value.source === snippet) (node as Record<string, unknown>)[key] = place(value);
    } else {
      relocate(value, snippet, place, seen);
    }
  }
}
