// The children that a supervisor has.
import { ChildSpec } from "./child-spec";
import { Pid } from "./pid";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";

/** One child: what it is, and where. */
@final
export class Child {
  /** Its start failed and is to be tried again; `pid` is then that of the one before, for a dynamic supervisor. */
  isRestarting: bool = false;

  constructor(
    readonly spec: ChildSpec,
    /** The process, while it runs. */
    public pid: Pid | null = null,
    /** What a dynamic supervisor started it with. */
    readonly argument: Term | null = null,
  ) {}

  get isStopped(): bool {
    return this.pid === null && !this.isRestarting;
  }

  /** As `which_children` shows it. */
  listed(): Term {
    return this.row(this.spec.id);
  }

  /** The same without its id, which children of a dynamic supervisor have not. */
  listedAlone(): Term {
    return this.row(Term.of<Atom>(atom("undefined")));
  }

  private row(id: Term): Term {
    const pid = this.pid;
    let state = Term.of<Atom>(atom("undefined"));
    if (this.isRestarting) state = Term.of<Atom>(atom("restarting"));
    else if (pid !== null) state = Term.of<Pid>(pid);
    return Term.tuple([id, state, this.spec.typeTerm(), Term.of<Term[]>([])]);
  }
}

/** Children of one kind, by their pids, in the order of their starting. */
@final
export class DynamicChildren {
  private byPid: Map<string, Child> = new Map();

  constructor(readonly kind: ChildSpec) {}

  get size(): i32 {
    return this.byPid.size;
  }

  /** How many are up. */
  get active(): i32 {
    return this.running().length;
  }

  find(pid: Pid): Child | null {
    const key = pid.toString();
    return this.byPid.has(key) ? this.byPid.get(key) : null;
  }

  add(child: Child): void {
    this.byPid.set(child.pid!.toString(), child);
  }

  remove(pid: Pid): void {
    this.byPid.delete(pid.toString());
  }

  /** Those that are up. */
  running(): Child[] {
    const all = this.byPid.values();
    const up: Child[] = [];
    for (let i = 0; i < all.length; i++) if (!all[i].isRestarting) up.push(all[i]);
    return up;
  }

  listed(): Term {
    const all = this.byPid.values();
    const rows: Term[] = [];
    for (let i = 0; i < all.length; i++) rows.push(all[i].listedAlone());
    return Term.of<Term[]>(rows);
  }
}
