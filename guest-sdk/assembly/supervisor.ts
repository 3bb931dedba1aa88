// A supervisor: starts its children in order, restarts them when they end, and gives up when that happens too often. The
// rules are those of OTP's supervisor (OTP Design Principles, Supervisor Behaviour).
import { log } from "./log";
import { monotonicMs } from "./clock";
import { Exit } from "./message";
import { Pid } from "./pid";
import { exit, exitSignal, info, monitor, self, trapExit, unlink } from "./process";
import { receive, receiveDown, receiveExitOf } from "./receive";
import { spawn, SpawnOptions } from "./spawn";
import { atom } from "./term/atom";
import { Term } from "./term/term";

/** What happens to the other children when one ends and is restarted. */
export const enum Strategy {
  /** Nothing. */
  OneForOne,
  /** All are ended and started anew. */
  OneForAll,
  /** Those that were started after it are ended and started anew. */
  RestForOne,
}

/** When a child that ended is started again. */
export const enum Restart {
  /** Always. */
  Permanent,
  /** When its exit reason is another than normal, shutdown and `{shutdown, _}`. */
  Transient,
  /** Never. */
  Temporary,
}

/** One child: what it runs and how it is kept. */
@final
export class ChildSpec {
  /** The process, while it runs. */
  pid: Pid | null = null;
  /** Registers the child under this name. */
  name: string | null = null;

  constructor(
    /** Names the child in the log. */
    readonly id: string,
    readonly start: () => void,
    readonly restart: Restart = Restart.Permanent,
    /** Milliseconds the child has to end by itself when it is told to; then it is killed. */
    readonly shutdownMs: u32 = 5000,
  ) {}
}

/**
 * Supervises children. Describe them, then `run`, which never returns:
 *
 *     function supervisor(): void {
 *       new Supervisor(Strategy.OneForOne, 3, 5)
 *         .child("parser", parser)
 *         .child("writer", writer, Restart.Transient)
 *         .run();
 *     }
 */
@final
export class Supervisor {
  private children: ChildSpec[] = [];
  /** When the restarts of the last `withinSeconds` were, in milliseconds. */
  private restarts: i64[] = [];
  /** Who spawned the supervisor: when that one ends, so does this, whatever the reason. */
  private parent: Pid | null = null;

  constructor(
    readonly strategy: Strategy = Strategy.OneForOne,
    /** More restarts than this within `withinSeconds` end the supervisor with `shutdown`, and all children before. */
    readonly intensity: i32 = 1,
    readonly withinSeconds: i32 = 5,
  ) {}

  /** Adds a child; children start in this order and are ended in the reverse one. */
  child(id: string, start: () => void, restart: Restart = Restart.Permanent, shutdownMs: u32 = 5000): Supervisor {
    this.children.push(new ChildSpec(id, start, restart, shutdownMs));
    return this;
  }

  /** As `child`, and registers the process under the name, after every restart again. */
  named(name: string, start: () => void, restart: Restart = Restart.Permanent, shutdownMs: u32 = 5000): Supervisor {
    const spec = new ChildSpec(name, start, restart, shutdownMs);
    spec.name = name;
    this.children.push(spec);
    return this;
  }

  /** Starts the children and keeps them running. Never returns: the process ends when it is told to or when it gives up. */
  run(): void {
    trapExit();
    const known = info(self());
    if (known !== null) {
      const parent = known.get(atom("parent"));
      if (parent !== null && parent.isPid) this.parent = parent.as<Pid>();
    }
    for (let i = 0; i < this.children.length; i++) this.start(this.children[i]);
    while (true) this.ended(receive<Exit>());
  }

  private start(spec: ChildSpec): void {
    const options = new SpawnOptions();
    options.link = true;
    options.name = spec.name;
    options.label = spec.id;
    spec.pid = spawn(spec.start, options);
  }

  private ended(message: Exit): void {
    const index = this.indexOf(message.from);
    if (index < 0) {
      // Not a child: the parent ends, or somebody linked asks this one to. The children end first.
      if (isNormal(message.reason) && message.from != this.parent) return;
      this.shutdown(0);
      exit(message.reason);
    }
    const spec = this.children[index];
    spec.pid = null;
    if (!restarts(spec.restart, message.reason)) {
      if (spec.restart == Restart.Temporary) this.children.splice(index, 1);
      return;
    }
    log.warn("supervisor: " + spec.id + " ended with " + brief(message.reason) + ", restarting");
    if (!this.mayRestart()) {
      log.error("supervisor: " + spec.id + " was restarted too often, giving up");
      this.shutdown(0);
      exit("shutdown");
    }
    const first = this.strategy == Strategy.OneForAll ? 0 : index;
    if (this.strategy == Strategy.OneForOne) {
      this.start(spec);
      return;
    }
    this.shutdown(first);
    for (let i = first; i < this.children.length; ) {
      if (this.children[i].restart == Restart.Temporary) {
        this.children.splice(i, 1);
      } else {
        this.start(this.children[i]);
        i++;
      }
    }
  }

  /** Ends the children from this one on, the last one first. */
  private shutdown(first: i32): void {
    for (let i = this.children.length - 1; i >= first; i--) {
      const spec = this.children[i];
      const pid = spec.pid;
      if (pid !== null) end(pid, spec.shutdownMs);
      spec.pid = null;
    }
  }

  private indexOf(pid: Pid): i32 {
    for (let i = 0; i < this.children.length; i++) {
      if (this.children[i].pid == pid) return i;
    }
    return -1;
  }

  private mayRestart(): bool {
    const now = monotonicMs();
    const recent: i64[] = [];
    for (let i = 0; i < this.restarts.length; i++) {
      if (now - this.restarts[i] <= <i64>this.withinSeconds * 1000) recent.push(this.restarts[i]);
    }
    recent.push(now);
    this.restarts = recent;
    return recent.length <= this.intensity;
  }
}

/** Ends a child: it is told to shut down, and killed when it has not by the end of its time. */
function end(pid: Pid, ms: u32): void {
  const ref = monitor(pid);
  exitSignal(pid, "shutdown");
  if (receiveDown(ref, ms) === null) {
    exitSignal(pid, "kill");
    receiveDown(ref);
  }
  unlink(pid);
  // Its exit over the link may have arrived before that.
  receiveExitOf(pid, 0);
}

function restarts(restart: Restart, reason: Term): bool {
  if (restart == Restart.Permanent) return true;
  if (restart == Restart.Temporary) return false;
  return !isNormal(reason) && !isShutdown(reason);
}

/** The reason for the log: of a trap only its kind and message, since the host reports its frames. */
function brief(reason: Term): string {
  if (reason.isTuple && reason.length == 4 && reason.at(0).isAtomNamed("trap") && reason.at(2).isText) {
    return reason.at(1).toString() + ": " + reason.at(2).text;
  }
  return reason.toString();
}

function isNormal(reason: Term): bool {
  return reason.isAtomNamed("normal");
}

function isShutdown(reason: Term): bool {
  if (reason.isAtomNamed("shutdown")) return true;
  return reason.isTuple && reason.length == 2 && reason.at(0).isAtomNamed("shutdown");
}
