// The newer version: its entries take the processes of the older one over, or fail to.
import {
  argument, atom, Caller, dictionary, Event, EventType, exit, log, Pid, print, ready, receive, receiveAny, send, Server, StateMachine, Term,
} from "moonlet/guest-sdk";

@message class Add { constructor(public n: i64) {} }
@message class Tick { constructor(public n: i64) {} }

class Counter extends Server {
  total: f64 = 0;
  previous: string = "";
  after: string = "";
  getState(): Term { return Term.of<f64>(this.total); }
  codeChange(oldVersion: Term, state: Term, extra: Term): void {
    if (extra.isAtomNamed("trap")) unreachable();
    if (extra.isAtomNamed("spin")) while (true) {}
    if (extra.isAtomNamed("refuse")) this.refuseChange<string>("not_today");
    if (extra.isAtomNamed("exit")) exit<string>("gone");
    if (extra.isAtomNamed("meddle")) dictionary.put<string, string>("colour", "blue");
    if (extra.isAtomNamed("wait")) receiveAny();
    if (extra.isAtomNamed("expects_text")) log.info(state.as<string>());
    this.previous = oldVersion.text;
    this.total = <f64>state.as<i64>();
    if (extra.isInteger) this.total += <f64>extra.as<i64>();
  }
  codeChanged(): void { this.after = dictionary.get<string>("colour").toString(); }
  handleCall(request: Term, from: Caller): void {
    if (request.isAtomNamed("version")) return from.reply<string>("new after " + this.previous);
    if (request.isAtomNamed("after")) return from.reply<string>(this.after);
    this.total += <f64>request.as<Add>().n;
    from.reply<f64>(this.total);
  }
  handleCast(message: Term): void { this.total += <f64>message.as<Add>().n; }
  handleInfo(message: Term): void { this.total += <f64>message.as<Tick>().n; }
}
export function code_change(): void { new Counter().takeOver(); }

/** Takes over from `plain`. */
export function plain(): void {
  const state = argument<Term>();
  const listener = state.at(0).as<Pid>();
  let total = state.at(1).as<i64>();
  ready();
  while (true) {
    total += receive<Add>().n * 100;
    send<Pid, i64>(listener, total);
  }
}

export function ends(): void {}
export function spins(): void { while (true) {} }
export function traps(): void { unreachable(); }
export function prints(): void { print("before it is ready"); }

/** Takes over from a spinner, with a state from outside. */
export function fresh(): void {
  const listener = argument<Pid>();
  ready();
  send<Pid, string>(listener, "new");
  receiveAny();
}

class Door extends StateMachine {
  opened: i64 = 0;
  log: string = "";
  constructor() { super("unknown"); }
  getData(): Term { return Term.of<string>(this.opened.toString() + this.log); }
  codeChange(oldVersion: Term, state: Term, extra: Term): void { this.opened = state.at(1).as<i64>(); }
  handleEvent(event: Event): void {
    if (event.type == EventType.StateTimeout) {
      this.log += " closed";
      this.nextState("shut");
    } else if (event.type == EventType.NamedTimeout) {
      this.log += " " + event.content.text;
    } else if (event.content.isAtomNamed("later")) {
      this.log += " late";
      event.reply(atom("done"));
    } else {
      event.reply(Term.tuple([this.state, this.getData()]));
    }
  }
}
export function door(): void { new Door().takeOver(); }
