// A till: what is paid is added up, and what is no payment is the end of it.
import { Caller, serve, Server, Term } from "moonlet/guest-sdk";

@message class Pay { constructor(public amount: i32) {} }

class Till extends Server {
  total: i32 = 0;
  handleCall(request: Term, from: Caller): void {
    const pay = request.as<Pay>();
    if (pay.amount < 0) unreachable();
    this.total += pay.amount;
    from.reply(this.total);
  }
}

export function till(): void {
  serve(new Till());
}
