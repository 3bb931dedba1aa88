// The second version counts cents, and customers: it takes over from the first one, and makes its state its own.
import { Caller, serve, Server, Term } from "moonlet/guest-sdk";

@message class Sum { constructor(public cents: i64, public customers: i32) {} }

class Till extends Server {
  cents: i64 = 0;
  customers: i32 = 0;

  codeChange(oldVersion: Term, state: Term, extra: Term): void {
    this.cents = state.as<i64>() * 100;
    this.customers = extra.as<i32>();
  }

  handleCall(request: Term, from: Caller): void {
    if (request.isInteger) {
      this.cents += request.as<i64>();
      this.customers++;
    }
    from.reply(this.cents.toString() + " cents of " + this.customers.toString() + " customers");
  }

  getState(): Term {
    return Term.of(new Sum(this.cents, this.customers));
  }
}

export function main(): void {
  serve(new Till());
}

/** Where it takes over a process of the first version. */
export function code_change(): void {
  new Till().takeOver();
}
