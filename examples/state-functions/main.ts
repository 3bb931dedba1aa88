// A vending machine with a function for each state, as gen_statem's callback mode state_functions.
import {
  Atom, atom, call, cast, Event, EventType, Pid, print, sleep, start, StateFunctions, stopServer, sys, Term,
} from "moonlet/guest-sdk";

@message class Coin { constructor(public value: i32) {} }

class Machine extends StateFunctions {
  private credit: i32 = 0;

  constructor() {
    super("idle");
    this.inState<Machine>("idle", (machine: Machine, event: Event) => machine.idle(event));
    this.inState<Machine>("paying", (machine: Machine, event: Event) => machine.paying(event));
    this.inState<Machine>("serving", (machine: Machine, event: Event) => machine.serving(event));
    this.onEnter<Machine>("paying", (machine: Machine, previous: Term) => machine.hurryUp(previous));
    this.onEnter<Machine>("serving", (machine: Machine, previous: Term) => machine.brew());
  }

  getData(): Term {
    return Term.of(this.credit);
  }

  idle(event: Event): void {
    if (event.content.is<Coin>()) {
      this.nextState("paying");
      // This event once more, in the new state.
      this.postpone();
    } else {
      event.reply("insert a coin");
    }
  }

  hurryUp(previous: Term): void {
    print("paying, after " + previous.toString());
    this.stateTimeout(150, "too slow");
  }

  paying(event: Event): void {
    if (event.type == EventType.StateTimeout) {
      print(event.content.text + ": " + this.credit.toString() + " back");
      this.credit = 0;
      return this.nextState("idle");
    }
    if (!event.content.is<Coin>()) return event.reply("more, please");
    this.credit += event.content.as<Coin>().value;
    if (this.credit >= 3) this.nextState("serving");
    else this.stateTimeout(150, "too slow");
  }

  brew(): void {
    this.credit -= 3;
    this.namedTimeout("brewing", 5, "coffee");
  }

  serving(event: Event): void {
    if (event.type != EventType.NamedTimeout) return this.postpone();
    print("here is your " + event.content.text);
    this.nextState("idle");
  }
}

function machine(): void {
  new Machine().run();
}

function ask(pid: Pid): string {
  return call<Atom, string>(pid, atom("coffee"));
}

export function main(): void {
  const pid = start(machine).pid!;
  print(ask(pid));
  cast(pid, new Coin(1));
  print(ask(pid));
  print("sys sees " + sys.getState(pid).toString());
  sleep(300);
  print(ask(pid));
  cast(pid, new Coin(2));
  cast(pid, new Coin(2));
  // Asked while it is brewing: answered when it is idle again.
  print(ask(pid));
  print("sys sees " + sys.getState(pid).toString());
  stopServer(pid, "normal");
}
