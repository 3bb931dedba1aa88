// What the compiler has to say about a guest's source, as data, and how it is shown: place, excerpt, caret.

export interface Diagnostic {
  readonly severity: "error" | "warning" | "info";
  /** `TS...` and `AS...` are AssemblyScript's own, `E_...` are moonlet's. */
  readonly code: string;
  readonly message: string;
  /** What to do about it, as one sentence. */
  readonly hint?: string;
  /** As asc names it: relative to the base folder, or `~lib/...`. Empty when the diagnostic has no place; then line and column are 0. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1, in UTF-16 code units. */
  readonly column: number;
  /** How many code units of that line are meant; at least 1. */
  readonly length: number;
  /** The line itself, without its end; empty when there is none. */
  readonly excerpt: string;
}

/** A stretch of a source text. */
export interface SourceRange {
  readonly file: string;
  readonly text: string;
  /** Offsets in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/** Finds line, column and excerpt of a range; a range over several lines is cut to its first. */
export function locate(
  range: SourceRange,
): Pick<Diagnostic, "file" | "line" | "column" | "length" | "excerpt"> {
  const lineStart = range.text.lastIndexOf("\n", range.start - 1) + 1;
  const newline = range.text.indexOf("\n", range.start);
  const excerpt = range.text.slice(lineStart, newline < 0 ? range.text.length : newline).replace(/\r$/, "");
  let line = 1;
  for (let at = range.text.indexOf("\n"); at >= 0 && at < lineStart; at = range.text.indexOf("\n", at + 1))
    line++;
  const column = range.start - lineStart + 1;
  const length = Math.max(1, Math.min(range.end - range.start, excerpt.length - column + 1));
  return { file: range.file, line, column, length, excerpt };
}

/** The place of a diagnostic that has none. */
export const NOWHERE = { file: "", line: 0, column: 0, length: 1, excerpt: "" } as const;

/**
 * Shows a diagnostic:
 *
 *     main.ts:3:14: error TS2304: Cannot find name 'pong'.
 *       3 | const p = spawn(pong);
 *         |                 ^^^^
 *       hint: ...
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: { readonly color?: boolean } = {}): string {
  const paint = (code: string, text: string) => (options.color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const tint = diagnostic.severity === "error" ? "31" : diagnostic.severity === "warning" ? "33" : "36";
  const place = diagnostic.file === "" ? "" : `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}: `;
  const lines = [
    `${paint("1", place)}${paint(tint, diagnostic.severity)} ${diagnostic.code}: ${diagnostic.message}`,
  ];
  if (diagnostic.excerpt !== "") {
    const number = String(diagnostic.line);
    const margin = paint("2", `${" ".repeat(number.length)} |`);
    // Tabs stay tabs in front of the caret, so that it stands under its character whatever a tab's width is.
    const indent = diagnostic.excerpt.slice(0, diagnostic.column - 1).replace(/[^\t]/g, " ");
    lines.push(`  ${paint("2", `${number} |`)} ${diagnostic.excerpt}`);
    lines.push(`  ${margin} ${indent}${paint(tint, "^".repeat(diagnostic.length))}`);
  }
  if (diagnostic.hint !== undefined) lines.push(`  ${paint("36", "hint:")} ${diagnostic.hint}`);
  return lines.join("\n");
}

/** A guest's source does not compile. Its message shows every error with place, excerpt and caret. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly code = "E_COMPILE";
  /** Errors and warnings in the order in which the compiler found them; at least one error. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(entry: string, diagnostics: readonly Diagnostic[], cause?: unknown) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    const shown = errors.map((diagnostic) => formatDiagnostic(diagnostic)).join("\n\n");
    super(`${entry} does not compile: ${count}\n\n${shown}`, cause === undefined ? undefined : { cause });
    this.diagnostics = diagnostics;
  }
}
