// What stands behind the colon of a grant: which words each kind of argument takes, and which argument covers which. Pure functions, so that
// "a child has a part of its parent's" is one question asked in one place.

import {
  canonicalHost as canonicalSingleHost,
  hostInGrant,
  isAddress,
  kindOfAddress,
} from "./net/address.ts";
import { blockCovers, looksLikeBlock, parseBlock } from "./net/address-block.ts";

/** The kinds: a name, a host, a port, a host with a port, or a host with or without one. */
export type ArgumentKind = "name" | "host" | "port" | "address" | "site";

/** How each kind is written, for errors. */
export const ARGUMENT_FORMS: Readonly<Record<ArgumentKind, string>> = {
  name: "a name, or the beginning of names and *, as in cart.*",
  host: "a host, or *.domain for all in it, as in api.example.com or *.example.com",
  port: "a port, or two with - between them, as in 8080 or 8000-8999",
  address:
    "a host and a port, as in api.example.com:443, *.example.com:443, 127.0.0.1:8000-8999 or 10.0.0.0/8:5432",
  site: "a host, and a port if it is to be one only, as in api.example.com, *.example.com:443, 127.0.0.1:8080 or [fd00::]/8",
};

/** The argument in its one spelling; undefined for what is none. `*` is everything. */
export function canonicalArgument(kind: ArgumentKind, text: string): string | undefined {
  switch (kind) {
    case "name":
      return text !== "" && !text.slice(0, -1).includes("*") ? text : undefined;
    case "host":
      return canonicalHost(text);
    case "port":
      return canonicalPorts(text);
    case "address":
    case "site": {
      const { host, port } = splitAddress(text, kind);
      const [canonical, ports] = [canonicalHost(host), canonicalPorts(port)];
      return canonical === undefined || ports === undefined ? undefined : `${canonical}:${ports}`;
    }
  }
}

/** Whether whoever holds `held` may do all that `wanted` stands for. Both canonical. */
export function covers(kind: ArgumentKind, held: string, wanted: string): boolean {
  if (held === wanted) return true;
  switch (kind) {
    case "name":
      // `cart.*` covers `cart.1`, `cart.` and `cart.x.*`.
      return held.endsWith("*") && wanted.startsWith(held.slice(0, -1));
    case "host":
      return coversHost(held, wanted);
    case "port":
      return coversPorts(held, wanted);
    case "address":
    case "site": {
      const [own, other] = [splitAddress(held, kind), splitAddress(wanted, kind)];
      return coversHost(own.host, other.host) && coversPorts(own.port, other.port);
    }
  }
}

/** At the last colon, which in an IPv6 address or block stands behind the bracket. A site without a port is all of its ports. */
function splitAddress(text: string, kind: "address" | "site"): { host: string; port: string } {
  const colon = /\](\/\d+)?$/.test(text) ? -1 : text.lastIndexOf(":");
  return colon < 0
    ? { host: text, port: kind === "site" ? "*" : "" }
    : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** In small letters and without the dot at the end: `Example.com.` is `example.com`. */
function canonicalHost(text: string): string | undefined {
  if (text === "*") return text;
  if (text.startsWith("*.")) {
    const domain = canonicalHost(text.slice(2));
    return domain === undefined || domain.startsWith("*") || isAddress(domain) ? undefined : `*.${domain}`;
  }
  if (looksLikeBlock(text)) return canonicalBlock(text);
  // An IPv6 address needs its brackets: what stands behind the last colon is the port.
  if (text.includes(":") && !/^\[.*\]$/.test(text)) return undefined;
  const host = canonicalSingleHost(text);
  return host && hostInGrant(host);
}

/** The first address in its one spelling; a block of one address is that address. */
function canonicalBlock(text: string): string | undefined {
  const block = parseBlock(text);
  if (!block) return undefined;
  const [address = "", length] = text.split("/");
  const bare = canonicalSingleHost(address);
  // One that is written as IPv6 and means IPv4 has another length than it says.
  if (bare === undefined || isAddress(bare) === false || address.startsWith("[") !== bare.includes(":"))
    return undefined;
  return block.length === block.bits ? hostInGrant(bare) : `${hostInGrant(bare)}/${length}`;
}

function coversHost(held: string, wanted: string): boolean {
  if (held === wanted) return true;
  // Whoever names a block means these addresses, wherever they lie.
  const block = looksLikeBlock(held) ? parseBlock(held) : undefined;
  if (block) return blockCovers(block, wanted);
  // What is not public is held by itself or not at all: by no pattern, and so by nobody's pattern's part. A block may hold some of it.
  if (looksLikeBlock(wanted) || isInner(wanted)) return false;
  // `*.example.com` covers what lies in it, not `example.com` itself.
  return (
    held === "*" ||
    (held.startsWith("*.") && wanted.endsWith(held.slice(1)) && wanted.length > held.length - 1)
  );
}

/** This machine, a network of one's own: all but names and public addresses. */
export function isInner(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isAddress(bare)) return kindOfAddress(bare) !== "public";
  return /^(.*\.)?localhost$/.test(bare);
}

function canonicalPorts(text: string): string | undefined {
  if (text === "*") return text;
  const [first, last] = portRange(text);
  if (first === undefined || last === undefined || first > last) return undefined;
  return first === last ? String(first) : `${first}-${last}`;
}

function coversPorts(held: string, wanted: string): boolean {
  const [first = 0, last = 65_535] = portRange(held);
  const [low = 0, high = 65_535] = portRange(wanted);
  return first <= low && high <= last;
}

/** The first and the last port; nothing for `*` and for what is none. */
function portRange(text: string): readonly [number?, number?] {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!found) return [];
  const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
  return first <= 65_535 && last <= 65_535 ? [first, last] : [];
}
