// Where a message can be sent: a pid, a registered name (a string or an atom), an alias (a reference), or a name on a node.
import { fail } from "./fault";
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
  if (!isReference<A>()) {
    ERROR("not an address: a message is sent to a Pid, a name (string or Atom), a Ref (an alias) or a RemoteName");
  } else {
    if (isNullable<A>()) assertAddress(changetype<usize>(to));
    if (isString<A>()) {
      const offset = encoder.beginNext();
      encoder.atom(changetype<string>(to));
      return offset;
    } else if (idof<A>() == idof<RemoteName>()) {
      const offset = encoder.beginNext();
      changetype<RemoteName>(to).__moonletEncode();
      return offset;
    } else if (isAddressBytes<A>()) {
      return 0;
    } else {
      ERROR("not an address: a message is sent to a Pid, a name (string or Atom), a Ref (an alias) or a RemoteName");
    }
  }
}

function assertAddress(to: usize): void {
  if (to == 0) fail("badarg", "no address: it is null");
}

/** The bytes of an address that is bytes already. */
@inline
export function bytesOfAddress<A>(to: A): usize {
  if (isNullable<A>()) assertAddress(changetype<usize>(to));
  return changetype<usize>(to);
}

/** Whether an address of that class is bytes already. */
@inline
export function isAddressBytes<A>(): bool {
  return idof<A>() == idof<Pid>() || idof<A>() == idof<Ref>() || idof<A>() == idof<Atom>() || idof<A>() == idof<Term>();
}

/** Where the address lies. */
@inline
export function addressPointer<A>(to: A, offset: usize): usize {
  return isAddressBytes<A>() ? changetype<usize>(to) : encoder.start() + offset;
}

/** How long it is. `offset` is what `placeAddress` gave, and nothing was encoded since. */
@inline
export function addressLength<A>(to: A, offset: usize): usize {
  return isAddressBytes<A>() ? changetype<Encoded>(to).byteLength : encoder.length() - offset;
}

/** The address for the text of an error. */
export function addressText<A>(to: A): string {
  if (isString<A>()) {
    return "'" + changetype<string>(to) + "'";
  } else if (idof<A>() == idof<RemoteName>()) {
    const remote = changetype<RemoteName>(to);
    return "{" + remote.name + ", " + remote.node + "}";
  } else {
    return changetype<nonnull<A>>(to).toString();
  }
}
