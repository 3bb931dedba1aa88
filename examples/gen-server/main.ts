// A bank account as a gen_server: its state is its fields, calls are answered now or later, casts are not, and the system messages of
// OTP's sys are answered by themselves.
import {
  atom, call, Caller, cast, print, receiveResponse, sendRequest, Server, serve, start, stopServer, sys, Term, tryCall,
} from "moonlet/guest-sdk";

@message class Deposit { constructor(public amount: i64) {} }
@message class Withdraw { constructor(public amount: i64) {} }
@message class Balance {}
@message class WhenAbove { constructor(public amount: i64) {} }

class Account extends Server {
  balance: i64 = 0;
  /** Who waits for the balance to rise above `threshold`. */
  waiting: Caller | null = null;
  threshold: i64 = 0;

  /** Whoever starts the account waits for this. */
  init(): void {
    this.continueWith("the account is open");
  }

  handleContinue(argument: Term): void {
    print(argument.text);
  }

  handleCall(request: Term, from: Caller): void {
    if (request.is<Withdraw>()) {
      const amount = request.as<Withdraw>().amount;
      if (amount > this.balance) return from.reply(atom("insufficient_funds"));
      this.balance -= amount;
      from.reply(this.balance);
    } else if (request.is<Balance>()) {
      from.reply(this.balance);
    } else if (request.is<WhenAbove>()) {
      // No reply now: the caller goes on waiting until a deposit comes.
      this.threshold = request.as<WhenAbove>().amount;
      this.waiting = from;
    }
  }

  handleCast(message: Term): void {
    if (message.is<Deposit>()) this.balance += message.as<Deposit>().amount;
    const waiting = this.waiting;
    if (waiting !== null && this.balance > this.threshold) {
      waiting.reply(this.balance);
      this.waiting = null;
    }
  }

  terminate(reason: Term): void {
    print("the account closes (" + reason.toString() + ") with " + this.balance.toString());
  }

  getState(): Term {
    return Term.of(this.balance);
  }

  replaceState(state: Term): bool {
    this.balance = state.as<i64>();
    return true;
  }
}

function account(): void {
  serve(new Account());
}

export function main(): void {
  const pid = start(account).pid!;
  cast(pid, new Deposit(100));
  print("100 in, 30 out: " + call<Withdraw, i64>(pid, new Withdraw(30)).toString());
  print("500 out: " + call<Withdraw, Term>(pid, new Withdraw(500)).toString());

  const request = sendRequest(pid, new WhenAbove(1000));
  cast(pid, new Deposit(1000));
  print("above 1000: " + receiveResponse<i64>(request).value.toString());

  print("sys sees " + sys.getState(pid).toString());
  sys.replaceState(pid, <i64>7);
  sys.suspend(pid);
  print("suspended, it answers no calls: " + tryCall<Balance, i64>(pid, new Balance(), 20).reason!.toString());
  sys.resume(pid);
  print("resumed: " + call<Balance, i64>(pid, new Balance()).toString());
  stopServer(pid, "normal");
}
