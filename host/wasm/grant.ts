// What a guest may do beyond computing, messaging, linking and timing. Default: nothing. A grant is a name, which opens all that the name
// stands for, or `name:argument`, which opens a part of it: `register`, `register:cart.*`. A set of them is closed under nothing and grows
// never; a child's is a part of its parent's.
import { MoonletError } from "../otp/error.ts";
import { suggestion } from "./did-you-mean.ts";
import { ARGUMENT_FORMS, type ArgumentKind, canonicalArgument, covers } from "./grant-argument.ts";

interface GrantKind {
  readonly opens: string;
  /** What an argument restricts it to. Default: it takes none. */
  readonly argument?: ArgumentKind;
  /** Reaches out of the program and its standard streams: `moonlet run` gives it by name only. Default false. */
  readonly isOutside?: true;
}

/** Each grant and what it opens. */
export const GRANTS = {
  spawn: { opens: "spawn processes of its own program" },
  register: { opens: "register and unregister names", argument: "name" },
  groups: { opens: "join, leave, list and monitor process groups", argument: "name" },
  tables: { opens: "make tables, and use those that are open to them" },
  streams: { opens: "open byte streams, and use those that it is given" },
  kill: { opens: "send exit signals to other processes, link to those of others, suspend and resume them" },
  priority: { opens: "run before others, at the priorities high and max" },
  code: { opens: "load code at run time, run it, and lend it to its descendants" },
  observe: { opens: "list all processes, registered names and tables, and look into other processes" },
  clock: { opens: "read the wall clock; the monotonic one is open to all" },
  stdio: { opens: "write to standard output and standard error" },
  stdin: { opens: "read standard input" },
  connect: { opens: "connect to hosts by TCP", argument: "address", isOutside: true },
  listen: { opens: "listen on ports, by TCP and HTTP", argument: "port", isOutside: true },
  http: { opens: "make HTTP requests", argument: "site", isOutside: true },
} as const satisfies Readonly<Record<string, GrantKind>>;

export type GrantName = keyof typeof GRANTS;
/** A grant's name, alone or restricted to an argument. */
export type Grant = GrantName | `${GrantName}:${string}`;
/** A list of grants, or "all". */
export type Grants = "all" | readonly Grant[];

const NAMES = Object.keys(GRANTS) as GrantName[];

/** The names of grants that stay within the program and its standard streams. */
export const INSIDE_GRANTS: readonly GrantName[] = NAMES.filter((name) => !kindOf(name).isOutside);

/** Grants, each in its one spelling. Never changed. */
export class GrantSet implements Iterable<Grant> {
  /** Names that are held without restriction. */
  readonly #whole = new Set<GrantName>();
  /** Arguments of those that are not. */
  readonly #parts = new Map<string, string[]>();

  /** `grants` are canonical, as `grantSet` and `readGrant` make them. */
  constructor(grants: Iterable<Grant>) {
    for (const grant of grants) {
      const [name, argument] = splitGrant(grant);
      if (argument === undefined) this.#whole.add(name);
      else this.#parts.set(name, [...(this.#parts.get(name) ?? []), argument]);
    }
    for (const name of this.#whole) if (!isAboutHosts(name)) this.#parts.delete(name);
  }

  /** Whether it is held for everything that it stands for. */
  has(name: GrantName): boolean {
    return this.#whole.has(name);
  }

  /** Whether it is held at all, be it for a part only. */
  opens(name: GrantName): boolean {
    return this.#whole.has(name) || this.#parts.has(name);
  }

  /** Whether it is held for this: a name, a host, a port, an address, or a pattern of them. */
  allows(name: GrantName, argument: string): boolean {
    const isWhole = this.#whole.has(name);
    if (isWhole && !isAboutHosts(name)) return true;
    const kind = kindOf(name).argument;
    const parts = this.#parts.get(name) ?? [];
    if (kind === undefined || (!isWhole && parts.length === 0)) return false;
    const wanted = canonicalArgument(kind, argument);
    // Held for all hosts is held for those that patterns can stand for.
    return (
      wanted !== undefined && (isWhole ? ["*:*", ...parts] : parts).some((held) => covers(kind, held, wanted))
    );
  }

  /** Whether a grant, canonical, is one of these or a part of one. */
  covers(grant: Grant): boolean {
    const [name, argument] = splitGrant(grant);
    return argument === undefined ? this.has(name) : this.allows(name, argument);
  }

  /** The first of `wanted` that these do not cover. */
  firstMissing(wanted: Iterable<Grant>): Grant | undefined {
    for (const grant of wanted) if (!this.covers(grant)) return grant;
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<Grant> {
    yield* this.#whole;
    for (const [name, parts] of this.#parts) for (const part of parts) yield `${name}:${part}` as Grant;
  }
}

/** A grant in its one spelling. Undefined for what is none. */
export function readGrant(text: string): Grant | undefined {
  const [name, argument] = splitGrant(text);
  if (!Object.hasOwn(GRANTS, name)) return undefined;
  if (argument === undefined) return name;
  const kind = kindOf(name).argument;
  const canonical = kind && canonicalArgument(kind, argument);
  if (canonical === undefined) return undefined;
  // `register:*` is `register`.
  return canonical === "*" || canonical === "*:*" ? name : `${name}:${canonical}`;
}

/** The grants as a set. @throws MoonletError E_UNKNOWN_GRANT naming what is not one, E_GRANT for an argument that it cannot have. */
export function grantSet(grants: "all" | readonly string[] = []): GrantSet {
  if (grants === "all") return new GrantSet(NAMES);
  return new GrantSet(grants.map((text) => readGrant(text) ?? refuse(text)));
}

function refuse(text: string): never {
  const [name, argument] = splitGrant(text);
  if (!Object.hasOwn(GRANTS, name)) {
    throw new MoonletError("E_UNKNOWN_GRANT", `unknown grant "${name}".${suggestion(name, NAMES)}`, {
      hint: `The grants are: ${NAMES.join(", ")}.`,
    });
  }
  const kind = kindOf(name).argument;
  throw new MoonletError(
    "E_GRANT",
    kind === undefined
      ? `the grant "${name}" takes no argument, and was given "${argument}"`
      : `"${argument}" cannot restrict the grant "${name}"`,
    { hint: kind === undefined ? `Write ${name}.` : `It takes ${ARGUMENT_FORMS[kind]}.` },
  );
}

function kindOf(name: GrantName): GrantKind {
  return GRANTS[name];
}

/** Some hosts are covered by no pattern; see `covers`. */
function isAboutHosts(name: GrantName): boolean {
  const { argument } = kindOf(name);
  return argument === "address" || argument === "site";
}

/** The name and, behind the first colon, the argument. */
export function splitGrant(text: string): readonly [name: GrantName, argument: string | undefined] {
  const colon = text.indexOf(":");
  const name = (colon < 0 ? text : text.slice(0, colon)) as GrantName;
  return [name, colon < 0 ? undefined : text.slice(colon + 1)];
}
