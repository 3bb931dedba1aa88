// Where a message can be sent: a pid, a registered name (a string or an atom), an alias (a reference), or a name on a node.
import { Pid } from "./pid";
import { Ref } from "./ref";
import { Atom } from "./term/atom";
import { Encoded } from "./term/encoded";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";

/** A registered name on a node: `{Name, Node}`. */
@final
export class RemoteName {
  constructor(readonly name: string, readonly node: string) {}

  __moonletEncode(): void {
    encoder.tuple(2);
    encoder.atom(this.name);
    encoder.atom(this.node);
  }
}

// An address that is not bytes already is encoded behind the message; `offset` is then where, else it is in the object itself.

/** Encodes the address if it has to be; gives its offset in the encoder's buffer. */
@inline
export function placeAddress<A>(to: A): usize {
  if (isString<A>()) {
    const offset = encoder.beginNext();
    encoder.atom(changetype<string>(to));
    return offset;
  } else if (idof<A>() == idof<RemoteName>()) {
    const offset = encoder.beginNext();
    changetype<RemoteName>(to).__moonletEncode();
    return offset;
  } else if (to instanceof Pid || to instanceof Ref || to instanceof Atom || to instanceof Term) {
    return 0;
  } else {
    ERROR("not an address: a message is sent to a Pid, a name (string or Atom), a Ref (an alias) or a RemoteName");
  }
}

/** Where the address lies. */
@inline
export function addressPointer<A>(to: A, offset: usize): usize {
  if (to instanceof Encoded) return changetype<usize>(to);
  else return encoder.start() + offset;
}

/** How long it is. `offset` is what `placeAddress` gave, and nothing was encoded since. */
@inline
export function addressLength<A>(to: A, offset: usize): usize {
  if (to instanceof Encoded) return changetype<Encoded>(to).byteLength;
  else return encoder.length() - offset;
}

/** The address for the text of an error. */
export function addressText<A>(to: A): string {
  if (isString<A>()) return "'" + changetype<string>(to) + "'";
  else if (idof<A>() == idof<RemoteName>()) {
    const remote = changetype<RemoteName>(to);
    return "{" + remote.name + ", " + remote.node + "}";
  } else return to.toString();
}
