// The form that all reports share: a headline, and below it titles with one or more lines each.
import type { Paint } from "./paint.ts";

const MARGIN = 12;
const WIDTH = 100;

/** A title and its lines; a field without lines is not shown. */
export type Field = readonly [title: string, lines: readonly string[]];

/** The lines of a report's fields, indented below its headline. */
export function renderFields(fields: readonly Field[], paint: Paint): string[] {
  return fields.flatMap(([title, lines]) =>
    lines.map((line, i) => {
      if (line === "") return "";
      return `${i === 0 ? `  ${paint("bold", title.padEnd(MARGIN - 2))}` : " ".repeat(MARGIN)}${line}`;
    }),
  );
}

/** Breaks a text between words so that it fits beside the titles. */
export function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH - MARGIN) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
