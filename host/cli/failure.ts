// How a command's error is shown: the operator's mistakes with a hint, compile errors with place and caret, bugs as such.
import { CompileError, formatDiagnostic } from "../../guest-sdk/compiler/diagnostic.ts";
import { MoonletError } from "../otp/error.ts";
import { painter, type RenderOptions } from "../report/paint.ts";
import { printableLines } from "../report/printable.ts";

/** Text with a last line end. */
export function renderFailure(error: unknown, options: RenderOptions): string {
  const paint = painter(options);
  if (error instanceof CompileError) {
    const shown = error.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, options)).join("\n\n");
    return `${shown}\n\n${paint("red", "error")} E_COMPILE: ${printableLines(firstLine(error.message))}\n`;
  }
  if (error instanceof MoonletError) {
    const hint =
      error.hint === undefined ? "" : `  ${paint("cyan", "hint:")} ${printableLines(error.hint)}\n`;
    return `${paint("red", "error")} ${error.code}: ${printableLines(error.message)}\n${hint}`;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const request = "This is a bug of moonlet. Please report it together with the program that caused it.";
  return `${paint("red", "bug")} ${printableLines(detail)}\n  ${request}\n`;
}

/** The same for machines. */
export function failureJson(error: unknown): Record<string, unknown> {
  if (error instanceof CompileError) {
    return { code: error.code, message: firstLine(error.message), diagnostics: error.diagnostics };
  }
  if (error instanceof MoonletError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
  return { code: "E_BUG", message: error instanceof Error ? error.message : String(error) };
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
