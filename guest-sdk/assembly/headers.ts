// Header lists of HTTP: `[{Name, Value}]` as the host has them, names and values turn about as programs write them.
import * as encoder from "./term/encoder";
import { Term } from "./term/term";

/** The value of the first header of that name, in small letters; null when there is none. */
export function headerIn(headers: Term, name: string): string | null {
  const count = headers.length;
  for (let i = 0; i < count; i++) {
    const header = headers.at(i);
    if (header.at(0).text == name) return header.at(1).text;
  }
  return null;
}

/** Writes a header list: `["content-type", "text/plain"]`. */
export function placeHeaders(headers: string[]): void {
  const pairs = headers.length / 2;
  if (pairs > 0) encoder.list(pairs);
  for (let i = 0; i < pairs; i++) {
    encoder.tuple(2);
    encoder.text(headers[2 * i]);
    encoder.text(headers[2 * i + 1]);
  }
  encoder.nil();
}
