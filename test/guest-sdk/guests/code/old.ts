// The older version of what test/guest-sdk/code-change.test.ts changes the code of.
import {
  atom, Caller, changeCode, dictionary, Event, EventType, Pid, receive, receiveAny, Ref, register, self, send, sendAfter, serve, Server,
  StateMachine, Term, trapExit,
} from "moonlet/guest-sdk";

@message class Add { constructor(public n: i64) {} }
@message class Change { constructor(public code: Ref, public entry: string) {} }
@message class Kept { constructor(public by: Pid, public total: i64, public reason: Term) {} }
@message class Tick { constructor(public n: i64) {} }

class Counter extends Server {
  total: i64 = 0;
  init(): void { this.idleTimeout = 5_000; }
  getState(): Term { return Term.of<i64>(this.total); }
  handleCall(request: Term, from: Caller): void {
    if (request.isAtomNamed("version")) return from.reply<string>("old");
    if (request.isAtomNamed("trap")) unreachable();
    this.total += request.as<Add>().n;
    from.reply<i64>(this.total);
  }
  handleCast(message: Term): void { this.total += message.as<Add>().n; }
  handleInfo(message: Term): void { this.total += message.as<Tick>().n; }
}
export function counter(): void { serve(new Counter()); }

/** With all that a process has of its own. */
export function settled(): void {
  trapExit();
  register("counter");
  dictionary.put<string, string>("colour", "red");
  sendAfter<Pid, Tick>(1_000, self(), new Tick(1_000));
  serve(new Counter());
}

/** A loop of its own: no behaviour. */
export function plain(): void {
  let total: i64 = 0;
  const listener = receive<Pid>();
  while (true) {
    const message = receiveAny();
    if (message.is<Add>()) {
      total += message.as<Add>().n;
      send<Pid, i64>(listener, total);
    } else {
      const change = message.as<Change>();
      const reason = changeCode<Term>(change.code, Term.tuple([Term.of<Pid>(listener), Term.of<i64>(total)]), change.entry);
      send<Pid, Kept>(listener, new Kept(self(), total, reason));
    }
  }
}

/** Spins, and hands nothing over. */
export function spinner(): void {
  while (true) {}
}

/** Waits for one message for so long, and says what came. */
export function patient(): void {
  const listener = receive<Pid>();
  const add = receive<Add>();
  send<Pid, string>(listener, "old got " + add.n.toString());
}

class Door extends StateMachine {
  opened: i64 = 0;
  getData(): Term { return Term.of<i64>(this.opened); }
  handleEvent(event: Event): void {
    if (event.type == EventType.Cast && event.content.isAtomNamed("open")) {
      this.opened++;
      this.nextState("open");
      this.stateTimeout(1_000, atom("close"));
      this.namedTimeout("alarm", 3_000, atom("ring"));
    } else if (event.content.isAtomNamed("later")) {
      this.postpone();
    } else {
      event.reply(Term.tuple([this.state, this.getData()]));
    }
  }
}
export function door(): void { new Door("shut").run(); }
