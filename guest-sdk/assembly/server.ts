// A process that answers calls, takes casts and handles everything else: gen_server's loop, for guests.
import { FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import { fail, failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { log } from "./log";
import { taken } from "./receive";
import { Caller, callPattern, castPattern, readCall } from "./reply";
import * as decoder from "./term/decoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";

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
 */
export abstract class Server {
  /** Set by `stop`. */
  private stopped: bool = false;
  /** Milliseconds until `handleTimeout` when no message comes; 0xffffffff, the default, is for ever. */
  protected idleTimeout: u32 = FOR_EVER;

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

  /** No message came for `idleTimeout`. */
  handleTimeout(): void {}

  /** Runs when the server stops by itself. */
  terminate(): void {}

  /** Ends the loop after the message that is being handled. */
  protected stop(): void {
    this.stopped = true;
  }

  get isStopped(): bool {
    return this.stopped;
  }

  get timeout(): u32 {
    return this.idleTimeout;
  }
}

/** Runs a server until it stops; then the function that called this goes on. */
export function serve(server: Server): void {
  while (!server.isStopped) {
    const length = abi.receive(0, 0, inbox(), capacity(), server.timeout);
    if (length == TIMEOUT) {
      server.handleTimeout();
      continue;
    }
    if (length < 0) failed(length, "serve");
    settle(length);
    if (begins(callPattern(), length)) {
      decoder.open(answer(), length);
      const call = readCall<Term>();
      server.handleCall(call.request, call.caller);
    } else if (begins(castPattern(), length)) {
      decoder.open(answer(), length);
      decoder.advance(13);
      server.handleCast(__moonletRead<Term>("cast"));
    } else {
      server.handleInfo(taken<Term>(length));
    }
  }
  server.terminate();
}

@inline
function begins(pattern: usize, length: i32): bool {
  return length >= 14 && memory.compare(pattern + 4, answer(), 14) == 0;
}
