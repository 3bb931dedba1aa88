// Process identifiers, as the host encodes them. Opaque: a guest gets them from the host and hands them back.
import { Encoded, sameTerm } from "./term/encoded";
import { identifierText } from "./term/print";

/** Identifies a process. `==` compares; as the key of a Map use `toString()`, for a Map compares keys by identity. */
// Global, because asc looks up the default of a type parameter (`call<Req, Res, A = Pid>`) where the call is written.
// @ts-ignore: decorator
@global @final
export class Pid extends Encoded {
  private constructor() {
    super();
  }

  @operator("==")
  static equals(left: Pid | null, right: Pid | null): bool {
    return sameTerm(left, right);
  }

  @operator("!=")
  static differs(left: Pid | null, right: Pid | null): bool {
    return !sameTerm(left, right);
  }

  /** As Erlang prints a local pid: `<0.ID.SERIAL>`. */
  toString(): string {
    return identifierText(this.pointer + 1);
  }
}
