// What sys can watch a behaviour with: trace, log, statistics, and functions that the behaviour knows by name (stdlib manual, sys).
import { monotonicMs } from "./clock";
import { log } from "./log";
import { info, self } from "./process";
import { reportTrace } from "./report";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";

/** Gets its own state, a system event and the behaviour's pid; gives its next state, or the atom done to be removed. */
export type DebugFunction = (state: Term, event: Term, pid: Term) => Term;

const DEFAULT_LOG: i32 = 10;

@final
class Installed {
  constructor(readonly id: Term, readonly watch: DebugFunction, public state: Term) {}
}

@final
export class Debug {
  /** False while nothing watches: then no event is built. */
  active: bool = false;
  private known: Map<string, DebugFunction> = new Map();
  private traced: bool = false;
  private logged: Term[] | null = null;
  private logSize: i32 = DEFAULT_LOG;
  private counting: bool = false;
  private startedAt: i64 = 0;
  private reductionsAt: i64 = 0;
  private messagesIn: i32 = 0;
  private messagesOut: i32 = 0;
  private installed: Installed[] = [];

  /** Names a function for `install`. */
  know(name: string, watch: DebugFunction): void {
    this.known.set(name, watch);
  }

  /** Takes `{in, Message}`, `{out, Message, To}` or `{noreply, State}`. */
  handle(event: Term): void {
    const own = Term.of(self());
    if (this.traced) {
      reportTrace(own, event);
      log.info("*DBG* " + own.toString() + " " + event.toString());
    }
    const logged = this.logged;
    if (logged !== null) {
      logged.push(event);
      if (logged.length > this.logSize) logged.shift();
    }
    if (event.at(0).isAtomNamed("in")) this.messagesIn++;
    else if (event.at(0).isAtomNamed("out")) this.messagesOut++;
    const all = this.installed.slice(0);
    for (let i = 0; i < all.length; i++) {
      all[i].state = all[i].watch(all[i].state, event, own);
      if (all[i].state.isAtomNamed("done")) this.remove(all[i].id);
    }
    this.refresh();
  }

  /** Carries out `{debug, What}`; what it gives is what sys gives to its caller. */
  command(what: Term): Term {
    const answer = this.carryOut(what);
    this.refresh();
    return answer;
  }

  /** What is on, as get_status shows it. */
  list(): Term {
    const list: Term[] = [];
    if (this.traced) list.push(Term.tuple([word("trace"), Term.of<bool>(true)]));
    const logged = this.logged;
    if (logged !== null) {
      list.push(Term.tuple([word("log"), Term.tuple([Term.of<i32>(this.logSize), Term.of<Term[]>(logged)])]));
    }
    if (this.counting) list.push(Term.tuple([word("statistics"), this.counted()]));
    for (let i = 0; i < this.installed.length; i++) {
      list.push(Term.tuple([this.installed[i].id, this.installed[i].state]));
    }
    return Term.of<Term[]>(list);
  }

  private refresh(): void {
    this.active = this.traced || this.counting || this.logged !== null || this.installed.length > 0;
  }

  private carryOut(what: Term): Term {
    if (what.isAtomNamed("no_debug")) {
      this.traced = false;
      this.logged = null;
      this.counting = false;
      this.installed = [];
      return word("ok");
    }
    if (!what.isTuple || what.length != 2 || !what.at(0).isAtom) return word("unknown_debug");
    const name = what.at(0).text;
    const flag = what.at(1);
    if (name == "trace" && flag.is<bool>()) {
      this.traced = flag.as<bool>();
      return word("ok");
    }
    if (name == "log") return this.commandLog(flag);
    if (name == "statistics") return this.commandStatistics(flag);
    if (name == "install") return this.install(flag);
    if (name == "remove") {
      this.remove(flag);
      return word("ok");
    }
    return word("unknown_debug");
  }

  private commandLog(flag: Term): Term {
    const logged = this.logged;
    if (flag.isAtomNamed("get")) return Term.tuple([word("ok"), Term.of<Term[]>(logged === null ? [] : logged)]);
    if (flag.is<bool>()) {
      if (!flag.as<bool>()) this.logged = null;
      else if (logged === null) this.logged = [];
      return word("ok");
    }
    if (!flag.isTuple || flag.length != 2 || !flag.at(0).isAtomNamed("true")) return word("unknown_debug");
    const size = flag.at(1);
    // As many as anybody looks at: they are kept in this process.
    if (!size.isInteger || size.byteLength > 6 || size.as<i32>() < 1) return word("unknown_debug");
    this.logSize = size.as<i32>();
    const kept = logged === null ? new Array<Term>() : logged;
    this.logged = kept.slice(max(0, kept.length - this.logSize));
    return word("ok");
  }

  private commandStatistics(flag: Term): Term {
    if (flag.isAtomNamed("get")) return Term.tuple([word("ok"), this.counting ? this.counted() : word("no_statistics")]);
    if (!flag.is<bool>()) return word("unknown_debug");
    if (flag.as<bool>() && !this.counting) {
      this.startedAt = monotonicMs();
      this.reductionsAt = reductions();
      this.messagesIn = 0;
      this.messagesOut = 0;
    }
    this.counting = flag.as<bool>();
    return word("ok");
  }

  /** `Differs from OTP:` the times are milliseconds of the clock that only goes forward; a guest has no other. */
  private counted(): Term {
    return Term.of<Term[]>([
      Term.tuple([word("start_time"), Term.of<i64>(this.startedAt)]),
      Term.tuple([word("current_time"), Term.of<i64>(monotonicMs())]),
      Term.tuple([word("reductions"), Term.of<i64>(reductions() - this.reductionsAt)]),
      Term.tuple([word("messages_in"), Term.of<i32>(this.messagesIn)]),
      Term.tuple([word("messages_out"), Term.of<i32>(this.messagesOut)]),
    ]);
  }

  /** `{Name, State}` or `{Id, Name, State}`. `Differs from OTP:` of a function that is known by its name; a guest can receive none. */
  private install(what: Term): Term {
    if (!what.isTuple || what.length < 2 || what.length > 3) return word("unknown_debug");
    const name = what.at(what.length - 2);
    if ((!name.isAtom && !name.isText) || !this.known.has(name.text)) return word("unknown_debug");
    const id = what.at(0);
    for (let i = 0; i < this.installed.length; i++) if (this.installed[i].id == id) return word("ok");
    this.installed.unshift(new Installed(id, this.known.get(name.text), what.at(what.length - 1)));
    return word("ok");
  }

  private remove(id: Term): void {
    for (let i = this.installed.length - 1; i >= 0; i--) {
      if (this.installed[i].id == id) this.installed.splice(i, 1);
    }
  }
}

function reductions(): i64 {
  const items = info(self());
  return items === null ? 0 : items.get<Atom>(atom("reductions"))!.as<i64>();
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}
