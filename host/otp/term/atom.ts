// Atoms. Interned: two atoms with the same name are the same object. The table holds them weakly, so that a guest which
// makes up names for ever costs nothing once they are forgotten (Erlang's atom table only grows).
import { MoonletError } from "../error.ts";

/** The most characters an atom may have (Erlang reference manual, Data types). */
export const MAX_ATOM_CHARACTERS = 255;

/** The external term format of an atom, tag included, by words of the high byte first; what the last one has beyond `length` does not count. */
export interface AtomWords {
  readonly words: Int32Array;
  readonly length: number;
}

/** An atom. Get one from `atom`; compare with `===`. */
export class Atom {
  readonly name: string;
  #encoded: AtomWords | undefined = undefined;

  /** Internal: `atom` keeps atoms unique, the constructor does not. */
  constructor(name: string) {
    this.name = name;
  }

  /** Internal: how it is encoded, once it has been. */
  get encoded(): AtomWords | undefined {
    return this.#encoded;
  }
  set encoded(words: AtomWords) {
    this.#encoded = words;
  }

  /** As Erlang prints it: quoted where it must be. */
  toString(): string {
    return quoteAtom(this.name);
  }

  toJSON(): string {
    return this.name;
  }
}

/** What an atom is in JavaScript: four of them have values of the language. */
export type AtomTerm = Atom | boolean | undefined | null;

const table = new Map<string, WeakRef<Atom>>();
const forgotten = new FinalizationRegistry<string>((name) => {
  if (table.get(name)?.deref() === undefined) table.delete(name);
});

/**
 * The atom of that name. `true`, `false`, `undefined` and `null` are JavaScript's own values and have no `Atom`.
 * @throws MoonletError badarg for those four, system_limit for more than 255 characters.
 */
export function atom(name: string): Atom {
  const known = table.get(name)?.deref();
  if (known !== undefined) return known;
  if (name === "true" || name === "false" || name === "undefined" || name === "null") {
    throw new MoonletError("badarg", `the atom ${name} is the JavaScript value ${name}`, {
      hint: `write ${name}, or use atomTerm`,
    });
  }
  return intern(name);
}

/** As `atom`, for any name: gives the JavaScript value for `true`, `false`, `undefined` and `null`. */
export function atomTerm(name: string): AtomTerm {
  switch (name) {
    case "true":
      return true;
    case "false":
      return false;
    case "undefined":
      return undefined;
    case "null":
      return null;
  }
  return table.get(name)?.deref() ?? intern(name);
}

/** The text of an atom in either form; undefined when the value is no atom. */
export function atomName(value: unknown): string | undefined {
  if (value instanceof Atom) return value.name;
  if (value === undefined || value === null || typeof value === "boolean") return String(value);
  return undefined;
}

function intern(name: string): Atom {
  if (name.length > MAX_ATOM_CHARACTERS && [...name].length > MAX_ATOM_CHARACTERS) {
    throw new MoonletError(
      "system_limit",
      `an atom has at most ${MAX_ATOM_CHARACTERS} characters, this one has ${name.length}`,
    );
  }
  const made = new Atom(name);
  table.set(name, new WeakRef(made));
  forgotten.register(made, name);
  return made;
}

const RESERVED = new Set(
  (
    "after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let maybe not of or orelse " +
    "receive rem try when xor else"
  ).split(" "),
);

/** The atom in Erlang's syntax. */
export function quoteAtom(name: string): string {
  if (/^[a-zß-öø-ÿ][A-Za-z0-9_@À-ÖØ-öø-ÿ]*$/.test(name) && !RESERVED.has(name)) return name;
  return `'${escapeText(name, "'")}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\b": "\\b",
  "\f": "\\f",
  "\x1b": "\\e",
  "\x7f": "\\d",
  "\\": "\\\\",
};

/** Escapes text for Erlang's quotes. */
export function escapeText(text: string, quote: "'" | '"'): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped here
  return text.replace(/[\x00-\x1f\x7f-\x9f\\'"]/g, (c) => {
    if (c === "'" || c === '"') return c === quote ? `\\${c}` : c;
    return ESCAPES[c] ?? `\\x{${c.charCodeAt(0).toString(16).toUpperCase()}}`;
  });
}
