// Exports that the compiler makes itself. A guest that exports one of these names too would crash binaryen, which takes no name
// twice; this finds them before.
import type * as asc from "assemblyscript";
import { FLAG, NODE } from "./asc-enums.ts";
import { type Diagnostic, locate } from "./diagnostic.ts";

const RESERVED = new Set(["memory", "table"]);

/** An error for each export of the entry file that has such a name. */
export function findReservedExports(entry: asc.Source): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const name of exportedNames(entry.statements)) {
    if (!RESERVED.has(name.text)) continue;
    found.push({
      severity: "error",
      code: "E_RESERVED_EXPORT",
      message: `the name "${name.text}" is exported by the compiler itself`,
      hint: "Export it under another name.",
      ...locate({
        file: entry.normalizedPath,
        text: entry.text,
        start: name.range.start,
        end: name.range.end,
      }),
    });
  }
  return found;
}

function* exportedNames(statements: readonly asc.Statement[]): Generator<asc.IdentifierExpression> {
  for (const statement of statements) {
    const kind: number = statement.kind;
    if (kind === NODE.export) {
      for (const member of (statement as asc.ExportStatement).members ?? []) yield member.exportedName;
    } else if (kind === NODE.variable) {
      for (const declaration of (statement as asc.VariableStatement).declarations) {
        if (declaration.is(FLAG.export)) yield declaration.name;
      }
    } else if (kind === NODE.functionDeclaration && (statement as asc.FunctionDeclaration).is(FLAG.export)) {
      yield (statement as asc.FunctionDeclaration).name;
    }
  }
}
