// A weather station as a gen_event: every measurement goes to all handlers; handlers come and go while it runs.
import {
  addHandler, atom, callHandler, deleteHandler, EventHandler, EventManager, notify, print, start, stopServer, syncNotify, Term,
  whichHandlers,
} from "moonlet/guest-sdk";

@message class Measured { constructor(public celsius: f64) {} }

class Printer extends EventHandler {
  name(): string {
    return "printer";
  }
  handleEvent(event: Term): void {
    print("printer: " + event.as<Measured>().celsius.toString() + " degrees");
  }
}

/** Warns once, of the first frost, and is gone then. */
class FrostAlarm extends EventHandler {
  name(): string {
    return "frost_alarm";
  }
  handleEvent(event: Term): void {
    if (event.as<Measured>().celsius >= 0) return;
    print("frost alarm!");
    this.remove();
  }
}

class Average extends EventHandler {
  sum: f64 = 0;
  count: i32 = 0;
  name(): string {
    return "average";
  }
  init(args: Term): void {
    this.sum = args.as<f64>();
    this.count = 1;
  }
  handleEvent(event: Term): void {
    this.sum += event.as<Measured>().celsius;
    this.count++;
  }
  handleCall(request: Term): Term {
    return Term.of(this.sum / this.count);
  }
  terminate(reason: Term): Term {
    return Term.of(this.count);
  }
}

function station(): void {
  new EventManager()
    .add(new Printer())
    .add(new FrostAlarm())
    .know("average", () => new Average())
    .run();
}

export function main(): void {
  const pid = start(station).pid!;
  const average = Term.of(atom("average"));
  notify(pid, new Measured(4));
  print("adding a handler: " + addHandler(pid, average, <f64>8).toString());
  notify(pid, new Measured(-2));
  syncNotify(pid, new Measured(-6));
  print("handlers: " + Term.of(whichHandlers(pid)).toString());
  print("average: " + callHandler(pid, average, atom("average")).toString());
  print("values when it was deleted: " + deleteHandler(pid, average, atom("enough")).toString());
  print("asking it once more: " + callHandler(pid, average, atom("average")).toString());
  stopServer(pid, "normal");
}
