// What every behaviour's process does between two of its own messages: it obeys its parent and answers system messages, as OTP's sys
// does on the wire (stdlib manual, sys). Servers, state machines and event managers stand on it.
import { FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import { changeCode, ready } from "./code";
import { Debug, DebugFunction } from "./debug";
import { dictionary as ownItems } from "./dictionary";
import { failed } from "./fault";
import { answer, capacity, inbox, restore, settle } from "./inbox";
import { Exit } from "./message";
import { Pid } from "./pid";
import { argument, exit, info, reasonTerm, self } from "./process";
import { exitPattern, taken } from "./receive";
import { Ref } from "./ref";
import { Caller, repliesGiven, watchReplies } from "./reply";
import { startedAlone, startedAs } from "./start";
import { Atom, atom } from "./term/atom";
import * as decoder from "./term/decoder";
import * as encoder from "./term/encoder";
import { encodedFrom } from "./term/encoded";
import { fitsPattern } from "./term/pattern";
import { __moonletRead } from "./term/read";
import { EXPORT, NEW_FUN, NEW_PID } from "./term/tags";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** What `nextMessage` gives when the process has to end. */
export const ENDED: i32 = -100;

/** How system messages begin: `{system, ...}` of three. */
const SYSTEM_SIZE: i32 = 15;
function systemPattern(): usize {
  return memory.data<u8>([11, 0, 0, 0, 131, 104, 3, 119, 6, 115, 121, 115, 116, 101, 109]);
}

/** What watches the behaviour that this process runs. */
let watching: Debug | null = null;

function witnessReply(to: Caller, reply: Term): void {
  const debug = watching;
  if (debug !== null) debug.handle(Term.tuple([Term.of<Atom>(atom("out")), reply, Term.of<Caller>(to)]));
}

/** What one version of a behaviour's code gives to the next. */
@message("code_change")
class HandOver {
  constructor(
    public behaviour: Atom,
    public version: Term,
    public state: Term,
    /** What its loop holds: timers, what waits. */
    public loop: Term,
    public isAlone: bool,
    /** Who asked for the change. */
    public from: Caller,
    public extra: Term,
  ) {}
}

/** A process with a loop of its own that can be looked at and changed from outside. */
export abstract class Behaviour {
  private parent: Pid | null = null;
  private suspended: bool = false;
  private readonly sysDebug: Debug = new Debug();
  private repliesBefore: i32 = -1;
  private reason: Term | null = null;
  private systemCaller: Caller | null = null;
  private takesOver: bool = false;
  private refusal: Term | null = null;

  /** The module of OTP that it stands for. */
  abstract behaviourName(): string;

  /** The state for `sys.getState`. Default: the atom undefined. */
  getState(): Term {
    return Term.of<Atom>(atom("undefined"));
  }

  /** Takes a state that `sys.replaceState` sent; false, the default, refuses. */
  replaceState(state: Term): bool {
    return false;
  }

  /** What `sys.getStatus` shows. Default: the state. */
  formatStatus(): Term {
    return this.getState();
  }

  /** What the next version of the code gets for the state. Default: what `getState` shows. */
  handOver(): Term {
    return this.getState();
  }

  /**
   * Takes over the state of another version, as code_change of OTP: of older code when this is new code that `takeOver` runs, or its own where
   * sys:change_code names no code. It may only look, not act on others; `refuseChange(reason)` has everything stay as it was. Default: refuses
   * the state of older code.
   */
  codeChange(oldVersion: Term, state: Term, extra: Term): void {
    if (this.takesOver) this.refuseChange<string>("undef");
  }

  /** Runs when new code has taken over, and may act on others. */
  codeChanged(): void {}

  /** The change of code does not come about, for this reason (a string is an atom). */
  protected refuseChange<R>(reason: R): void {
    if (this.takesOver) exit<R>(reason);
    this.refusal = reasonTerm<R>(reason);
  }

  /** What its loop holds apart from the state; null for a behaviour whose code cannot be changed. */
  protected handOverLoop(): Term | null {
    return null;
  }

  /** Takes that over, and its state's name if it has one; false when it is none. */
  protected takeLoop(loop: Term, state: Term): bool {
    return false;
  }

  /** Runs until it stops. */
  protected loop(): void {}

  /** Names a function that `sys.install` may have watch what the behaviour does; nobody can send one. */
  knowDebug(name: string, watch: DebugFunction): void {
    this.sysDebug.know(name, watch);
  }

  /** Ends the loop with the reason normal after what is being handled. */
  stop(): void {
    this.stopWith<string>("normal");
  }

  /** The same with this reason; a string is the atom of that name. */
  stopWith<T>(reason: T): void {
    if (this.reason === null) this.reason = reasonTerm<T>(reason);
  }

  /** Whether it is about to end. */
  get isStopping(): bool {
    return this.reason !== null;
  }

  /** Why; only when it is. */
  protected get stopReason(): Term {
    return this.reason!;
  }

  /**
   * Goes on as this process with the state of its older code: what an export named code_change does in a program that is to take over from
   * another version of itself.
   *
   *     export function code_change(): void { new Counter().takeOver(); }
   */
  takeOver(): void {
    this.takesOver = true;
    const given = argument<HandOver>();
    if (given.behaviour.name != this.behaviourName()) this.refuseChange<string>("other_behaviour");
    if (!this.takeLoop(given.loop, given.state)) this.refuseChange<string>("bad_loop");
    this.codeChange(given.version, given.state, given.extra);
    startedAs(given.isAlone);
    this.begin();
    this.suspended = true;
    ready();
    this.takesOver = false;
    this.codeChanged();
    given.from.reply<Atom>(atom("ok"));
    this.loop();
  }

  /** Looks for the process whose exit is an order: who started this one. */
  protected begin(): void {
    if (startedAlone()) return;
    const known = info(self());
    if (known === null) return;
    const parent = known.get<Atom>(atom("parent"));
    if (parent !== null && parent.isPid) this.parent = parent.as<Pid>();
  }

  /** Ends the process, unless the reason is normal: then whoever ran the behaviour goes on. */
  protected finish(): void {
    const reason = this.reason!;
    if (!reason.isAtomNamed("normal")) exit<Term>(reason);
  }

  /**
   * The length of the next message of one's own, which is at `answer()`; TIMEOUT, or ENDED. A system message starts the time anew.
   */
  protected nextMessage(timeoutMs: u32): i32 {
    if (this.sysDebug.active && this.repliesBefore >= 0 && repliesGiven() == this.repliesBefore) {
      this.sysDebug.handle(Term.tuple([Term.of<Atom>(atom("noreply")), this.getState()]));
    }
    this.repliesBefore = -1;
    while (true) {
      const length = this.suspended ? this.receiveSuspended() : abi.receive(0, 0, inbox(), capacity(), timeoutMs);
      if (length == TIMEOUT) return TIMEOUT;
      if (length < 0) failed(length, "run");
      settle(length);
      if (isRequest(systemPattern(), SYSTEM_SIZE - 4, length)) {
        this.serveSystem(length);
      } else if (fitsPattern<Exit>(answer(), length) && this.isFromParent(length)) {
        this.stopWith<Term>(taken<Exit>(length).reason);
      } else {
        if (this.sysDebug.active) {
          const message = taken<Term>(length);
          this.sysDebug.handle(Term.tuple([Term.of<Atom>(atom("in")), message]));
          // Whoever watched it may have called the host.
          restore(message.pointer, length);
        }
        this.repliesBefore = repliesGiven();
        return length;
      }
      if (this.reason !== null) return ENDED;
    }
  }

  private isFromParent(length: i32): bool {
    const parent = this.parent;
    return parent !== null && taken<Exit>(length).from == parent;
  }

  private receiveSuspended(): i32 {
    const parent = this.parent;
    const exits = parent === null ? new StaticArray<u8>(0) : exitPattern(parent);
    const patterns = new StaticArray<u8>(SYSTEM_SIZE + exits.length);
    const at = changetype<usize>(patterns);
    memory.copy(at, systemPattern(), SYSTEM_SIZE);
    memory.copy(at + SYSTEM_SIZE, changetype<usize>(exits), exits.length);
    return abi.receive(at, patterns.length, inbox(), capacity(), FOR_EVER);
  }

  private serveSystem(length: i32): void {
    decoder.open(answer(), length);
    decoder.advance(SYSTEM_SIZE - 5);
    const from = __moonletRead<Caller>("system");
    const request = __moonletRead<Term>("system");
    this.systemCaller = from;
    const reply = this.answerSystem(request);
    watchReplies(null);
    from.reply<Term>(reply);
    if (!this.sysDebug.active) return this.endIfAsked(request);
    watching = this.sysDebug;
    watchReplies(witnessReply);
    this.endIfAsked(request);
  }

  private endIfAsked(request: Term): void {
    if (isCommand(request, "terminate", 2)) this.stopWith<Term>(request.at(1));
  }

  private answerSystem(request: Term): Term {
    const ok = Term.of<Atom>(atom("ok"));
    if (request.isAtom) {
      const name = request.text;
      if (name == "get_state") return this.getState();
      if (name == "get_status") return this.status();
      if (name == "suspend" || name == "resume") {
        this.suspended = name == "suspend";
        return ok;
      }
    } else if (isCommand(request, "terminate", 2)) {
      return ok;
    } else if (isCommand(request, "debug", 2)) {
      return this.sysDebug.command(request.at(1));
    } else if (isCommand(request, "replace_state", 2)) {
      return this.replace(request.at(1));
    } else if (isCommand(request, "change_code", 4) && this.suspended) {
      const reason = request.at(1).isRef ? this.changeTo(request) : this.changeInPlace(request);
      return reason === null ? ok : Term.tuple([Term.of<Atom>(atom("error")), reason]);
    }
    return Term.tuple([
      Term.of<Atom>(atom("error")),
      Term.tuple([Term.of<Atom>(atom("unknown_system_msg")), request]),
    ]);
  }

  private changeInPlace(request: Term): Term | null {
    this.refusal = null;
    this.codeChange(request.at(2), this.handOver(), request.at(3));
    return this.refusal;
  }

  /** Returns when it failed. */
  private changeTo(request: Term): Term {
    const loop = this.handOverLoop();
    if (loop === null) return Term.of<Atom>(atom("not_supported"));
    const name = atom(this.behaviourName());
    const given = new HandOver(
      name, request.at(2), this.handOver(), loop, startedAlone(), this.systemCaller!, request.at(3),
    );
    return changeCode<HandOver>(request.at(1).as<Ref>(), given);
  }

  /** A fun cannot run here: a term takes its place, and is the new state. */
  private replace(state: Term): Term {
    const tag = load<u8>(state.pointer, 1);
    const isFun = tag == NEW_FUN || tag == EXPORT;
    if (!isFun && this.replaceState(state)) return this.getState();
    encoder.begin();
    encoder.tuple(2);
    encoder.atom("error");
    encoder.tuple(3);
    encoder.atom("callback_failed");
    encoder.tuple(2);
    encoder.atom(this.behaviourName());
    encoder.atom("system_replace_state");
    encoder.tuple(2);
    encoder.atom("error");
    if (isFun) {
      encoder.tuple(2);
      encoder.atom("badfun");
      __moonletWrite<Term>(state);
    } else {
      encoder.atom("undef");
    }
    return encodedFrom<Term>(encoder.start(), encoder.length());
  }

  /** `{status, Pid, {module, M}, [Dictionary, running | suspended, Parent, Debug, Misc]}`. */
  private status(): Term {
    const shown = this.formatStatus();
    const debug = this.sysDebug.list();
    const dictionary = ownItems.all();
    const parent = this.parent;
    encoder.begin();
    encoder.tuple(4);
    encoder.atom("status");
    __moonletWrite<Pid>(self());
    encoder.tuple(2);
    encoder.atom("module");
    encoder.atom(this.behaviourName());
    encoder.list(5);
    __moonletWrite<Term>(dictionary);
    encoder.atom(this.suspended ? "suspended" : "running");
    __moonletWrite<Pid>(parent === null ? self() : parent);
    __moonletWrite<Term>(debug);
    __moonletWrite<Term>(shown);
    encoder.nil();
    return encodedFrom<Term>(encoder.start(), encoder.length());
  }
}

/** Whether the answer, of that length, begins with the pattern's bytes, and `{Pid, Tag}` follows. */
export function isRequest(pattern: usize, size: i32, length: i32): bool {
  const at = answer();
  if (length < size + 3 || memory.compare(pattern + 4, at, size) != 0) return false;
  return load<u8>(at + size) == 104 && load<u8>(at + size, 1) == 2 && load<u8>(at + size, 2) == NEW_PID;
}

/** Whether a term is a tuple of that size that an atom of that name leads. */
export function isCommand(term: Term, name: string, arity: i32): bool {
  return term.isTuple && term.length == arity && term.at(0).isAtomNamed(name);
}
