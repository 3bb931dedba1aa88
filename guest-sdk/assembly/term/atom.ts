// Atoms: names that stand for themselves.
import { Encoded, encodedFrom, sameTerm } from "./encoded";
import * as encoder from "./encoder";
import { SMALL_ATOM_UTF8 } from "./tags";

/** An atom. Get one from `atom("ok")`; `==` compares. */
@final
export class Atom extends Encoded {
  private constructor() {
    super();
  }

  /** The atom of that name, of at most 255 characters. */
  static of(name: string): Atom {
    encoder.begin();
    encoder.atom(name);
    return encodedFrom<Atom>(encoder.start(), encoder.length());
  }

  get name(): string {
    const short = load<u8>(this.pointer, 1) == SMALL_ATOM_UTF8;
    const skipped: usize = short ? 3 : 4;
    return String.UTF8.decodeUnsafe(this.pointer + skipped, this.byteLength - skipped);
  }

  @operator("==")
  static equals(left: Atom | null, right: Atom | null): bool {
    return sameTerm(left, right);
  }

  @operator("!=")
  static differs(left: Atom | null, right: Atom | null): bool {
    return !sameTerm(left, right);
  }

  toString(): string {
    return this.name;
  }
}

/** The atom of that name. */
export function atom(name: string): Atom {
  return Atom.of(name);
}
