// A bank with one account, a supervisor that runs it, and two customers: `careful` counts only on what it was told, `trusting` takes it
// for granted that the account remembers.
import { atom, exit, log, reachable, serve, Server, Caller, sleep, spawn, Strategy, Supervisor, Term, tryCall, whereis } from "moonlet/guest-sdk";

@message class Deposit { constructor(public amount: i32) {} }

class Account extends Server {
  balance: i32 = 0;

  handleCall(request: Term, from: Caller): void {
    this.balance += request.as<Deposit>().amount;
    from.reply(this.balance);
  }
}

function account(): void {
  serve(new Account());
}

function supervisor(): void {
  new Supervisor(Strategy.OneForOne, 5, 5).named("account", account).run();
}

function open(): void {
  spawn(supervisor);
  while (whereis("account") === null) sleep(1);
}

/** Deposits five times, ten minutes apart, and again where no answer came. */
export function careful(): void {
  open();
  for (let i = 0; i < 5; i++) {
    while (!tryCall<Deposit, i32, string>("account", new Deposit(1)).ok) {
      reachable("no answer");
      sleep(1000);
    }
    sleep(600_000);
  }
  log.info("five deposits made");
}

export function trusting(): void {
  open();
  let expected = 0;
  for (let i = 0; i < 5; i++) {
    const result = tryCall<Deposit, i32, string>("account", new Deposit(1));
    if (result.ok && result.value != ++expected) exit(atom("money_is_gone"));
    sleep(600_000);
  }
}
