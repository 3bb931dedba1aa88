// Text of guests and terms on its way to a terminal: nothing that a guest wrote can move the cursor, start a new line or hide text.

/** C0 and C1 controls, line and paragraph separators, and the characters that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it is about
const UNPRINTABLE = /[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e" };

/** The text on one line, with `\n`, `\e`, `\x07` or `\u202e` in place of what cannot be shown as it is. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const named = NAMED[character];
    if (named !== undefined) return named;
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** As `printable`, for text of several lines that stays so; tabs stay too. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(printable).join("\t"))
    .join("\n");
}
