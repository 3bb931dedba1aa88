// A tenant's program, first version: amounts under numbers, and every way in which a stranger's code can misbehave.
import { argument, Caller, ready, serve, Server, Term } from "moonlet/guest-sdk";

@message class Put { constructor(public key: i32, public amount: i64) {} }
/** How the second version hands its state over. */
@message class Book { constructor(public keys: i32[], public amounts: i64[]) {} }

class Ledger extends Server {
  amounts: Map<i32, i64> = new Map();

  getState(): Term { return Term.of(this.amounts); }

  codeChange(oldVersion: Term, state: Term, extra: Term): void {
    const book = state.as<Book>();
    for (let i = 0; i < book.keys.length; i++) this.amounts.set(book.keys[i], book.amounts[i]);
  }

  handleCall(request: Term, from: Caller): void {
    if (request.is<Put>()) {
      const put = request.as<Put>();
      this.amounts.set(put.key, put.amount);
    } else if (request.isAtomNamed("trap")) {
      unreachable();
    } else if (request.isAtomNamed("spin")) {
      while (true) {}
    } else if (request.isAtomNamed("hog")) {
      const all: ArrayBuffer[] = [];
      while (true) all.push(new ArrayBuffer(100_000));
    }
    from.reply(this.sum());
  }

  sum(): i64 {
    let sum: i64 = 0;
    const amounts = this.amounts.values();
    for (let i = 0; i < amounts.length; i++) sum += amounts[i];
    return sum;
  }
}

export function main(): void {
  serve(new Ledger());
}

export function code_change(): void {
  new Ledger().takeOver();
}

/** Begins with a state that somebody else has kept. */
export function restored(): void {
  const ledger = new Ledger();
  ledger.amounts = argument<Map<i32, i64>>();
  ready();
  serve(ledger);
}
