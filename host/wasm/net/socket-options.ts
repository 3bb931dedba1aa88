// What programs may ask of a listening socket and of a request, with its defaults and bounds.
import type { Guest } from "../guest.ts";
import { canonicalHost, isAddress } from "./address.ts";
import type { HttpLimits } from "./network.ts";

interface Range {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

const DAY_MS = 86_400_000;

/** Of TCP and HTTP. */
const LISTEN = { backlog: { default: 128, least: 1, most: 1024 } } as const;

/** Times in milliseconds, sizes in bytes. */
const SERVE = {
  ...LISTEN,
  max_header_bytes: { default: 16_384, least: 256, most: 65_536 },
  max_body_bytes: { default: 8_388_608, least: 0, most: Number.MAX_SAFE_INTEGER },
  max_connections: { default: 1024, least: 1, most: 65_536 },
  headers_timeout: { default: 10_000, least: 1, most: DAY_MS },
  request_timeout: { default: 60_000, least: 1, most: DAY_MS },
  response_timeout: { default: 30_000, least: 1, most: DAY_MS },
  keep_alive_timeout: { default: 5_000, least: 1, most: DAY_MS },
  inactivity_timeout: { default: 60_000, least: 1, most: DAY_MS },
} as const;

const REQUEST = {
  max_header_bytes: { default: 16_384, least: 256, most: 65_536 },
  max_body_bytes: { default: 67_108_864, least: 0, most: Number.MAX_SAFE_INTEGER },
  response_timeout: { default: 30_000, least: 1, most: DAY_MS },
  inactivity_timeout: { default: 60_000, least: 1, most: DAY_MS },
} as const;

export interface ListenOptions {
  readonly address: string;
  readonly backlog: number;
}

export interface ServeOptions extends ListenOptions {
  readonly limits: HttpLimits;
  readonly maxBodyBytes: number;
  readonly responseTimeoutMs: number;
}

export interface RequestOptions {
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  readonly responseTimeoutMs: number;
  /** How long who waits to read or to write is kept waiting. */
  readonly inactivityTimeoutMs: number;
}

/** As ABI.md has them; undefined for what is none. At most as many wait, or are connected, as the program may have open. */
export function listenOptions(guest: Guest, pointer: number, length: number): ListenOptions | undefined {
  const given = optionsTerm(guest, pointer, length, "tcp.listen");
  const { ip, ...rest } = given ?? {};
  const [address, numbers] = [addressOf(ip), numbersOf(LISTEN, rest)];
  if (!given || address === undefined || !numbers) return undefined;
  return { address, backlog: Math.max(1, Math.min(numbers.backlog, guest.limits.openResources)) };
}

export function serveOptions(guest: Guest, pointer: number, length: number): ServeOptions | undefined {
  const given = optionsTerm(guest, pointer, length, "http.listen");
  const { ip, ...rest } = given ?? {};
  const [address, numbers] = [addressOf(ip), numbersOf(SERVE, rest)];
  if (!given || address === undefined || !numbers) return undefined;
  const most = Math.max(1, guest.limits.openResources);
  return {
    address,
    backlog: Math.min(numbers.backlog, most),
    maxBodyBytes: numbers.max_body_bytes,
    responseTimeoutMs: numbers.response_timeout,
    limits: {
      maxHeaderBytes: numbers.max_header_bytes,
      maxConnections: Math.min(numbers.max_connections, most),
      headersTimeoutMs: numbers.headers_timeout,
      requestTimeoutMs: numbers.request_timeout,
      keepAliveTimeoutMs: numbers.keep_alive_timeout,
      inactivityTimeoutMs: numbers.inactivity_timeout,
    },
  };
}

export function requestOptions(guest: Guest, pointer: number, length: number): RequestOptions | undefined {
  const given = optionsTerm(guest, pointer, length, "http.request");
  const numbers = given && numbersOf(REQUEST, given);
  if (!numbers) return undefined;
  return {
    maxHeaderBytes: numbers.max_header_bytes,
    maxBodyBytes: numbers.max_body_bytes,
    responseTimeoutMs: numbers.response_timeout,
    inactivityTimeoutMs: numbers.inactivity_timeout,
  };
}

/** A map with atoms or texts as keys; length 0 is an empty one. */
function optionsTerm(
  guest: Guest,
  pointer: number,
  length: number,
  what: string,
): Readonly<Record<string, unknown>> | undefined {
  if (length === 0) return {};
  const term = guest.readTerm(pointer, length, `${what} (options)`);
  if (term instanceof Map)
    return [...term.keys()].every((key) => typeof key === "string") ? Object.fromEntries(term) : undefined;
  if (typeof term !== "object" || term === null || Object.getPrototypeOf(term) !== Object.prototype)
    return undefined;
  return term as Readonly<Record<string, unknown>>;
}

/** The machine's own network unless something else is asked for. */
function addressOf(ip: unknown): string | undefined {
  if (ip === undefined) return "127.0.0.1";
  const host = typeof ip === "string" ? canonicalHost(ip) : undefined;
  return host !== undefined && isAddress(host) ? host : undefined;
}

function numbersOf<K extends string>(
  ranges: Readonly<Record<K, Range>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<K, number>> | undefined {
  if (!Object.keys(given).every((key) => Object.hasOwn(ranges, key))) return undefined;
  const numbers: Partial<Record<K, number>> = {};
  for (const key of Object.keys(ranges) as K[]) {
    const { least, most, default: usual } = ranges[key];
    const value = Object.hasOwn(given, key) ? given[key] : usual;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      return undefined;
    numbers[key] = value;
  }
  return numbers as Readonly<Record<K, number>>;
}
