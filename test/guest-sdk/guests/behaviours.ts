// Servers, state machines, event managers and tables that JavaScript talks to, and guests that talk to JavaScript's.
import {
  atom, call, Caller, callHandler, checkResponse, Event, EventHandler, EventManager, EventType, exit, groupLeader, groups, joinGroup,
  namedTable, newTable, newTermTable, notify, parseTerm, Pid, print, processes, receive, receiveAny, register, registered, resume,
  self, send, sendRequest, serve, Server, setGroupLeader, sleep, spawn, SpawnOptions, start, StartResult, startWith, startWithin,
  StateMachine, stopServer, suspend, sys, syncNotify, TableOptions, TableType, Term, Time, trapExit, tryCall, useGroupScope,
  waitResponse, whereisTable, whichHandlers,
} from "moonlet/guest-sdk";

@message class Add { constructor(public n: i32) {} }

class Counter extends Server {
  total: i32 = 0;
  handleCall(request: Term, from: Caller): void {
    if (request.is<Add>()) {
      this.total += request.as<Add>().n;
      from.reply(this.total);
    } else if (request.isAtomNamed("later")) {
      this.timeoutIn(5);
      from.reply(atom("soon"));
    } else if (request.isAtomNamed("stop")) {
      this.replyAndStop(from, "stopped", "enough");
    } else if (request.isAtomNamed("continue")) {
      from.reply(atom("ok"));
      this.continueWith<i32>(1000);
    }
  }
  handleCast(message: Term): void { this.total = message.as<i32>(); }
  handleInfo(message: Term): void { print("info " + message.toString()); }
  handleContinue(argument: Term): void { this.total += argument.as<i32>(); }
  handleTimeout(): void { print("timeout"); }
  terminate(reason: Term): void { print("terminate " + reason.toString()); }
  getState(): Term { return Term.of(this.total); }
  replaceState(state: Term): bool {
    if (!state.isInteger) return false;
    this.total = state.as<i32>();
    return true;
  }
}
export function counter(): void {
  trapExit();
  serve(new Counter());
}

/** Its init does what its argument says. */
class Picky extends Server {
  constructor(readonly wish: string) {
    super();
  }
  init(): void {
    if (this.wish == "ignore") this.ignore();
    else if (this.wish == "refuse") this.stopWith("not_today");
    else if (this.wish == "exit") exit("gone");
    else if (this.wish == "sleep") sleep(60_000);
  }
}
function picky(wish: string): void { serve(new Picky(wish)); }
function sleepy(): void { serve(new Picky("sleep")); }

function told(result: StartResult): string {
  const reason = result.reason;
  return result.ok ? "ok" : result.isIgnored ? "ignored" : reason!.toString();
}
export function starts(): void {
  const named = new SpawnOptions();
  named.name = "picky";
  print(told(startWith<string>(picky, "ignore", named)));
  print(told(startWith<string>(picky, "refuse", named)));
  print(told(startWith<string>(picky, "exit", named)));
  const started = startWith<string>(picky, "go", named);
  print(told(started));
  const again = startWith<string>(picky, "go", named).reason!;
  print(again.at(0).toString() + " " + (again.at(1).as<Pid>() == started.pid!).toString());
  print(told(startWithin(sleepy, 10)));
  stopServer(started.pid!, "normal");
  print(told(startWith<string>(picky, "go", named)));
  stopServer("picky", "normal");
}

/** Logs the order of events, as its data. */
class Machine extends StateMachine {
  seen: string[] = [];
  init(): void { this.stateEnter = true; }
  handleEnter(previous: Term): void { this.seen.push("enter " + this.state.toString() + " from " + previous.toString()); }
  handleEvent(event: Event): void {
    const what = event.content.toString();
    this.seen.push(this.state.toString() + ": " + what);
    if (event.type == EventType.Call) {
      if (event.content.isAtomNamed("seen")) return event.reply(this.seen);
      if (event.content.isAtomNamed("stop")) {
        event.reply(atom("bye"));
        return this.stopWith("done");
      }
      return this.isIn("a") ? this.postpone() : event.reply(this.state);
    }
    if (event.content.isAtomNamed("go")) {
      this.nextState("b");
      this.nextEvent("first");
      this.nextEvent("second");
      this.stateTimeout(0, "due");
      this.namedTimeout("other", 30, "never");
      this.namedTimeout("soon", 30, "old");
    } else if (event.content.isAtomNamed("last")) {
      this.namedTimeout("soon", Time.Update, "new");
    } else if (event.content.isAtomNamed("again")) {
      this.repeatState();
      this.namedTimeout("other", Time.Cancel, 0);
    } else if (event.content.isAtomNamed("bad")) {
      this.eventTimeout(-7, 0);
    }
  }
  getData(): Term { return Term.of(this.seen.length); }
  replaceData(data: Term): bool {
    this.seen = [];
    return true;
  }
  terminate(reason: Term): void { print("terminate " + reason.toString()); }
}
export function machine(): void { new Machine("a").run(); }

class Sum extends EventHandler {
  sum: i32 = 0;
  name(): string { return "sum"; }
  init(args: Term): void {
    if (args.isAtom) return this.refuse(atom("no_number"));
    this.sum = args.isTuple ? args.at(0).as<i32>() + args.at(1).as<i32>() : args.as<i32>();
  }
  handleEvent(event: Term): void {
    if (event.isAtomNamed("leave")) this.remove();
    else this.sum += event.as<i32>();
  }
  handleCall(request: Term): Term { return Term.of(this.sum); }
  handleInfo(message: Term): void { print("info " + message.toString()); }
  terminate(reason: Term): Term {
    print("terminate " + reason.toString());
    return Term.of(this.sum);
  }
  getState(): Term { return Term.of(this.sum); }
}
export function manager(): void { new EventManager().know("sum", () => new Sum()).run(); }

/** Asks JavaScript's behaviours, which are registered. */
export function asksJavaScript(): void {
  print("total " + call<Add, i32, string>("counter", new Add(5)).toString());
  print("state " + sys.getState("counter").toString());
  const request = sendRequest<Add, string>("counter", new Add(1));
  print("message " + checkResponse<i32>(receiveAny(), request)!.value.toString());
  const other = sendRequest<Add, string>("counter", new Add(1));
  print("waited " + waitResponse<i32>(other, 1000)!.value.toString());
  notify("events", "one");
  syncNotify("events", "two");
  print("handlers " + Term.of(whichHandlers("events")).toString());
  print("answer " + callHandler("events", Term.of(atom("keeper")), atom("all")).toString());
  stopServer("counter", "normal");
}
export function callsItself(): void { print(tryCall<string, string>(self(), "me").reason!.toString()); }

// Tables

export function keepsTable(): void {
  const options = new TableOptions();
  options.type = TableType.OrderedSet;
  options.named = true;
  const table = newTable<i32, string>("kept", options);
  for (let i = 0; i < 5; i++) table.set(i, "v" + i.toString());
  const to = receive<Pid>();
  table.giveAway(to, "yours");
  receiveAny();
}
export function usesTable(): void {
  const table = namedTable<i32, string>("shared");
  table.set(7, "from the guest");
  print(table.get(1) + " " + table.has(2).toString() + " " + table.size.toString());
}
export function writesProtected(): void { namedTable<i32, string>("protected").set(1, "mine"); }
export function operates(): void {
  const bag = new TableOptions();
  bag.type = TableType.DuplicateBag;
  const many = newTable<string, i32>("many", bag);
  many.set("a", 1);
  many.set("a", 1);
  many.set("a", 2);
  print(many.getAll("a").join(" ") + ", " + many.take("a").length.toString() + " taken, " + many.size.toString() + " left");
  const raw = newTermTable("raw");
  raw.insert(parseTerm("[{k1, 1, a}, {k2, 2, b}, {undefined, 3, c}]"));
  print(raw.insertNew(parseTerm("{k1, 0}")).toString() + " " + raw.member(atom("k2")).toString());
  print(raw.updateCounter(atom("k1"), parseTerm("{2, 10, 5, 0}")).toString());
  print(raw.updateElement(atom("k1"), parseTerm("[{3, <<\"text\">>}]")).toString() + " " + raw.lookup(atom("k1"))[0].toString());
  print((raw.lookupElement(atom("none"), 1) === null).toString());
  print(raw.selectReplace(parseTerm("[{{'$1','$2','_'},[{'=:=','$2',2}],[{{'$1','$2',changed}}]}]")).toString());
  print(Term.of(raw.match(parseTerm("{'_','$1',changed}"))).toString());
  print(raw.selectCount(parseTerm("[{'_',[],[true]}]")).toString());
  let keys = 0;
  raw.fix();
  for (let key = raw.first(); key !== null; key = raw.next(key)) {
    keys++;
    raw.delete(key);
  }
  raw.fix(false);
  print(keys.toString() + " keys, " + raw.size.toString() + " left, " + (raw.info()!.get(atom("type"))!.toString()));
  print((whereisTable("raw") === null).toString() + " " + raw.rename("other").id.isRef.toString());
  raw.drop();
  print((raw.info() === null).toString());
  raw.toArray();
}

// Operations

function leaf(): void {
  print("leader " + (groupLeader() == receive<Pid>()).toString());
}
export function operations(): void {
  print("no leader " + (groupLeader() === null).toString());
  setGroupLeader(self());
  send(spawn(leaf), self());
  sleep(5);
  register("operator");
  print(registered().join(" ") + " " + processes().includes(self()).toString());
  const child = start(counter).pid!;
  suspend(child);
  print(tryCall<Add, i32>(child, new Add(1), 5).timedOut.toString());
  resume(child);
  print(call<Add, i32>(child, new Add(1)).toString());
  joinGroup("here");
  print(Term.of(groups()).toString());
  useGroupScope("other");
  print(Term.of(groups()).toString());
  stopServer(child, "shutdown");
}
