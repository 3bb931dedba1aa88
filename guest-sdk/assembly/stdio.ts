// Standard output and standard error, for programs whose output is their purpose; what is said about the work goes to `log`.
// Needs the grant `stdio`.
import * as abi from "./abi/stdio";
import * as encoder from "./term/encoder";

/** Writes a line to standard output. */
export function print(line: string): void {
  write(1, line + "\n");
}

/** Writes a line to standard error. */
export function printError(line: string): void {
  write(2, line + "\n");
}

/** Writes text as it is to standard output. */
export function printText(text: string): void {
  write(1, text);
}

function write(stream: i32, text: string): void {
  encoder.utf8(text);
  abi.write(stream, encoder.start(), encoder.length());
}
