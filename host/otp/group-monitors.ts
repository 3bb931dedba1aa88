// Who is told when process groups change (OTP: pg:monitor, pg:monitor_scope).
import { Envelope, type GroupMessage } from "./envelope.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { Ref } from "./ref.ts";
import type { Runtime } from "./runtime.ts";

/** What one takes up. */
const MONITOR_BYTES = 400;

interface GroupMonitor {
  readonly watcher: Process;
  readonly ref: Ref;
  /** Where it is kept: with the monitors of one group, or of the scope. */
  readonly home: Map<number, GroupMonitor>;
  readonly key: unknown;
  readonly unhook: () => void;
}

export class GroupMonitors {
  readonly #runtime: Runtime;
  readonly #all = new Map<number, GroupMonitor>();
  readonly #ofScope = new Map<number, GroupMonitor>();
  readonly #ofGroup = new Map<unknown, Map<number, GroupMonitor>>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Tells `watcher` of all groups. */
  addScope(watcher: Process): Ref {
    return this.#add(watcher, this.#ofScope, undefined);
  }

  /** Tells `watcher` of the group with this key. */
  add(watcher: Process, key: unknown): Ref {
    const home = this.#ofGroup.get(key) ?? new Map<number, GroupMonitor>();
    const ref = this.#add(watcher, home, key);
    this.#ofGroup.set(key, home);
    return ref;
  }

  /** Also takes the caller's waiting messages of this monitor; false if there is no such monitor. Not only the watcher may do it, as in pg. */
  remove(caller: Process, ref: Ref): boolean {
    const monitor = ref instanceof Ref ? this.#all.get(ref.number) : undefined;
    if (!monitor?.ref.equals(ref)) return false;
    monitor.unhook();
    this.#drop(monitor);
    while (caller.mailbox.removeTagged(ref, (envelope) => envelope.kind === "group"));
    return true;
  }

  tell(type: GroupMessage["type"], key: unknown, group: unknown, pids: readonly Pid[]): void {
    if (this.#all.size === 0) return;
    const ofGroup = this.#ofGroup.get(key);
    if (ofGroup === undefined && this.#ofScope.size === 0) return;
    const send = ({ watcher, ref }: GroupMonitor): void => {
      // `Differs from OTP:` a watcher that is of a family, as guests are, and whose mailbox is full misses the news.
      if (watcher.family !== undefined && watcher.mailbox.full) {
        watcher.mailbox.shed++;
        return;
      }
      watcher.deliver(new Envelope("group", { type, ref, group, pids } satisfies GroupMessage, ref));
    };
    this.#ofScope.forEach(send);
    ofGroup?.forEach(send);
  }

  #add(watcher: Process, home: Map<number, GroupMonitor>, key: unknown): Ref {
    watcher.takeBytes(MONITOR_BYTES);
    const ref = this.#runtime.newRef();
    const monitor: GroupMonitor = {
      watcher,
      ref,
      home,
      key,
      unhook: watcher.onExit(() => this.#drop(monitor)),
    };
    home.set(ref.number, monitor);
    this.#all.set(ref.number, monitor);
    return ref;
  }

  #drop({ watcher, ref, home, key }: GroupMonitor): void {
    this.#all.delete(ref.number);
    home.delete(ref.number);
    watcher.releaseBytes(MONITOR_BYTES);
    if (home !== this.#ofScope && home.size === 0) this.#ofGroup.delete(key);
  }
}
