// Blocks of addresses, as grants name them: 10.0.0.0/8, [fd00::]/8. Pure functions.
import { addressNumber } from "./address.ts";

interface Block {
  readonly bits: 32 | 128;
  /** Its first address. */
  readonly first: bigint;
  /** How many bits all of its addresses have in common. */
  readonly length: number;
}

/** Whether a text looks like a block at all: an address has no slash, nor has a name. */
export function looksLikeBlock(text: string): boolean {
  return text.includes("/");
}

/** Undefined for what is no block, and for one with an address that is not its first: that is mostly a mistake. */
export function parseBlock(text: string): Block | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^[\]/:]*))\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = addressNumber(bracketed ?? plain ?? "");
  const length = Number(digits);
  if (!address || length > address.bits) return undefined;
  // In brackets what is written as IPv6, and nothing else.
  if ((bracketed !== undefined) !== (address.bits === 128)) return undefined;
  const block = { bits: address.bits, first: address.value, length };
  return common(block, address.value) === address.value ? block : undefined;
}

/** Whether all addresses of `wanted`, an address or a block, lie in `held`. */
export function blockCovers(held: Block, wanted: string): boolean {
  const address = addressNumber(wanted.replace(/^\[(.*)\]$/, "$1"));
  const inner = address
    ? { bits: address.bits, first: address.value, length: address.bits }
    : parseBlock(wanted);
  return (
    inner !== undefined &&
    inner.bits === held.bits &&
    inner.length >= held.length &&
    common(held, inner.first) === held.first
  );
}

/** The address with all bits but the common ones taken out. */
function common({ bits, length }: Block, address: bigint): bigint {
  const rest = BigInt(bits - length);
  return (address >> rest) << rest;
}
