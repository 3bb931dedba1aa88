// A tenant's program, second version: keeps its amounts in another form, and fails to take over in each way that it is
// told to, or only later.
import { Caller, exit, send, self, serve, Server, Term } from "moonlet/guest-sdk";

@message class Put { constructor(public key: i32, public amount: i64) {} }
@message class Book { constructor(public keys: i32[], public amounts: i64[]) {} }

class Ledger extends Server {
  keys: i32[] = [];
  amounts: i64[] = [];
  isFaulty: bool = false;

  getState(): Term { return Term.of(new Book(this.keys, this.amounts)); }

  codeChange(oldVersion: Term, state: Term, extra: Term): void {
    if (extra.isAtomNamed("trap")) unreachable();
    if (extra.isAtomNamed("spin")) while (true) {}
    if (extra.isAtomNamed("refuse")) this.refuseChange("no");
    if (extra.isAtomNamed("exit")) exit("gone");
    if (extra.isAtomNamed("meddle")) send(self(), "nobody shall see this");
    if (extra.isAtomNamed("misread")) send(self(), state.as<string>());
    this.isFaulty = extra.isAtomNamed("faulty");
    const amounts = state.as<Map<i32, i64>>();
    this.keys = amounts.keys();
    this.amounts = amounts.values();
  }

  handleCall(request: Term, from: Caller): void {
    if (this.isFaulty) unreachable();
    if (request.is<Put>()) {
      const put = request.as<Put>();
      const at = this.keys.indexOf(put.key);
      if (at < 0) {
        this.keys.push(put.key);
        this.amounts.push(put.amount);
      } else {
        this.amounts[at] = put.amount;
      }
    } else if (request.isAtomNamed("trap")) {
      unreachable();
    } else if (request.isAtomNamed("spin")) {
      while (true) {}
    } else if (request.isAtomNamed("hog")) {
      const all: ArrayBuffer[] = [];
      while (true) all.push(new ArrayBuffer(100_000));
    }
    let sum: i64 = 0;
    for (let i = 0; i < this.amounts.length; i++) sum += this.amounts[i];
    from.reply(sum);
  }
}

export function main(): void {
  serve(new Ledger());
}

export function code_change(): void {
  new Ledger().takeOver();
}
