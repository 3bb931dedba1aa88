// What stands behind the colon of a grant: which words each kind of argument takes, and which argument covers which. Pure functions, so that
// "a child has a part of its parent's" is one question asked in one place.

/** The kinds: a name, a host, a port, or a host with a port. */
export type ArgumentKind = "name" | "host" | "port" | "address";

/** How each kind is written, for errors. */
export const ARGUMENT_FORMS: Readonly<Record<ArgumentKind, string>> = {
  name: "a name, or the beginning of names and *, as in cart.*",
  host: "a host, or *.domain for all in it, as in api.example.com or *.example.com",
  port: "a port, or two with - between them, as in 8080 or 8000-8999",
  address: "a host and a port, as in api.example.com:443, *.example.com:443 or 127.0.0.1:8000-8999",
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
    case "address": {
      const { host, port } = splitAddress(text);
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
    case "address": {
      const [own, other] = [splitAddress(held), splitAddress(wanted)];
      return coversHost(own.host, other.host) && coversPorts(own.port, other.port);
    }
  }
}

/** At the last colon, which in an IPv6 address stands behind the bracket. */
function splitAddress(text: string): { host: string; port: string } {
  const colon = text.lastIndexOf(":");
  return colon < 0 ? { host: text, port: "" } : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

const HOST_NAME = /^(\*|(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)\.?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/** In small letters and without the dot at the end: `Example.com.` is `example.com`. */
function canonicalHost(text: string): string | undefined {
  const small = text.toLowerCase();
  if (small.length > 255) return undefined;
  if (IPV6.test(small)) return small;
  return HOST_NAME.test(small) ? small.replace(/\.$/, "") : undefined;
}

function coversHost(held: string, wanted: string): boolean {
  if (held === "*" || held === wanted) return true;
  // `*.example.com` covers what lies in it, not `example.com` itself.
  return held.startsWith("*.") && wanted.endsWith(held.slice(1)) && wanted.length > held.length - 1;
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
