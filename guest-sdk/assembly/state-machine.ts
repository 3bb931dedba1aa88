// A process that is in one of several states: gen_statem in the handle-event style, for guests. The order of events, enter calls,
// postponed events and timeouts is OTP's (stdlib manual, gen_statem); the wire is a server's.
import { FOR_EVER } from "./abi/code";
import { Behaviour, ENDED, isCommand, isRequest } from "./behaviour";
import { fail } from "./fault";
import { answer } from "./inbox";
import { Timeout } from "./message";
import { exit, reasonTerm } from "./process";
import { taken } from "./receive";
import { Caller, callPattern, castPattern, readCall } from "./reply";
import { acknowledge, acknowledgeIgnore } from "./start";
import { MachineTimers, MachineTimer, TimeoutRequest } from "./machine-timers";
import { Ref } from "./ref";
import { Atom, atom } from "./term/atom";
import * as decoder from "./term/decoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";

const HEAD: i32 = 14;

/** What kind of event it is. */
export const enum EventType {
  Call,
  Cast,
  /** Any other message. */
  Info,
  /** From `nextEvent`. */
  Internal,
  /** No event came in the time of `eventTimeout`. */
  Timeout,
  /** The machine was in its state for the time of `stateTimeout`. */
  StateTimeout,
  /** A timer of `namedTimeout`. */
  NamedTimeout,
}

/** Times of timers that are no milliseconds. */
export const enum Time {
  /** Stops the timer. */
  Cancel = -1,
  /** Changes what a running timer brings, and not its time. */
  Update = -2,
}

/** What a machine's loop hands over to new code. */
@message("loop")
class MachineLoop {
  constructor(
    public queue: EventTerm[],
    public postponed: EventTerm[],
    public running: TimerTerm[],
    public due: TimerTerm[],
  ) {}
}

@message("event")
class EventTerm {
  constructor(public type: i32, public content: Term, public from: Caller | null, public name: Term | null) {}
}

@message("timer")
class TimerTerm {
  constructor(public type: i32, public name: Term | null, public ref: Ref | null, public content: Term) {}
}

/** What a machine handles. */
@final
export class Event {
  constructor(
    readonly type: EventType,
    readonly content: Term,
    /** Who called; null for all but calls. */
    readonly from: Caller | null = null,
    /** Of a named timeout. */
    readonly name: Term | null = null,
  ) {}

  /** Answers a call. Does nothing for other events. */
  reply<T>(value: T): void {
    const from = this.from;
    if (from !== null) from.reply<T>(value);
  }
}

/**
 * The data of a machine are its fields; its state is any term, usually an atom. `handleEvent` says by calls of methods what follows; when
 * it calls none, the machine keeps its state.
 *
 *     class Door extends StateMachine {
 *       handleEvent(event: Event): void {
 *         if (this.isIn("locked") && event.content.isAtomNamed("unlock")) {
 *           this.nextState("open");
 *           this.stateTimeout(10_000, "lock again");
 *         } else if (event.type == EventType.StateTimeout) {
 *           this.nextState("locked");
 *         }
 *         event.reply(atom("ok"));
 *       }
 *     }
 *     function door(): void { new Door("locked").run(); }
 */
export abstract class StateMachine extends Behaviour {
  /** Set it, in the constructor or in `init`, to have `handleEnter` called. */
  protected stateEnter: bool = false;
  private current: Term;
  private isStarting: bool = true;
  private isEntering: bool = false;
  private ignored: bool = false;
  private wanted: Term | null = null;
  private repeated: bool = false;
  private postponing: bool = false;
  private event: Event | null = null;
  private queue: Event[] = [];
  private postponed: Event[] = [];
  private inserted: Event[] = [];
  private requests: TimeoutRequest[] = [];
  private timers: MachineTimers = new MachineTimers();

  /** The first state, an atom; `init` can begin in any other with `nextState`. */
  constructor(initial: string) {
    super();
    this.current = Term.of<Atom>(atom(initial));
  }

  abstract handleEvent(event: Event): void;

  /** Runs first; who started the machine waits for it. It may begin in another state, set timeouts and insert events. */
  init(): void {}

  /**
   * The state is being entered: at the start (`previous` is then the state itself), after every change and after `repeatState`. It may set
   * timeouts, and neither change the state nor postpone nor insert events.
   */
  handleEnter(previous: Term): void {}

  /** Runs when the machine stops. */
  terminate(reason: Term): void {}

  /** The second part of what `sys.getState` shows, `{State, Data}`. Default: the atom undefined. */
  getData(): Term {
    return Term.of<Atom>(atom("undefined"));
  }

  /** Takes what `sys.replaceState` sent for the data; false, the default, refuses. */
  replaceData(data: Term): bool {
    return false;
  }

  get state(): Term {
    return this.current;
  }

  /** Whether the state is the atom of that name. */
  isIn(name: string): bool {
    return this.current.isAtomNamed(name);
  }

  /** The machine goes to this state (a string is an atom). What was postponed is tried again if it is another one. */
  protected nextState<T>(state: T): void {
    const wanted = reasonTerm<T>(state);
    if (this.isEntering) {
      if (wanted != this.current) {
        fail("bad_state_enter_return_from_state_function", "an enter call cannot change the state to " + wanted.toString());
      }
      return;
    }
    this.wanted = wanted;
  }

  /** The state is entered once more; that is no change. */
  protected repeatState(): void {
    this.repeated = true;
  }

  /** The event waits until the state has changed. */
  protected postpone(): void {
    if (this.isEntering) fail("bad_state_enter_action_from_state_function", "an enter call cannot postpone");
    this.postponing = !this.isStarting;
  }

  /** An event comes before everything that waits; several in the order of these calls. */
  protected nextEvent<T>(content: T, type: EventType = EventType.Internal): void {
    if (this.isEntering) fail("bad_state_enter_action_from_state_function", "an enter call cannot insert events");
    const event = this.event;
    this.inserted.push(
      new Event(type, Term.of<T>(content), type == EventType.Call && event !== null ? event.from : null),
    );
  }

  /** An event of type `Timeout` comes after so many milliseconds unless any other comes first. */
  protected eventTimeout<T>(ms: i64, content: T): void {
    this.requests.push(new TimeoutRequest(EventType.Timeout, null, ms, Term.of<T>(content)));
  }

  /** An event of type `StateTimeout` comes after so many milliseconds unless the state changes first. */
  protected stateTimeout<T>(ms: i64, content: T): void {
    this.requests.push(new TimeoutRequest(EventType.StateTimeout, null, ms, Term.of<T>(content)));
  }

  /** The same, whatever happens; one timer per name (a string is an atom). */
  protected namedTimeout<N, T>(name: N, ms: i64, content: T): void {
    this.requests.push(new TimeoutRequest(EventType.NamedTimeout, reasonTerm<N>(name), ms, Term.of<T>(content)));
  }

  /** Answers a call and stops with this reason (a string is an atom). */
  protected replyAndStop<T, R>(event: Event, value: T, reason: R): void {
    event.reply<T>(value);
    this.stopWith<R>(reason);
  }

  /** From `init`: the process ends with normal, and the start says that it was ignored. */
  protected ignore(): void {
    this.ignored = true;
  }

  behaviourName(): string {
    return "gen_statem";
  }

  getState(): Term {
    return Term.tuple([this.current, this.getData()]);
  }

  replaceState(state: Term): bool {
    if (!state.isTuple || state.length != 2) return false;
    const data = state.at(1);
    if (data != this.getData() && !this.replaceData(data)) return false;
    this.current = state.at(0);
    return true;
  }

  /** Runs the machine until it stops. For another reason than normal the process ends then. */
  run(): void {
    this.begin();
    this.init();
    if (this.ignored) {
      acknowledgeIgnore();
      exit<string>("normal");
    }
    if (this.isStopping) exit<Term>(this.stopReason);
    acknowledge();
    const first = this.wanted;
    if (first !== null) this.current = first;
    this.wanted = null;
    this.repeated = true;
    this.follow();
    this.loop();
  }

  protected handOverLoop(): Term | null {
    const timers = this.timers;
    return Term.of<MachineLoop>(
      new MachineLoop(
        eventTerms(this.queue), eventTerms(this.postponed), timerTerms(timers.running), timerTerms(timers.due),
      ),
    );
  }

  protected takeLoop(loop: Term, state: Term): bool {
    if (!loop.is<MachineLoop>() || !state.isTuple || state.length != 2) return false;
    const given = loop.as<MachineLoop>();
    this.queue = events(given.queue);
    this.postponed = events(given.postponed);
    this.timers.running = machineTimers(given.running);
    this.timers.due = machineTimers(given.due);
    this.current = state.at(0);
    return true;
  }

  protected loop(): void {
    // A change of code may have named another state; nothing is entered by that.
    const named = this.wanted;
    if (named !== null) this.current = named;
    this.wanted = null;
    this.isStarting = false;
    while (!this.isStopping) {
      const event = this.takeEvent();
      if (event === null) break;
      this.event = event;
      this.handleEvent(event);
      this.follow();
    }
    this.terminate(this.stopReason);
    this.finish();
  }

  /** The next event; null when the machine has to end. */
  private takeEvent(): Event | null {
    if (this.queue.length > 0) return this.queue.shift();
    const due = this.timers.takeDue();
    if (due !== null) return due.toEvent();
    const length = this.nextMessage(FOR_EVER);
    if (length == ENDED) return null;
    if (isRequest(callPattern(), HEAD, length)) {
      decoder.open(answer(), length);
      const call = readCall<Term>();
      return new Event(EventType.Call, call.request, call.caller);
    }
    if (length >= HEAD && memory.compare(castPattern() + 4, answer(), HEAD) == 0) {
      decoder.open(answer(), length);
      decoder.advance(HEAD - 1);
      return new Event(EventType.Cast, __moonletRead<Term>("cast"));
    }
    const message = taken<Term>(length);
    if (isCommand(message, "timeout", 3) && message.at(1).isRef) {
      const fired = this.timers.take(message.as<Timeout>().ref);
      if (fired !== null) return fired.toEvent();
    }
    return new Event(EventType.Info, message);
  }

  /** Does what the event led to, with the enter calls that follow from it. */
  private follow(): void {
    if (this.isStopping) return;
    const before = this.current;
    const wanted = this.wanted;
    const hasChanged = wanted !== null && wanted != before;
    if (wanted !== null) this.current = wanted;
    let isEntered = hasChanged || this.repeated;
    while (isEntered && this.stateEnter) {
      this.repeated = false;
      this.isEntering = true;
      this.handleEnter(before);
      this.isEntering = false;
      if (this.isStopping) return;
      isEntered = this.repeated;
    }
    this.repeated = false;
    this.wanted = null;
    if (this.postponing) this.postponed.push(this.event!);
    this.postponing = false;
    this.timers.cancel(EventType.Timeout, null);
    if (hasChanged) {
      this.timers.cancel(EventType.StateTimeout, null);
      if (this.postponed.length > 0) {
        this.queue = this.postponed.concat(this.queue);
        this.postponed = [];
      }
    }
    if (this.requests.length > 0) {
      this.timers.apply(this.requests);
      this.requests = [];
    }
    if (this.inserted.length > 0) {
      this.queue = this.inserted.concat(this.queue);
      this.inserted = [];
    }
  }
}

function eventTerms(from: Event[]): EventTerm[] {
  return from.map<EventTerm>((event: Event) => new EventTerm(event.type, event.content, event.from, event.name));
}

function events(from: EventTerm[]): Event[] {
  return from.map<Event>((event: EventTerm) => new Event(<EventType>event.type, event.content, event.from, event.name));
}

function timerTerms(from: MachineTimer[]): TimerTerm[] {
  return from.map<TimerTerm>((timer: MachineTimer) => new TimerTerm(timer.type, timer.name, timer.ref, timer.content));
}

function machineTimers(from: TimerTerm[]): MachineTimer[] {
  return from.map<MachineTimer>(
    (timer: TimerTerm) => new MachineTimer(<EventType>timer.type, timer.name, timer.ref, timer.content),
  );
}
