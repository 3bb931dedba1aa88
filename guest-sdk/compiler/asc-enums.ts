// asc declares its enums as constants that only a compiler in the same program could inline; at run time they are objects. This
// takes the few values that are used from there, so that a new asc with other numbers is no trouble.
import * as asc from "assemblyscript";

function value(enumeration: string, name: string): number {
  const found = (asc as unknown as Record<string, Record<string, number> | undefined>)[enumeration]?.[name];
  if (found === undefined) throw new Error(`moonlet is broken: this asc has no ${enumeration}.${name}`);
  return found;
}

/** Kinds of syntax nodes. */
export const NODE = {
  binary: value("NodeKind", "Binary"),
  call: value("NodeKind", "Call"),
  classDeclaration: value("NodeKind", "ClassDeclaration"),
  export: value("NodeKind", "Export"),
  exportDefault: value("NodeKind", "ExportDefault"),
  fieldDeclaration: value("NodeKind", "FieldDeclaration"),
  functionDeclaration: value("NodeKind", "FunctionDeclaration"),
  identifier: value("NodeKind", "Identifier"),
  literal: value("NodeKind", "Literal"),
  namespaceDeclaration: value("NodeKind", "NamespaceDeclaration"),
  new: value("NodeKind", "New"),
  null: value("NodeKind", "Null"),
  parenthesized: value("NodeKind", "Parenthesized"),
  unaryPostfix: value("NodeKind", "UnaryPostfix"),
  unaryPrefix: value("NodeKind", "UnaryPrefix"),
  variable: value("NodeKind", "Variable"),
} as const;

export const TOKEN = {
  equals: value("Token", "Equals_Equals"),
  equalsStrictly: value("Token", "Equals_Equals_Equals"),
  differs: value("Token", "Exclamation_Equals"),
  differsStrictly: value("Token", "Exclamation_Equals_Equals"),
} as const;

/** Operators that change what is on their left, or their only operand. */
export const ASSIGNMENTS: ReadonlySet<number> = new Set(
  [
    "Equals",
    "Plus_Equals",
    "Minus_Equals",
    "Asterisk_Equals",
    "Asterisk_Asterisk_Equals",
    "Slash_Equals",
    "Percent_Equals",
    "LessThan_LessThan_Equals",
    "GreaterThan_GreaterThan_Equals",
    "GreaterThan_GreaterThan_GreaterThan_Equals",
    "Ampersand_Equals",
    "Bar_Equals",
    "Caret_Equals",
    "Plus_Plus",
    "Minus_Minus",
  ].map((name) => value("Token", name)),
);

export const FLAG = {
  constructor: value("CommonFlags", "Constructor"),
  export: value("CommonFlags", "Export"),
  static: value("CommonFlags", "Static"),
} as const;

export const STRING_LITERAL = value("LiteralKind", "String");
export const LIBRARY_SOURCE = value("SourceKind", "Library");

/** Kinds of binaryen expressions. */
export const BLOCK = value("ExpressionId", "Block");
export const CONSTANT = value("ExpressionId", "Const");
export const LOCAL_GET = value("ExpressionId", "LocalGet");
export const GLOBAL_GET = value("ExpressionId", "GlobalGet");
