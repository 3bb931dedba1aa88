// The main job in one program: processes that exchange messages, one that loops for ever and starves nobody, and one that
// crashes and is restarted by its supervisor. Run it with `npm run demo`.
import {
  atom, call, Caller, exitSignal, info, Monitored, Pid, print, receiveDown, self, serve, Server, sleep, spawn,
  spawnMonitor, spawnMonitorWith, Supervisor, Strategy, Term, tryCall, whereis,
} from "moonlet/guest-sdk";

// Messages are classes. What goes over the wire is an Erlang tuple: {pay, Name, Amount}.

@message class Pay { constructor(public name: string, public amount: i32) {} }
@message class Count {}

// A server: its fields are its state, and what it is asked arrives one by one. Nothing is ever locked.

class Till extends Server {
  total: i32 = 0;

  handleCall(request: Term, from: Caller): void {
    if (request.is<Pay>()) {
      const pay = request.as<Pay>();
      if (pay.amount <= 0) throw new Error("a forged coin from " + pay.name);
      this.total += pay.amount;
      say("till", pay.name + " pays " + pay.amount.toString() + ", that makes " + this.total.toString());
    }
    from.reply(this.total);
  }
}

function till(): void {
  say("till", "open, and empty");
  serve(new Till());
}

// The supervisor starts the till and starts it again when it crashes; more than three times in five seconds and it gives up.

function supervisor(): void {
  new Supervisor(Strategy.OneForOne, 3, 5).named("till", till).run();
}

/** Never waits, never yields, never ends. */
function spinner(): void {
  let n: u64 = 0;
  while (true) n++;
}

@message class Customer { constructor(public name: string, public coins: i32[]) {} }

function customer(me: Customer): void {
  for (let i = 0; i < me.coins.length; i++) {
    call<Pay, i32, string>("till", new Pay(me.name, me.coins[i]));
    sleep(1);
  }
}

export function main(): void {
  say("main", "I start a spinner, which loops for ever, and a supervisor, which runs the till");
  const spinning = spawn(spinner);
  const supervising = spawnMonitor(supervisor);
  awaitTill(null);

  say("main", "three customers come at the same time");
  const customers: Monitored[] = [
    spawnMonitorWith(customer, new Customer("Ada", [10, 20])),
    spawnMonitorWith(customer, new Customer("Joe", [5])),
    spawnMonitorWith(customer, new Customer("Kim", [1, 2, 2])),
  ];
  for (let i = 0; i < customers.length; i++) receiveDown(customers[i].ref);
  say("main", "all have paid; the till holds " + call<Count, i32, string>("till", new Count()).toString());

  const first = whereis("till");
  say("main", "now somebody pays with a forged coin, and the till will crash");
  const result = tryCall<Pay, i32, string>("till", new Pay("Mallory", 0));
  if (result.ok) throw new Error("the till took it");
  say("main", "the till has crashed, as expected; nobody else has");

  awaitTill(first);
  say("main", "the supervisor has started a new one, and business goes on");
  call<Pay, i32, string>("till", new Pay("Ada", 30));

  say("main", "all the time the spinner has been spinning: it was charged " + reductionsOf(spinning) + " units of fuel,");
  say("main", "and was stopped after each slice of them so that the others got their turn");

  exitSignal(spinning, "shutdown");
  exitSignal(supervising.pid, "shutdown");
  receiveDown(supervising.ref);
  say("main", "the supervisor has ended its till and itself; so do I");
}

/** Waits until a process other than `old` is registered as till. */
function awaitTill(old: Pid | null): void {
  while (whereis("till") == null || whereis("till") == old) sleep(1);
}

function reductionsOf(pid: Pid): string {
  const known = info(pid);
  if (known === null) return "no";
  const reductions = known.get(atom("reductions"));
  return reductions === null ? "no" : reductions.toString();
}

function say(who: string, what: string): void {
  print(self().toString() + " " + who.padEnd(5) + " " + what);
}
