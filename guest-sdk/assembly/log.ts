// The host's log. One call is one line.
import * as abi from "./abi/log";
import * as encoder from "./term/encoder";

/** Lines of text for people, by level. */
export namespace log {
  export function error(text: string): void {
    encoder.utf8(text);
    abi.write(0, encoder.start(), encoder.length());
  }

  export function warn(text: string): void {
    encoder.utf8(text);
    abi.write(1, encoder.start(), encoder.length());
  }

  export function info(text: string): void {
    encoder.utf8(text);
    abi.write(2, encoder.start(), encoder.length());
  }

  export function debug(text: string): void {
    encoder.utf8(text);
    abi.write(3, encoder.start(), encoder.length());
  }
}
