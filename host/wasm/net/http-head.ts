// Heads of HTTP messages that a guest writes. What could mean one thing to one reader and another to the next is refused: names and values
// with control characters, what frames the body or belongs to the connection, and what the host says itself.
import { isTuple, tuple } from "../../otp/term/index.ts";
import type { HeaderList } from "./network.ts";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible characters of Latin-1, spaces and tabs (RFC 9110, 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const MAX_HEADERS = 128;
const MAX_BYTES = 65_536;

/** They are about the connection or the framing of the body, which are the host's. */
const OF_THE_HOST: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Methods that make something else of a connection, or show what proxies added. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

export interface WrittenHeaders {
  /** All but `content-length`; names in small letters. */
  readonly headers: HeaderList;
  /** What `content-length` says. */
  readonly bodyBytes: number | undefined;
}

/** As a program reads it: `[{Name, Value}]`. */
export function headersTerm(headers: HeaderList): unknown {
  return headers.map(([name, value]) => tuple(name, value));
}

/** A list of `{Name, Value}`, both texts; undefined for what cannot be sent. */
export function writtenHeaders(term: unknown): WrittenHeaders | undefined {
  if (!Array.isArray(term) || isTuple(term) || term.length > MAX_HEADERS) return undefined;
  const headers: (readonly [string, string])[] = [];
  let bodyBytes: number | undefined;
  let size = 0;
  for (const item of term) {
    const [given, value]: readonly unknown[] = isTuple(item) && item.length === 2 ? item : [];
    if (typeof given !== "string" || typeof value !== "string") return undefined;
    const name = given.toLowerCase();
    size += name.length + value.length + 4;
    if (!TOKEN.test(name) || !VALUE.test(value) || OF_THE_HOST.has(name) || size > MAX_BYTES)
      return undefined;
    if (name !== "content-length") {
      headers.push([name, value]);
    } else {
      if (bodyBytes !== undefined || !/^\d{1,15}$/.test(value)) return undefined;
      bodyBytes = Number(value);
    }
  }
  return { headers, bodyBytes };
}

/** As it is sent; undefined for what is no method, and for those that are not for programs. */
export function writtenMethod(text: string): string | undefined {
  return TOKEN.test(text) && text.length <= 32 && !REFUSED_METHODS.has(text.toUpperCase()) ? text : undefined;
}

/** How long the body is that a head announces; undefined when it does not say, NaN when it says nonsense. */
export function announcedBytes(headers: HeaderList): number | undefined {
  const found = headers.find(([name]) => name === "content-length");
  return found && (/^\d+$/.test(found[1]) ? Number(found[1]) : Number.NaN);
}
