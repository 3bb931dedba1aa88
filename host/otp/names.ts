// Names of processes: an atom of Erlang, a string in JavaScript.
import { Atom } from "./term/atom.ts";
import { isTuple } from "./term/tuple.ts";

/** The name in either form; undefined for what can be none. */
export function nameOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Atom ? value.name : undefined;
}

/** `{Name, Node}` as a tuple or as an object; undefined for anything else. */
export function nameOnNode(value: unknown): { readonly name: string; readonly node: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  let name: string | undefined;
  let node: string | undefined;
  if (isTuple(value)) {
    if (value.length !== 2) return undefined;
    name = nameOf(value[0]);
    node = nameOf(value[1]);
  } else if (!Array.isArray(value) && "name" in value && "node" in value) {
    name = nameOf(value.name);
    node = nameOf(value.node);
  }
  return name === undefined || node === undefined ? undefined : { name, node };
}
