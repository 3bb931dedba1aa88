// Hosts as guests name them, in one spelling, and what kind of network an address lies in. Pure functions; names are looked up elsewhere.

/** Where an address leads: to the world, into a network of one's own, or to this machine and its next neighbours. */
export type AddressKind = "public" | "private" | "local";

const NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * A name in small letters without the dot at the end, or an address in numbers; IPv6 without brackets, an IPv4 address in IPv6's clothes
 * as IPv4. Undefined for what is neither.
 */
export function canonicalHost(text: string): string | undefined {
  const small = text.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (small.length > 255) return undefined;
  const groups = parseIpv6(small);
  if (groups) return mappedIpv4(groups) ?? formatIpv6(groups);
  if (small.includes(":")) return undefined;
  const name = small.replace(/\.$/, "");
  return NAME.test(name) ? name : undefined;
}

/** As a grant spells it: IPv6 in brackets. */
export function hostInGrant(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

export function isAddress(host: string): boolean {
  return parseIpv4(host) !== undefined || parseIpv6(host) !== undefined;
}

/** An address as a number of so many bits, in the family in which it is written; undefined for what is none. */
export function addressNumber(
  address: string,
): { readonly bits: 32 | 128; readonly value: bigint } | undefined {
  const bytes = parseIpv4(address);
  if (bytes) return { bits: 32, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
  const groups = parseIpv6(address.toLowerCase());
  return groups && { bits: 128, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n) };
}

/** For an address in numbers. What is none counts as local, the kind that is given least. */
export function kindOfAddress(address: string): AddressKind {
  const bytes = parseIpv4(address);
  if (bytes) return kindOfIpv4(bytes);
  // A link-local one may come with its zone.
  const groups = parseIpv6(address.replace(/%.*$/, "").toLowerCase());
  if (!groups) return "local";
  const inner = mappedIpv4(groups) ?? translatedIpv4(groups);
  return inner === undefined ? kindOfIpv6(groups) : kindOfAddress(inner);
}

/** IANA's registry of special-purpose IPv4 addresses. */
function kindOfIpv4([a = 0, b = 0, c = 0]: readonly number[]): AddressKind {
  if (
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  )
    return "private";
  const isLocal =
    a === 0 ||
    a === 127 ||
    (a === 169 && b === 254) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224;
  return isLocal ? "local" : "public";
}

function kindOfIpv6(groups: readonly number[]): AddressKind {
  const first = groups[0]!;
  if ((first & 0xfe00) === 0xfc00) return "private";
  // Everything that is given to the public so far lies in 2000::/3; Teredo hides an address, 2001:db8::/32 is for books.
  const isBook = first === 0x2001 && (groups[1] === 0x0db8 || groups[1] === 0);
  return (first & 0xe000) === 0x2000 && !isBook ? "public" : "local";
}

/** `::ffff:a.b.c.d`. */
function mappedIpv4(groups: readonly number[]): string | undefined {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? ipv4Of(groups[6]!, groups[7]!) : undefined;
}

/** The IPv4 address that a translator makes of it: 64:ff9b::/96 (NAT64), 2002::/16 (6to4). */
function translatedIpv4(groups: readonly number[]): string | undefined {
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return ipv4Of(groups[6]!, groups[7]!);
  return groups[0] === 0x2002 ? ipv4Of(groups[1]!, groups[2]!) : undefined;
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Four decimal numbers; no other notation that resolvers take. */
function parseIpv4(text: string): number[] | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Eight groups. */
function parseIpv6(text: string): number[] | undefined {
  if (!text.includes(":")) return undefined;
  // A tail in IPv4's notation stands for two groups.
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const bytes = tail && parseIpv4(tail[2]!);
  if (tail && !bytes) return undefined;
  const whole = bytes
    ? `${tail[1]}${((bytes[0]! << 8) | bytes[1]!).toString(16)}:${((bytes[2]! << 8) | bytes[3]!).toString(16)}`
    : text;
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], end = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - end.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill("0"), ...end];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}

/** As RFC 5952 has it: the longest run of zeros, of two and more, is `::`. */
function formatIpv6(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort(
    (a, b) => b[0].replace(/^:/, "").length - a[0].replace(/^:/, "").length,
  );
  const [run] = runs;
  if (!run) return text;
  const before = text.slice(0, run.index);
  const after = text.slice(run.index + run[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}
