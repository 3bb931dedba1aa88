// The third version has a mistake: it takes the second one's state for a number. Nobody notices but who asked for the change.
import { Caller, Server, Term } from "moonlet/guest-sdk";

class Till extends Server {
  cents: i64 = 0;

  codeChange(oldVersion: Term, state: Term, extra: Term): void {
    this.cents = state.as<i64>();
  }

  handleCall(request: Term, from: Caller): void {
    from.reply("the third version");
  }
}

export function code_change(): void {
  new Till().takeOver();
}
