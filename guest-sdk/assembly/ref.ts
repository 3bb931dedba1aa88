// References: what monitors, aliases, timers and calls are named by. Opaque: a guest gets them from the host and hands them back.
import { Encoded, sameTerm } from "./term/encoded";
import { identifierText } from "./term/print";

/** A reference. `==` compares; as the key of a Map use `toString()`. An alias is a reference that can be sent to. */
@final
export class Ref extends Encoded {
  private constructor() {
    super();
  }

  @operator("==")
  static equals(left: Ref | null, right: Ref | null): bool {
    return sameTerm(left, right);
  }

  @operator("!=")
  static differs(left: Ref | null, right: Ref | null): bool {
    return !sameTerm(left, right);
  }

  /** As Erlang prints one: `#Ref<0.0.HIGH.LOW>`. */
  toString(): string {
    return identifierText(this.pointer + 1);
  }
}
