// Atoms by their bytes, for decoding: a small direct-mapped cache, so that the usual atoms cost no string and no look-up by name.
import { type AtomTerm, atomTerm, MAX_ATOM_CHARACTERS } from "./atom.ts";

export interface KnownAtom {
  readonly name: string;
  readonly value: AtomTerm;
}

interface Slot extends KnownAtom {
  readonly bytes: Uint8Array;
}

const SLOTS = 512;
const slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The atom whose text is `length` bytes from `start`; undefined when they are no valid atom. Needs the bytes to be there. */
export function knownAtom(
  bytes: Uint8Array,
  start: number,
  length: number,
  latin1: boolean,
): KnownAtom | undefined {
  if (latin1) return known(latin1Text(bytes.subarray(start, start + length)));
  let hash = length;
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (bytes[start + i] as number)) | 0;
  const index = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const slot = slots[index];
  if (slot !== undefined && sameBytes(slot.bytes, bytes, start, length)) return slot;
  const text = bytes.slice(start, start + length);
  let name: string;
  try {
    name = utf8.decode(text);
  } catch {
    return undefined;
  }
  const found = known(name);
  if (found !== undefined) slots[index] = { ...found, bytes: text };
  return found;
}

function known(name: string): KnownAtom | undefined {
  if (name.length > MAX_ATOM_CHARACTERS && [...name].length > MAX_ATOM_CHARACTERS) return undefined;
  return { name, value: atomTerm(name) };
}

function sameBytes(kept: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (kept.length !== length) return false;
  for (let i = 0; i < length; i++) if (kept[i] !== bytes[start + i]) return false;
  return true;
}

function latin1Text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
