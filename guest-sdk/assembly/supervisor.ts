// A supervisor: starts its children in order, restarts them when they end, and gives up when that happens too often. The rules are those
// of OTP's supervisor (OTP Design Principles, Supervisor Behaviour), and so is the wire: whoever manages one need not be a guest. One
// class, hence its length.
import { FOR_EVER } from "./abi/code";
import { Behaviour, ENDED, isCommand, isRequest } from "./behaviour";
import { Child, DynamicChildren } from "./children";
import { ChildSpec, Restart } from "./child-spec";
import { monotonicMs } from "./clock";
import { fail } from "./fault";
import { answer } from "./inbox";
import { log } from "./log";
import { Exit } from "./message";
import { Pid } from "./pid";
import { exit, info, isAlive, self, trapExit } from "./process";
import { taken } from "./receive";
import { callPattern, cast, castPattern, readCall } from "./reply";
import { reportProgress, reportTrouble } from "./report";
import { acknowledge, StartResult } from "./start";
import { stopChild, stopChildren } from "./stop-child";
import { brief, countsTerm, error, isOrderly, okPid, strategyName, word } from "./supervisor-terms";
import { Atom, atom } from "./term/atom";
import * as decoder from "./term/decoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";

/** What happens to the other children when one ends and is restarted. */
export const enum Strategy {
  /** Nothing. */
  OneForOne,
  /** All are ended and started anew. */
  OneForAll,
  /** Those that were started after it are ended and started anew. */
  RestForOne,
  /** Nothing; all are of one kind and are started on demand (OTP: simple_one_for_one). */
  Dynamic,
}

/** Whether the end of significant children ends the supervisor, with `shutdown`. */
export const enum AutoShutdown {
  Never,
  /** The first end does. */
  AnySignificant,
  /** The last one does. */
  AllSignificant,
}

const HEAD: i32 = 14;

/**
 * Supervises children. Describe them, then `run`, which never returns:
 *
 *     function supervisor(): void {
 *       new Supervisor(Strategy.OneForOne, 3, 5)
 *         .child("parser", parser)
 *         .add(ChildSpec.server("writer", writer).named("writer").restarting(Restart.Transient))
 *         .run();
 *     }
 *
 * `Differs from OTP:` an exit signal that is neither a child's nor the parent's and has another reason than normal ends it, as it would
 * end a process that traps no exits, but in order.
 */
@final
export class Supervisor extends Behaviour {
  /** Set it before `run`. */
  autoShutdown: AutoShutdown = AutoShutdown.Never;
  private children: Child[] = [];
  private dynamic: DynamicChildren | null = null;
  /** The seconds of the restarts that count, newest last. */
  private restarts: i32[] = [];
  private title: Term | null = null;

  constructor(
    readonly strategy: Strategy = Strategy.OneForOne,
    /** More restarts than this within `withinSeconds` end the supervisor with `shutdown`, and all children before. */
    readonly intensity: i32 = 1,
    readonly withinSeconds: i32 = 5,
  ) {
    super();
  }

  /** Adds a child that runs this function; children start in this order and are ended in the reverse one. */
  child(id: string, start: () => void, restart: Restart = Restart.Permanent, shutdownMs: u32 = 5000): Supervisor {
    return this.add(ChildSpec.of<string>(id, start).restarting(restart).within(shutdownMs));
  }

  /** As `child`, and registers the process under the name, after every restart again. */
  named(name: string, start: () => void, restart: Restart = Restart.Permanent, shutdownMs: u32 = 5000): Supervisor {
    return this.add(ChildSpec.of<string>(name, start).named(name).restarting(restart).within(shutdownMs));
  }

  /** Adds a child; a dynamic supervisor has exactly one, its kind. */
  add(spec: ChildSpec): Supervisor {
    if (this.find(spec.id) !== null) fail("duplicate_child_name", "Supervisor: two children have the id " + spec.id.toString());
    this.children.push(new Child(spec));
    return this;
  }

  /** Sets `autoShutdown`. */
  endingWith(autoShutdown: AutoShutdown): Supervisor {
    this.autoShutdown = autoShutdown;
    return this;
  }

  behaviourName(): string {
    return "supervisor";
  }

  formatStatus(): Term {
    const dynamic = this.dynamic;
    return Term.map([
      word("strategy"), word(strategyName(this.strategy)),
      word("intensity"), Term.of<i32>(this.intensity),
      word("period"), Term.of<i32>(this.withinSeconds),
      word("children"), Term.of<i32>(dynamic === null ? this.children.length : dynamic.size),
      word("restarts"), Term.of<i32[]>(this.restarts.slice().reverse()),
    ]);
  }

  /** Starts the children and keeps them running. Never returns: the process ends when it is told to or when it gives up. */
  run(): void {
    trapExit();
    this.begin();
    this.check();
    if (this.strategy == Strategy.Dynamic) this.dynamic = new DynamicChildren(this.children[0].spec);
    else this.startAll();
    acknowledge();
    while (!this.isStopping) {
      const length = this.nextMessage(FOR_EVER);
      if (length == ENDED) break;
      this.handle(length);
    }
    this.shutdown();
    exit<Term>(this.stopReason);
  }

  private check(): void {
    if (this.strategy == Strategy.Dynamic && this.children.length != 1) {
      fail("bad_start_spec", "Supervisor: a dynamic one has one child, its kind, not " + this.children.length.toString());
    }
    for (let i = 0; i < this.children.length; i++) {
      const spec = this.children[i].spec;
      const refused = spec.refusal(this.autoShutdown != AutoShutdown.Never);
      if (refused !== null) fail("start_spec", "Supervisor: child " + spec.title + ": " + refused.toString());
    }
  }

  private startAll(): void {
    for (let i = 0; i < this.children.length; i++) {
      const child = this.children[i];
      const started = this.launch(child.spec, null);
      if (started.reason !== null) {
        this.reportStart(child.spec, started.reason!);
        this.stopFrom(0);
        exit<Term>(
          Term.tuple([
            word("shutdown"), Term.tuple([word("failed_to_start_child"), child.spec.id, started.reason!]),
          ]),
        );
      }
      if (this.settle(child, started)) i--;
    }
  }

  // ---- messages

  private handle(length: i32): void {
    if (isRequest(callPattern(), HEAD, length)) {
      decoder.open(answer(), length);
      const call = readCall<Term>();
      const dynamic = this.dynamic;
      const reply = dynamic === null ? this.answerStatic(call.request) : this.answerDynamic(dynamic, call.request);
      call.reply<Term>(reply);
    } else if (length >= HEAD && memory.compare(castPattern() + 4, answer(), HEAD) == 0) {
      decoder.open(answer(), length);
      decoder.advance(HEAD - 1);
      const message = __moonletRead<Term>("cast");
      if (isCommand(message, "try_again_restart", 2)) this.tryAgain(message.at(1));
    } else {
      const message = taken<Term>(length);
      if (message.is<Exit>()) this.ended(message.as<Exit>());
      else log.warn("a supervisor received a message that it does not know: " + message.toString());
    }
  }

  private ended(message: Exit): void {
    const pid = message.from;
    const reason = message.reason;
    const dynamic = this.dynamic;
    const child = dynamic === null ? this.findByPid(pid) : dynamic.find(pid);
    if (child === null) {
      if (!reason.isAtomNamed("normal")) this.stopWith<Term>(reason);
      return;
    }
    const spec = child.spec;
    const isAbnormal = !isOrderly(reason);
    if (isAbnormal || spec.restart == Restart.Permanent) {
      reportTrouble(this.ownName, "child_terminated", reason, spec, pid);
    }
    if (spec.restart == Restart.Permanent || (spec.restart == Restart.Transient && isAbnormal)) {
      log.warn("supervisor: " + spec.title + " ended with " + brief(reason) + ", restarting");
      this.restart(child);
      return;
    }
    const endsAll = this.endsSupervisor(child);
    this.forget(child);
    if (endsAll) this.stopWith<string>("shutdown");
  }

  private endsSupervisor(child: Child): bool {
    if (!child.spec.significant || this.autoShutdown == AutoShutdown.Never) return false;
    if (this.autoShutdown == AutoShutdown.AnySignificant) return true;
    const dynamic = this.dynamic;
    if (dynamic !== null) return dynamic.size == 1;
    for (let i = 0; i < this.children.length; i++) {
      const other = this.children[i];
      if (other != child && other.spec.significant && !other.isStopped) return false;
    }
    return true;
  }

  /** Restarts as the strategy says, unless that is once too often. */
  private restart(child: Child): void {
    if (!this.mayRestart()) {
      log.error("supervisor: " + child.spec.title + " was restarted too often, giving up");
      reportTrouble(this.ownName, "shutdown", word("reached_max_restart_intensity"), child.spec, child.pid);
      this.forget(child);
      this.stopWith<string>("shutdown");
      return;
    }
    const dynamic = this.dynamic;
    if (dynamic !== null) {
      const old = child.pid!;
      const started = this.launch(child.spec, child.argument);
      dynamic.remove(old);
      if (started.reason !== null) {
        this.reportStart(child.spec, started.reason!);
        child.isRestarting = true;
        dynamic.add(child);
        cast<Pid, Term>(self(), Term.tuple([word("try_again_restart"), Term.of<Pid>(old)]));
      } else if (started.pid !== null) {
        child.isRestarting = false;
        child.pid = started.pid;
        dynamic.add(child);
      }
      return;
    }
    const index = this.children.indexOf(child);
    const first = this.strategy == Strategy.OneForAll ? 0 : index;
    child.pid = null;
    child.isRestarting = false;
    let last = index + 1;
    if (this.strategy != Strategy.OneForOne) {
      this.stopFrom(first);
      last = this.children.length;
    }
    for (let i = first; i < last; i++) {
      const other = this.children[i];
      const started = this.launch(other.spec, null);
      if (started.reason !== null) {
        this.reportStart(other.spec, started.reason!);
        other.isRestarting = true;
        cast<Pid, Term>(self(), Term.tuple([word("try_again_restart"), other.spec.id]));
        return;
      }
      if (this.settle(other, started)) {
        i--;
        last--;
      }
    }
  }

  /** The next attempt to start a child whose restart failed; called off if it is no longer waiting for it. */
  private tryAgain(id: Term): void {
    const dynamic = this.dynamic;
    let child: Child | null = null;
    if (dynamic === null) child = this.find(id);
    else if (id.isPid) child = dynamic.find(id.as<Pid>());
    if (child !== null && child.isRestarting) this.restart(child);
  }

  private mayRestart(): bool {
    const now = <i32>(monotonicMs() / 1000);
    const counting = this.restarts;
    // Those that count no more are the first ones.
    let over = 0;
    while (over < counting.length && now - counting[over] > this.withinSeconds) over++;
    if (over > 0) counting.splice(0, over);
    counting.push(now);
    return counting.length <= this.intensity;
  }

  // ---- children

  private get ownName(): Term {
    const known = this.title;
    if (known !== null) return known;
    let made = Term.of<Pid>(self());
    const items = info(self());
    if (items !== null) {
      const name = items.get<Atom>(atom("registered_name"));
      if (name !== null) made = name;
    }
    this.title = made;
    return made;
  }

  private launch(spec: ChildSpec, argument: Term | null): StartResult {
    const started = spec.launch(argument);
    if (started.ok) reportProgress(this.ownName, spec, started.pid);
    return started;
  }

  private reportStart(spec: ChildSpec, reason: Term): void {
    reportTrouble(this.ownName, "start_error", reason, spec, null);
  }

  /** The child's state after a start that did not fail; true if it is gone: a temporary one that said ignore. */
  private settle(child: Child, started: StartResult): bool {
    child.isRestarting = false;
    child.pid = started.pid;
    if (started.ok || child.spec.restart != Restart.Temporary) return false;
    this.remove(child);
    return true;
  }

  /** The child is no longer up: forgotten if it is temporary, else kept for a restart by hand. */
  private forget(child: Child): void {
    const dynamic = this.dynamic;
    if (dynamic !== null) {
      dynamic.remove(child.pid!);
      return;
    }
    child.pid = null;
    child.isRestarting = false;
    if (child.spec.restart == Restart.Temporary) this.remove(child);
  }

  /** Ends the children from this one on, the last one first; temporary ones are forgotten. */
  private stopFrom(first: i32): void {
    for (let i = this.children.length - 1; i >= first; i--) {
      const child = this.children[i];
      stopChild(this.ownName, child);
      this.forget(child);
    }
  }

  private shutdown(): void {
    const dynamic = this.dynamic;
    if (dynamic === null) this.stopFrom(0);
    else stopChildren(this.ownName, dynamic.running());
  }

  private find(id: Term): Child | null {
    for (let i = 0; i < this.children.length; i++) {
      if (this.children[i].spec.id == id) return this.children[i];
    }
    return null;
  }

  private findByPid(pid: Pid): Child | null {
    for (let i = 0; i < this.children.length; i++) {
      if (this.children[i].pid == pid) return this.children[i];
    }
    return null;
  }

  private remove(child: Child): void {
    const index = this.children.indexOf(child);
    if (index >= 0) this.children.splice(index, 1);
  }

  // ---- what others ask

  private answerStatic(request: Term): Term {
    if (request.isAtomNamed("which_children")) {
      const listed: Term[] = [];
      for (let i = this.children.length - 1; i >= 0; i--) listed.push(this.children[i].listed());
      return Term.of<Term[]>(listed);
    }
    if (request.isAtomNamed("count_children")) return this.counts();
    if (!request.isTuple || request.length != 2) return error(Term.tuple([word("unknown_request"), request]));
    if (isCommand(request, "start_child", 2)) return this.addChild(request.at(1));
    const child = this.find(request.at(1));
    if (child === null) return error(word("not_found"));
    if (isCommand(request, "terminate_child", 2)) {
      stopChild(this.ownName, child);
      this.forget(child);
      return word("ok");
    }
    if (isCommand(request, "restart_child", 2)) return this.restartByHand(child);
    if (isCommand(request, "delete_child", 2)) {
      if (!child.isStopped) return error(word(child.isRestarting ? "restarting" : "running"));
      this.remove(child);
      return word("ok");
    }
    if (isCommand(request, "get_childspec", 2)) return Term.tuple([word("ok"), child.spec.toTerm()]);
    return error(Term.tuple([word("unknown_request"), request]));
  }

  private addChild(given: Term): Term {
    const read = ChildSpec.read(given, this.autoShutdown != AutoShutdown.Never);
    const spec = read.spec;
    if (spec === null) return error(read.error!);
    const known = this.find(spec.id);
    if (known !== null) {
      const pid = known.pid;
      return error(pid === null ? word("already_present") : Term.tuple([word("already_started"), Term.of<Pid>(pid)]));
    }
    const started = this.launch(spec, null);
    if (started.reason !== null) return error(Term.tuple([started.reason!, spec.toRecord(null)]));
    const child = new Child(spec);
    child.pid = started.pid;
    if (started.ok || spec.restart != Restart.Temporary) this.children.push(child);
    return okPid(started.pid);
  }

  private restartByHand(child: Child): Term {
    if (!child.isStopped) return error(word(child.isRestarting ? "restarting" : "running"));
    const started = this.launch(child.spec, null);
    if (started.reason !== null) return error(started.reason!);
    child.pid = started.pid;
    return okPid(started.pid);
  }

  private counts(): Term {
    let active = 0;
    let supervisors = 0;
    for (let i = 0; i < this.children.length; i++) {
      const child = this.children[i];
      const pid = child.pid;
      if (pid !== null && isAlive(pid)) active++;
      if (child.spec.isSupervisor) supervisors++;
    }
    return countsTerm(this.children.length, active, supervisors, this.children.length - supervisors);
  }

  private answerDynamic(children: DynamicChildren, request: Term): Term {
    const kind = children.kind;
    if (request.isAtomNamed("which_children")) return children.listed();
    if (request.isAtomNamed("count_children")) {
      const size = children.size;
      return countsTerm(1, children.active, kind.isSupervisor ? size : 0, kind.isSupervisor ? 0 : size);
    }
    if (isCommand(request, "start_child", 2)) {
      const started = this.launch(kind, request.at(1));
      if (started.reason !== null) return error(started.reason!);
      const pid = started.pid;
      if (pid !== null) children.add(new Child(kind, pid, request.at(1)));
      return okPid(pid);
    }
    if (isCommand(request, "terminate_child", 2)) {
      if (!request.at(1).isPid) return error(word("simple_one_for_one"));
      const pid = request.at(1).as<Pid>();
      const child = children.find(pid);
      if (child === null) return isAlive(pid) ? error(word("not_found")) : word("ok");
      stopChild(this.ownName, child);
      children.remove(pid);
      return word("ok");
    }
    if (isCommand(request, "restart_child", 2) || isCommand(request, "delete_child", 2)) {
      return error(word("simple_one_for_one"));
    }
    if (isCommand(request, "get_childspec", 2)) {
      const id = request.at(1);
      const isKnown = id.isPid ? children.find(id.as<Pid>()) !== null || !isAlive(id.as<Pid>()) : id == kind.id;
      return isKnown ? Term.tuple([word("ok"), kind.toTerm()]) : error(word("not_found"));
    }
    return error(Term.tuple([word("unknown_request"), request]));
  }
}
