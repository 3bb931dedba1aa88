// The line of source at which something happened, with a caret under the place.
import type { TrapFrame } from "../wasm/trap.ts";
import { painter, type RenderOptions } from "./paint.ts";
import { printableLines } from "./printable.ts";

export interface Excerpt {
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** The line without its end. */
  readonly text: string;
}

/** Gives the text of a source file as the guest's source map names it, or undefined. */
export type ReadSource = (file: string) => string | undefined;

const LIBRARY = "~lib/";
const MAX_WIDTH = 160;

/** The innermost place that lies in a file of the program itself and can be read. */
export function findExcerpt(frames: readonly TrapFrame[], readSource: ReadSource): Excerpt | undefined {
  for (const { file, line, column } of frames) {
    if (file === undefined || line === undefined || column === undefined || file.startsWith(LIBRARY))
      continue;
    const text = readSource(file)?.split(/\r?\n/)[line - 1];
    if (text !== undefined) return { file, line, column, text };
  }
  return undefined;
}

/**
 *     src/main.ts:3:5
 *       3 |     boom();
 *         |     ^
 */
export function renderExcerpt(excerpt: Excerpt, options: RenderOptions): string[] {
  const paint = painter(options);
  const start = excerpt.column > MAX_WIDTH - 20 ? excerpt.column - 40 : 0;
  const text = excerpt.text.slice(start, start + MAX_WIDTH);
  // Tabs stay tabs in front of the caret, so that it stands under its character whatever a tab's width is.
  const indent = text.slice(0, excerpt.column - 1 - start).replace(/[^\t]/g, " ");
  const number = String(excerpt.line);
  return [
    `${paint("dim", `${number} |`)} ${printableLines(text)}`,
    `${paint("dim", `${" ".repeat(number.length)} |`)} ${indent}${paint("red", "^")}`,
  ];
}
