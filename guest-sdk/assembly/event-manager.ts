// A process whose handlers all see each event, the newest handler first: gen_event, for guests. Handlers are objects in the manager's
// process. The wire is OTP's, so that JavaScript's and Erlang's client functions work.
import { FOR_EVER } from "./abi/code";
import { Behaviour, ENDED, isCommand } from "./behaviour";
import { fail } from "./fault";
import { answer } from "./inbox";
import { Exit, trySend } from "./message";
import { Pid } from "./pid";
import { link, trapExit, unlink } from "./process";
import { taken } from "./receive";
import { Caller } from "./reply";
import { acknowledge } from "./start";
import { Atom, atom } from "./term/atom";
import { NEW_PID } from "./term/tags";
import { Term } from "./term/term";

/**
 * The state of a handler is its fields.
 *
 * `Differs from OTP:` a trap in a handler ends the manager, not the handler alone: they share one instance.
 */
export abstract class EventHandler {
  /** Tells two handlers of one name apart; it is then addressed as `{Name, Id}`. */
  id: Term | null = null;
  private removed: bool = false;
  private refusal: Term | null = null;
  private successor: EventHandler | null = null;
  private successorArgs: Term | null = null;
  private ownArgs: Term | null = null;
  /** Whose end ends the handler, and who is told of the handler's. */
  supervisor: Pid | null = null;

  /** The handler's module in OTP, an atom on the wire. */
  abstract name(): string;

  /** Runs when it is added; `refuse(reason)` keeps it out. */
  init(args: Term): void {}

  handleEvent(event: Term): void {}

  /** A call to this handler alone; what it gives is the answer. */
  handleCall(request: Term): Term {
    fail("bad_call", "the handler " + this.name() + " answers no calls");
    return unreachable();
  }

  /** Messages that are no events. */
  handleInfo(message: Term): void {}

  /**
   * Why it ends: what it was deleted with, `stop`, `{stop, Reason}` or `remove_handler`. What it gives is the answer to whoever deleted it,
   * and goes to the handler that it is swapped for.
   */
  terminate(reason: Term): Term {
    return word("ok");
  }

  /** For `sys.getState`. */
  getState(): Term {
    return word("undefined");
  }

  /** The handler ends after what it is handling. */
  protected remove(): void {
    this.removed = true;
  }

  /** From `init`: it is not added, and this is the answer. */
  protected refuse<T>(answer: T): void {
    this.refusal = Term.of<T>(answer);
  }

  /** Another handler takes its place after what it is handling: that one's init gets `{otherArgs, what terminate(args) gave}`. */
  protected swapFor(other: EventHandler, otherArgs: Term, args: Term): void {
    this.successor = other;
    this.successorArgs = otherArgs;
    this.ownArgs = args;
  }

  // ---- for the manager

  get isRemoved(): bool {
    return this.removed;
  }

  get refused(): Term | null {
    return this.refusal;
  }

  takeSuccessor(): EventHandler | null {
    const other = this.successor;
    this.successor = null;
    return other;
  }

  get swapArgs(): Term {
    return this.ownArgs!;
  }

  get otherArgs(): Term {
    return this.successorArgs!;
  }

  /** How it is addressed: its name, or `{Name, Id}`. */
  get address(): Term {
    const id = this.id;
    const name = word(this.name());
    return id === null ? name : Term.tuple([name, id]);
  }
}

/**
 *     function alarms(): void {
 *       new EventManager().add(new Logger()).know("counter", () => new Counter()).run();
 *     }
 */
@final
export class EventManager extends Behaviour {
  private handlers: EventHandler[] = [];
  private known: Map<string, () => EventHandler> = new Map();

  /** Adds a handler from the start; it sees events before those that were added earlier. */
  add(handler: EventHandler, args: Term = word("undefined")): EventManager {
    handler.init(args);
    if (handler.refused === null) this.handlers.unshift(handler);
    return this;
  }

  /** Names a handler that other processes may add. */
  know(name: string, make: () => EventHandler): EventManager {
    this.known.set(name, make);
    return this;
  }

  behaviourName(): string {
    return "gen_event";
  }

  /** `[{Name, Id | false, State}]`. */
  getState(): Term {
    const states: Term[] = [];
    for (let i = 0; i < this.handlers.length; i++) {
      const handler = this.handlers[i];
      const id = handler.id;
      states.push(Term.tuple([word(handler.name()), id === null ? word("false") : id, handler.getState()]));
    }
    return Term.of<Term[]>(states);
  }

  /** Runs the manager until it stops. For another reason than normal the process ends then. */
  run(): void {
    trapExit();
    this.begin();
    acknowledge();
    while (!this.isStopping) {
      const length = this.nextMessage(FOR_EVER);
      if (length == ENDED) break;
      const message = taken<Term>(length);
      if (isCommand(message, "notify", 2)) this.notify(message.at(1));
      else if (this.isAsked(message)) this.request(message.at(1).as<Caller>(), message.at(2));
      else this.inform(message);
    }
    this.end();
    this.finish();
  }

  private isAsked(message: Term): bool {
    if (!message.isTuple || message.length != 3 || load<u8>(answer(), 3) != NEW_PID) return false;
    const from = message.at(1);
    return from.isTuple && from.length == 2 && from.at(0).isPid;
  }

  private notify(event: Term): void {
    const seen = this.handlers.slice(0);
    for (let i = 0; i < seen.length; i++) {
      seen[i].handleEvent(event);
      this.follow(seen[i]);
    }
  }

  private inform(message: Term): void {
    if (message.is<Exit>()) this.supervisorEnded(message.as<Exit>());
    const seen = this.handlers.slice(0);
    for (let i = 0; i < seen.length; i++) {
      seen[i].handleInfo(message);
      this.follow(seen[i]);
    }
  }

  private request(from: Caller, request: Term): void {
    if (request.isAtomNamed("stop")) {
      this.stop();
      this.end();
      from.reply<Term>(word("ok"));
      return;
    }
    from.reply<Term>(this.answerTo(request));
  }

  private answerTo(request: Term): Term {
    if (request.isAtomNamed("which_handlers")) {
      const addresses: Term[] = [];
      for (let i = 0; i < this.handlers.length; i++) addresses.push(this.handlers[i].address);
      return Term.of<Term[]>(addresses);
    }
    if (isCommand(request, "sync_notify", 2)) {
      this.notify(request.at(1));
      return word("ok");
    }
    if (isCommand(request, "call", 3)) return this.callHandler(request.at(1), request.at(2));
    if (isCommand(request, "add_handler", 3)) return this.addKnown(request.at(1), request.at(2), null);
    if (isCommand(request, "add_sup_handler", 4)) {
      return this.addKnown(request.at(1), request.at(2), request.at(3).as<Pid>());
    }
    if (isCommand(request, "delete_handler", 3)) {
      const handler = this.find(request.at(1));
      return handler === null ? error(word("module_not_found")) : this.drop(handler, request.at(2), word("normal"));
    }
    if (isCommand(request, "swap_handler", 5)) {
      return this.swap(request.at(1), request.at(2), request.at(3), request.at(4), null);
    }
    if (isCommand(request, "swap_sup_handler", 6)) {
      return this.swap(request.at(1), request.at(2), request.at(3), request.at(4), request.at(5).as<Pid>());
    }
    return error(Term.tuple([word("unknown_request"), request]));
  }

  private callHandler(address: Term, request: Term): Term {
    const handler = this.find(address);
    if (handler === null) return error(word("bad_module"));
    const reply = handler.handleCall(request);
    this.follow(handler);
    return reply;
  }

  private addKnown(address: Term, args: Term, supervisor: Pid | null): Term {
    const name = address.isTuple && address.length == 2 ? address.at(0) : address;
    if (!name.isAtom || !this.known.has(name.text)) return error(word("bad_module"));
    const handler = this.known.get(name.text)();
    if (address.isTuple) handler.id = address.at(1);
    if (supervisor !== null) {
      link(supervisor);
      handler.supervisor = supervisor;
    }
    handler.init(args);
    const refused = handler.refused;
    if (refused !== null) return refused;
    this.handlers.unshift(handler);
    return word("ok");
  }

  private swap(address: Term, args: Term, other: Term, otherArgs: Term, supervisor: Pid | null): Term {
    const handler = this.find(address);
    let given = word("error");
    let watcher = supervisor;
    if (handler !== null) {
      if (watcher === null) watcher = handler.supervisor;
      given = this.drop(handler, args, this.swapped(other, watcher));
    }
    const answer = this.addKnown(other, Term.tuple([otherArgs, given]), watcher);
    return answer.isAtomNamed("ok") ? answer : error(answer);
  }

  /** What a handler asked for while it handled something. */
  private follow(handler: EventHandler): void {
    const other = handler.takeSuccessor();
    if (other !== null) {
      other.supervisor = handler.supervisor;
      const index = this.handlers.indexOf(handler);
      const given = this.drop(handler, handler.swapArgs, this.swapped(other.address, handler.supervisor));
      other.init(Term.tuple([handler.otherArgs, given]));
      if (other.refused === null) {
        const older = this.handlers.splice(index);
        this.handlers.push(other);
        for (let i = 0; i < older.length; i++) this.handlers.push(older[i]);
      }
    } else if (handler.isRemoved) {
      this.drop(handler, word("remove_handler"), word("normal"));
    }
  }

  private swapped(address: Term, supervisor: Pid | null): Term {
    return Term.tuple([word("swapped"), address, supervisor === null ? word("false") : Term.of<Pid>(supervisor)]);
  }

  /** Ends a handler and tells who supervises it; what its terminate gave. */
  private drop(handler: EventHandler, args: Term, reason: Term): Term {
    const index = this.handlers.indexOf(handler);
    if (index >= 0) this.handlers.splice(index, 1);
    const given = handler.terminate(args);
    const supervisor = handler.supervisor;
    if (supervisor !== null) {
      trySend<Pid, Term>(supervisor, Term.tuple([word("gen_event_EXIT"), handler.address, reason]));
    }
    return given;
  }

  private supervisorEnded(exit: Exit): void {
    const all = this.handlers.slice(0);
    for (let i = 0; i < all.length; i++) {
      if (all[i].supervisor == exit.from) {
        this.drop(all[i], Term.tuple([word("stop"), exit.reason]), word("shutdown"));
      }
    }
  }

  /** Ends all handlers. */
  private end(): void {
    while (this.handlers.length > 0) {
      const handler = this.handlers[0];
      const supervisor = handler.supervisor;
      this.drop(handler, word("stop"), word("shutdown"));
      if (supervisor !== null) unlink(supervisor);
    }
  }

  private find(address: Term): EventHandler | null {
    for (let i = 0; i < this.handlers.length; i++) {
      if (this.handlers[i].address == address) return this.handlers[i];
    }
    return null;
  }
}

function word(name: string): Term {
  return Term.of<Atom>(atom(name));
}

function error(reason: Term): Term {
  return Term.tuple([word("error"), reason]);
}
