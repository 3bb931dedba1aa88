// What a supervisor is told of a child: how it starts, and how it is kept (stdlib manual, supervisor). Also as the map that other programs
// and JavaScript send.
import { FOR_EVER } from "./abi/code";
import { fail } from "./fault";
import { Pid } from "./pid";
import { link } from "./process";
import { argumentEntry, SpawnOptions } from "./spawn";
import { startEntry, startEntryWith, StartResult, startTerm, trySpawnTerm } from "./start";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";

/** When a child that ended is started again. */
export const enum Restart {
  /** Always. */
  Permanent,
  /** When its exit reason is another than normal, shutdown and `{shutdown, _}`. */
  Transient,
  /** Never. */
  Temporary,
}

/** Times for `ChildSpec.shutdownMs` that are no milliseconds. */
export const enum Shutdown {
  /** It is killed at once. */
  BrutalKill = -2,
  /** It takes as long as it takes: for supervisors, which have children of their own to end. */
  Infinity = -1,
}

const BRUTAL_KILL: u32 = 0xfffffffe;

/** How a child starts. */
const enum Start {
  /** A function, of which nothing is awaited. */
  Function,
  /** A function that runs a behaviour: it is up when its `init` has returned. */
  Behaviour,
  /** An exported function by its name. */
  Export,
  /** A function that runs in the supervisor and starts the child. */
  Starter,
}

/** One child: what it runs and how it is kept. Its fields may be changed until it is given to a supervisor. */
@final
export class ChildSpec {
  restart: Restart = Restart.Permanent;
  /** Milliseconds the child has to end by itself when it is told to; then it is killed. Of type `Shutdown` for what is no time. */
  shutdownMs: u32 = 5000;
  /** Whether it is a supervisor. */
  isSupervisor: bool = false;
  /** Whether its end counts for the supervisor's `autoShutdown`. */
  significant: bool = false;
  /** Registers the child under this name. */
  name: string | null = null;
  private how: Start = Start.Function;
  private index: u32 = 0;
  /** The function that runs the one with that index; 0 for one that takes no argument. */
  private entry: u32 = 0;
  private argument: Term | null = null;
  private exported: Term | null = null;

  private constructor(
    /** Tells the child apart: any term, unique within a supervisor. */
    readonly id: Term,
  ) {}

  /** A child that runs this function. It counts as up at once. */
  static of<I>(id: I, start: () => void): ChildSpec {
    const spec = new ChildSpec(Term.of<I>(id));
    spec.index = start.index;
    return spec;
  }

  /** The same with an argument. */
  static with<I, T>(id: I, start: (argument: T) => void, argument: T): ChildSpec {
    const spec = ChildSpec.kind<I, T>(id, start);
    spec.argument = Term.of<T>(argument);
    return spec;
  }

  /** For a dynamic supervisor: each child gets the argument that it is started with. */
  static kind<I, T>(id: I, start: (argument: T) => void): ChildSpec {
    const spec = new ChildSpec(Term.of<I>(id));
    spec.index = start.index;
    spec.entry = argumentEntry<T>();
    return spec;
  }

  /** A child that runs a behaviour: the supervisor goes on when its `init` has returned, and its start fails when that says so. */
  static server<I>(id: I, start: () => void): ChildSpec {
    const spec = ChildSpec.of<I>(id, start);
    spec.how = Start.Behaviour;
    spec.entry = startEntry();
    return spec;
  }

  /** The same with an argument. */
  static serverWith<I, T>(id: I, start: (argument: T) => void, argument: T): ChildSpec {
    const spec = ChildSpec.serverKind<I, T>(id, start);
    spec.argument = Term.of<T>(argument);
    return spec;
  }

  /** `kind` of behaviours. */
  static serverKind<I, T>(id: I, start: (argument: T) => void): ChildSpec {
    const spec = ChildSpec.of<I>(id, () => {});
    spec.index = start.index;
    spec.how = Start.Behaviour;
    spec.entry = startEntryWith<T>();
    return spec;
  }

  /** A child that is a supervisor: it has as long as it takes to end. */
  static supervisor<I>(id: I, start: () => void): ChildSpec {
    const spec = ChildSpec.server<I>(id, start);
    spec.isSupervisor = true;
    spec.shutdownMs = FOR_EVER;
    return spec;
  }

  /** A child that runs the exported function of that name. */
  static exported<I>(id: I, name: string): ChildSpec {
    const spec = new ChildSpec(Term.of<I>(id));
    spec.how = Start.Export;
    spec.exported = Term.of<string>(name);
    return spec;
  }

  /** A child that this function starts, which runs in the supervisor: any process that there is. It is linked then. */
  static starting<I>(id: I, starter: () => StartResult): ChildSpec {
    const spec = new ChildSpec(Term.of<I>(id));
    spec.how = Start.Starter;
    spec.index = starter.index;
    return spec;
  }

  /** Registers the child under this name, after every restart again. */
  named(name: string): ChildSpec {
    this.name = name;
    return this;
  }

  restarting(restart: Restart): ChildSpec {
    this.restart = restart;
    return this;
  }

  /** Milliseconds, or a `Shutdown`. */
  within(shutdownMs: u32): ChildSpec {
    this.shutdownMs = shutdownMs;
    return this;
  }

  asSignificant(): ChildSpec {
    this.significant = true;
    return this;
  }

  get isKilled(): bool {
    return this.shutdownMs == BRUTAL_KILL;
  }

  /** What it is called in logs. */
  get title(): string {
    return this.id.isText || this.id.isAtom ? this.id.text : this.id.toString();
  }

  /** Starts the child, linked with this process. `extra` is what a dynamic supervisor was told to start one more with. */
  launch(extra: Term | null): StartResult {
    if (this.how == Start.Starter) {
      const started = call_indirect<StartResult>(this.index);
      const pid = started.pid;
      if (pid !== null) link(pid);
      return started;
    }
    const options = new SpawnOptions();
    options.link = true;
    options.name = this.name;
    options.label = this.title;
    const argument = extra === null ? this.argument : argumentOf(extra);
    if (this.how == Start.Behaviour) return startTerm(this.entry, this.index, argument, options);
    if (this.how == Start.Export) return trySpawnTerm(this.exported!, argument, options);
    if (this.entry == 0) return trySpawnTerm(Term.of<u32>(this.index), null, options);
    if (argument === null) {
      fail("badarg", "ChildSpec " + this.title + ": a child of this kind is started with an argument");
      return unreachable();
    }
    return trySpawnTerm(Term.of<u32>(this.entry), Term.tuple([Term.of<u32>(this.index), argument]), options);
  }

  // ---- as a term

  /** The map that `supervisor:get_childspec` gives. Its `start` means something to this program only. */
  toTerm(): Term {
    const pairs = [
      word("id"), this.id, word("start"), this.startTerm(), word("restart"), this.restartTerm(),
      word("shutdown"), this.shutdownTerm(), word("type"), this.typeTerm(),
      word("significant"), Term.of<bool>(this.significant), word("modules"), Term.of<Term[]>([]),
    ];
    const name = this.name;
    if (name !== null) {
      pairs.push(word("name"));
      pairs.push(word(name));
    }
    return Term.map(pairs);
  }

  /** The child's record, as it stands in the error of a start that failed. */
  toRecord(pid: Pid | null): Term {
    return Term.tuple([
      word("child"), pid === null ? word("undefined") : Term.of<Pid>(pid), this.id, this.startTerm(), this.restartTerm(),
      Term.of<bool>(this.significant), this.shutdownTerm(), this.typeTerm(), Term.of<Term[]>([]),
    ]);
  }

  restartTerm(): Term {
    if (this.restart == Restart.Permanent) return word("permanent");
    return word(this.restart == Restart.Transient ? "transient" : "temporary");
  }

  shutdownTerm(): Term {
    if (this.shutdownMs == FOR_EVER) return word("infinity");
    return this.isKilled ? word("brutal_kill") : Term.of<u32>(this.shutdownMs);
  }

  typeTerm(): Term {
    return word(this.isSupervisor ? "supervisor" : "worker");
  }

  private startTerm(): Term {
    const argument = this.argument;
    if (this.how == Start.Export) {
      return Term.tuple([word("guest"), this.exported!, Term.of<Term[]>(argument === null ? [] : [argument])]);
    }
    return Term.tuple([
      word("$start"), Term.of<i32>(this.how), Term.of<u32>(this.entry), Term.of<u32>(this.index),
      argument === null ? word("undefined") : argument,
    ]);
  }

  /** Sets how the child starts from a term; false for what is none. */
  private readStart(start: Term): bool {
    if (start.isAtom || start.isText) {
      this.how = Start.Export;
      this.exported = start;
      return true;
    }
    if (!start.isTuple) return false;
    if (start.length == 3 && (start.at(1).isAtom || start.at(1).isText) && start.at(2).isList) {
      this.how = Start.Export;
      this.exported = start.at(1);
      if (start.at(2).length > 0) this.argument = argumentOf(start.at(2));
      return true;
    }
    if (start.length != 5 || !start.at(0).isAtomNamed("$start")) return false;
    const how = natural(start.at(1));
    const entry = natural(start.at(2));
    const index = natural(start.at(3));
    if (how < 0 || how > <i64>Start.Starter || entry < 0 || index < 0) return false;
    this.how = <Start>how;
    this.entry = <u32>entry;
    this.index = <u32>index;
    if (!start.at(4).isAtomNamed("undefined")) this.argument = start.at(4);
    return true;
  }

  /** A specification from a map, or the reason against it (as OTP's check_childspecs). */
  static read(map: Term, autoShutdown: bool): ReadSpec {
    if (!map.isMap) return wrong("invalid_child_spec", map);
    const id = map.get<Atom>(atom("id"));
    if (id === null) return new ReadSpec(null, word("missing_id"));
    const start = map.get<Atom>(atom("start"));
    if (start === null) return new ReadSpec(null, word("missing_start"));
    const spec = new ChildSpec(id);
    if (!spec.readStart(start)) return wrong("invalid_mfa", start);
    const restart = map.get<Atom>(atom("restart"));
    if (restart !== null) {
      if (isWord(restart, "permanent")) spec.restart = Restart.Permanent;
      else if (isWord(restart, "transient")) spec.restart = Restart.Transient;
      else if (isWord(restart, "temporary")) spec.restart = Restart.Temporary;
      else return wrong("invalid_restart_type", restart);
    }
    const significant = map.get<Atom>(atom("significant"));
    if (significant !== null) {
      if (!significant.is<bool>()) return wrong("invalid_significant", significant);
      spec.significant = significant.as<bool>();
    }
    const refused = spec.refusal(autoShutdown);
    if (refused !== null) return new ReadSpec(null, refused);
    const type = map.get<Atom>(atom("type"));
    if (type !== null) {
      spec.isSupervisor = isWord(type, "supervisor");
      if (!spec.isSupervisor && !isWord(type, "worker")) return wrong("invalid_child_type", type);
    }
    const shutdown = map.get<Atom>(atom("shutdown"));
    if (shutdown === null) {
      if (spec.isSupervisor) spec.shutdownMs = FOR_EVER;
    } else if (isWord(shutdown, "infinity")) {
      spec.shutdownMs = FOR_EVER;
    } else if (isWord(shutdown, "brutal_kill")) {
      spec.shutdownMs = BRUTAL_KILL;
    } else {
      const ms = natural(shutdown);
      if (ms < 0 || ms >= <i64>BRUTAL_KILL) return wrong("invalid_shutdown", shutdown);
      spec.shutdownMs = <u32>ms;
    }
    const modules = map.get<Atom>(atom("modules"));
    if (modules !== null && !modules.isList && !isWord(modules, "dynamic")) return wrong("invalid_modules", modules);
    const name = map.get<Atom>(atom("name"));
    if (name !== null) {
      if (!name.isAtom && !name.isText) return wrong("invalid_name", name);
      spec.name = name.text;
    }
    return new ReadSpec(spec, null);
  }

  /** What is wrong with a significant child; null when nothing is. */
  refusal(autoShutdown: bool): Term | null {
    if (!this.significant) return null;
    if (!autoShutdown) return combination("auto_shutdown", "never");
    return this.restart == Restart.Permanent ? combination("restart", "permanent") : null;
  }
}

/** A specification, or what is wrong with it. */
@final
export class ReadSpec {
  constructor(readonly spec: ChildSpec | null, readonly error: Term | null) {}
}

/** The arguments of a start: one is the argument, none and several are the list. */
function argumentOf(list: Term): Term {
  return list.isList && list.length == 1 ? list.at(0) : list;
}

function isWord(term: Term, name: string): bool {
  return (term.isAtom || term.isText) && term.text == name;
}

function wrong(what: string, value: Term): ReadSpec {
  return new ReadSpec(null, Term.tuple([word(what), value]));
}

function combination(key: string, value: string): Term {
  const pairs = [Term.tuple([word(key), word(value)]), Term.tuple([word("significant"), Term.of<bool>(true)])];
  return Term.tuple([word("bad_combination"), Term.of<Term[]>(pairs)]);
}

/** A number from 0 up that fits 32 bits; -1 for any other term. */
function natural(term: Term): i64 {
  // No encoding of one is longer.
  if (!term.isInteger || term.byteLength > 8) return -1;
  const value = term.as<i64>();
  return value >= 0 && value <= <i64>u32.MAX_VALUE ? value : -1;
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}
