// The first version of a shop's till: it knows what is in it, in whole euros.
import { Caller, serve, Server, Term } from "moonlet/guest-sdk";

class Till extends Server {
  euros: i64 = 0;

  handleCall(request: Term, from: Caller): void {
    if (request.isInteger) this.euros += request.as<i64>();
    from.reply(this.euros.toString() + " euros");
  }

  /** What the next version gets. */
  getState(): Term {
    return Term.of(this.euros);
  }
}

export function main(): void {
  serve(new Till());
}
