// A process that answers calls, takes casts and handles everything else: gen_server, for guests. On the wire it is OTP's, so that
// JavaScript's client functions and Erlang's gen_server and sys work with it.
import { FOR_EVER, TIMEOUT } from "./abi/code";
import { Behaviour, ENDED, isRequest } from "./behaviour";
import { fail } from "./fault";
import { answer } from "./inbox";
import { log } from "./log";
import { exit } from "./process";
import { taken } from "./receive";
import { Caller, callPattern, castPattern, readCall } from "./reply";
import { acknowledge, acknowledgeIgnore } from "./start";
import * as decoder from "./term/decoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";

const HEAD: i32 = 14;

/** What a server's loop hands over to new code. */
@message("loop")
class ServerLoop {
  constructor(public idleTimeout: u32, public timeoutMs: u32, public continuation: Term | null) {}
}

/**
 * The state of a server is its fields; what it does are its methods.
 *
 *     class Counter extends Server {
 *       total: i64 = 0;
 *       handleCall(request: Term, from: Caller): void {
 *         this.total += request.as<Add>().n;
 *         from.reply(this.total);
 *       }
 *     }
 *     function counter(): void { serve(new Counter()); }
 *
 * `Differs from OTP:` a trap in a method ends the process at once, without `terminate`: nothing of it can run any more.
 */
export abstract class Server extends Behaviour {
  /** Milliseconds until `handleTimeout` when no message comes; 0xffffffff, the default, is for ever. */
  protected idleTimeout: u32 = FOR_EVER;
  private timeoutMs: u32 = FOR_EVER;
  private continuation: Term | null = null;
  private ignored: bool = false;
  private lastCaller: Caller | null = null;
  private lastReply: Term | null = null;

  /** Runs first; who started the server waits for it. `stopWith(reason)` makes the start fail, `ignore()` gives it up. */
  init(): void {}

  /** A call: answer with `from.reply(value)`, now or later. */
  handleCall(request: Term, from: Caller): void {
    fail("bad_call", "this server answers no calls: " + request.toString());
  }

  /** A cast. */
  handleCast(message: Term): void {
    fail("bad_cast", "this server takes no casts: " + message.toString());
  }

  /** Any other message. As gen_server does, it is only logged unless this is overridden. */
  handleInfo(message: Term): void {
    log.warn("a server received a message that it does not know: " + message.toString());
  }

  /** What `continueWith` asked for, before any message. */
  handleContinue(argument: Term): void {
    fail("bad_continue", "this server has no handleContinue: " + argument.toString());
  }

  /** No message came in time. */
  handleTimeout(): void {}

  /** Runs when the server stops: by itself, by order of its parent (when it traps exits), or of `stopServer`. */
  terminate(reason: Term): void {}

  /** From `init`: the process ends with normal, and the start says that it was ignored. */
  protected ignore(): void {
    this.ignored = true;
  }

  /** `handleContinue` is next, before any message. */
  protected continueWith<T>(argument: T): void {
    this.continuation = Term.of<T>(argument);
  }

  /** `handleTimeout` runs unless a message comes within so many milliseconds; only this once, instead of `idleTimeout`. */
  protected timeoutIn(ms: u32): void {
    this.timeoutMs = ms;
  }

  /** Stops with this reason (a string is an atom) and answers the call after `terminate`. */
  protected replyAndStop<T, R>(from: Caller, value: T, reason: R): void {
    this.lastCaller = from;
    this.lastReply = Term.of<T>(value);
    this.stopWith<R>(reason);
  }

  behaviourName(): string {
    return "gen_server";
  }

  /** Runs the server until it stops. For another reason than normal the process ends then. */
  run(): void {
    this.begin();
    this.init();
    if (this.ignored) {
      acknowledgeIgnore();
      exit<string>("normal");
    }
    if (this.isStopping) exit<Term>(this.stopReason);
    acknowledge();
    this.loop();
  }

  protected handOverLoop(): Term | null {
    return Term.of<ServerLoop>(new ServerLoop(this.idleTimeout, this.timeoutMs, this.continuation));
  }

  protected takeLoop(loop: Term, state: Term): bool {
    if (!loop.is<ServerLoop>()) return false;
    const given = loop.as<ServerLoop>();
    this.idleTimeout = given.idleTimeout;
    this.timeoutMs = given.timeoutMs;
    this.continuation = given.continuation;
    return true;
  }

  protected loop(): void {
    while (!this.isStopping) this.step();
    this.terminate(this.stopReason);
    const from = this.lastCaller;
    if (from !== null) from.reply<Term>(this.lastReply!);
    this.finish();
  }

  private step(): void {
    const continuation = this.continuation;
    if (continuation !== null) {
      this.continuation = null;
      this.handleContinue(continuation);
      return;
    }
    const ms = this.timeoutMs == FOR_EVER ? this.idleTimeout : this.timeoutMs;
    this.timeoutMs = FOR_EVER;
    const length = this.nextMessage(ms);
    if (length == ENDED) return;
    if (length == TIMEOUT) {
      this.handleTimeout();
    } else if (isRequest(callPattern(), HEAD, length)) {
      decoder.open(answer(), length);
      const call = readCall<Term>();
      this.handleCall(call.request, call.caller);
    } else if (length >= HEAD && memory.compare(castPattern() + 4, answer(), HEAD) == 0) {
      decoder.open(answer(), length);
      decoder.advance(HEAD - 1);
      this.handleCast(__moonletRead<Term>("cast"));
    } else {
      this.handleInfo(taken<Term>(length));
    }
  }
}

/** Runs a server until it stops; when it stopped normally, the function that called this goes on. */
export function serve(server: Server): void {
  server.run();
}
