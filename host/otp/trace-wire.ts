// Recognises calls, casts and replies by their wire form, in values and in the external term format, without decoding what they carry.
import { aliasOf, GEN_CALL, isCast, isRequest, SYSTEM } from "./gen/wire.ts";
import { Ref } from "./ref.ts";
import { TAG, VERSION } from "./term/tags.ts";
import { isTuple } from "./term/tuple.ts";

/** `protocol` tells a call of a server from a system message; `ref` is the number of the reference by which it is answered. */
export type Wire =
  | { readonly form: "call"; readonly protocol: "gen" | "sys"; readonly ref: number | undefined }
  | { readonly form: "cast" }
  | { readonly form: "reply"; readonly ref: number };

/** What a message is; undefined for one of no protocol. Reads only what it has to of hostile bytes. */
export function wireOf(message: unknown, encoded: boolean): Wire | undefined {
  return encoded ? wireOfBytes(message as Uint8Array) : wireOfValue(message);
}

function wireOfValue(message: unknown): Wire | undefined {
  if (!isTuple(message)) return undefined;
  const size = message.length;
  const [first, from] = message as readonly unknown[];
  if (isCast(message)) return { form: "cast" };
  if (isRequest(message, GEN_CALL)) return { form: "call", protocol: "gen", ref: refOfCaller(from) };
  if (isRequest(message, SYSTEM)) return { form: "call", protocol: "sys", ref: refOfCaller(from) };
  const ref = size === 2 ? refOf(first) : undefined;
  return ref === undefined ? undefined : { form: "reply", ref };
}

function refOfCaller(from: unknown): number | undefined {
  return refOf((from as readonly unknown[])[1]);
}

function refOf(tag: unknown): number | undefined {
  return (tag instanceof Ref ? tag : aliasOf(tag))?.number;
}

const LONGEST_LABEL = 16;

/** Reads on from a place; everything gives undefined, and `at` stays, where the bytes are something else. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number | undefined {
    return this.#bytes[this.at++];
  }

  /** The number of elements. */
  tuple(): number | undefined {
    return this.#is(TAG.smallTuple) ? this.byte() : undefined;
  }

  atom(): string | undefined {
    const tag = this.#bytes[this.at];
    const isSmall = tag === TAG.smallAtomUtf8 || tag === TAG.smallAtom;
    if (!isSmall && tag !== TAG.atomUtf8 && tag !== TAG.atom) return undefined;
    this.at++;
    const length = isSmall ? this.byte() : this.#uint(2);
    if (length === undefined) return undefined;
    const from = this.at;
    this.at += length;
    // Longer ones are none that is looked for.
    if (length > LONGEST_LABEL) return "";
    let text = "";
    for (let i = from; i < this.at; i++) text += String.fromCharCode(this.#bytes[i] ?? 0);
    return text;
  }

  skipPid(): boolean {
    if (!this.#is(TAG.newPid) || this.atom() === undefined) return false;
    this.at += 12;
    return true;
  }

  /** A reference, or `[alias | Ref]`. */
  tag(): number | undefined {
    if (this.#is(TAG.list) && (this.#uint(4) !== 1 || this.atom() !== "alias")) return undefined;
    if (!this.#is(TAG.newerReference)) return undefined;
    const words = this.#uint(2);
    if (words === undefined || words < 1 || this.atom() === undefined) return undefined;
    this.at += 4;
    const low = this.#uint(4);
    const high = words > 1 ? this.#uint(4) : 0;
    return low === undefined || high === undefined ? undefined : low + high * 0x1_0000_0000;
  }

  #is(tag: number): boolean {
    if (this.#bytes[this.at] !== tag) return false;
    this.at++;
    return true;
  }

  #uint(size: number): number | undefined {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.byte() ?? Number.NaN);
    return Number.isNaN(value) ? undefined : value;
  }
}

function wireOfBytes(bytes: Uint8Array): Wire | undefined {
  const reader = new Reader(bytes);
  if (reader.byte() !== VERSION) return undefined;
  const size = reader.tuple();
  if (size !== 2 && size !== 3) return undefined;
  const label = reader.atom();
  if (size === 3) {
    const protocol = label === GEN_CALL.name ? "gen" : label === SYSTEM.name ? "sys" : undefined;
    if (protocol === undefined || reader.tuple() !== 2 || !reader.skipPid()) return undefined;
    return { form: "call", protocol, ref: reader.tag() };
  }
  if (label !== undefined) return label === "$gen_cast" ? { form: "cast" } : undefined;
  const ref = reader.tag();
  return ref === undefined ? undefined : { form: "reply", ref };
}
