// What of the network belongs to a process: sockets, listeners, requests. Named by a reference that is good in the hands of its owner
// only, counted as an open resource, and ended when its owner ends.
import type { ExitReason, Process, Ref, Runtime } from "../../otp/index.ts";
import { atom, type Tuple, tuple } from "../../otp/term/index.ts";
import { roomMade, type Waiter, waitForRoom, waitNoMore } from "./room-queue.ts";

/** All of a runtime, by the numbers of their references. */
const all = new WeakMap<Runtime, Map<number, Resource>>();
/** How many a process owns. */
const counts = new WeakMap<Process, number>();

/** What a connection's buffers may take up, here and in Node; it counts towards its owner's memory. */
export const CONNECTION_BYTES = 65_536;
/** The same of something that listens, for what waits in it. */
export const LISTENER_BYTES = 16_384;

/** How many all processes of a runtime have open. */
export function allSockets(runtime: Runtime): number {
  return all.get(runtime)?.size ?? 0;
}

/** How many a process has open. */
export function openSockets(process: Process): number {
  return counts.get(process) ?? 0;
}

/** The one with this reference, if it is the process's. */
export function ownResource(process: Process, ref: Ref): Resource | undefined {
  const { runtime } = process;
  const found = runtime.isOwn(ref) ? all.get(runtime)?.get(ref.number) : undefined;
  return found?.owner === process ? found : undefined;
}

export abstract class Resource implements Waiter {
  readonly ref: Ref;
  /** Counts towards the memory of its owner. */
  readonly bytes: number;
  /** What it came in by, for a connection or a request that was accepted. */
  readonly origin: Resource | undefined;
  /** Messages for its owner, whose mailbox was full. */
  #owed: unknown[] = [];
  #owner: Process | undefined;
  #unhook: (() => void) | undefined;
  #isAwaited = false;

  constructor(owner: Process, bytes: number, origin?: Resource) {
    this.bytes = bytes;
    this.origin = origin;
    const { runtime } = owner;
    this.ref = runtime.newRef();
    let known = all.get(runtime);
    if (!known) {
      known = new Map();
      all.set(runtime, known);
    }
    known.set(this.ref.number, this);
    this.#attach(owner);
  }

  /** The process that may use it; undefined once it is closed. */
  get owner(): Process | undefined {
    return this.#owner;
  }

  /** How a message names it: `{'$socket', Ref}`. */
  get term(): Tuple {
    return tuple(atom("$socket"), this.ref);
  }

  /** Gives it to another process, with what its owner is still to be told. */
  moveTo(process: Process): void {
    const former = this.#owner;
    this.#detach();
    this.#attach(process);
    this.tryAgain();
    if (former) roomMade(former);
  }

  /** Its owner is done with it. Twice is once. */
  close(): void {
    this.#end("normal");
  }

  /** The owner wants to be woken when something has changed. */
  await(): void {
    this.#isAwaited = true;
  }

  /** Tells its owner what is owed, as far as that has room, and then hands over what else there is. */
  tryAgain(): void {
    const owner = this.#owner;
    if (!owner?.alive) return;
    while (this.#owed.length > 0 && !owner.mailbox.full) owner.runtime.send(owner.pid, this.#owed.shift());
    if (this.#owed.length > 0) this.stall();
    else this.handOver(owner);
  }

  /** Something was not told yet. */
  protected get isOwing(): boolean {
    return this.#owed.length > 0;
  }

  /** Sends its owner a message: now, or as soon as its mailbox has room. */
  protected post(message: unknown): void {
    this.#owed.push(message);
    const owner = this.#owner;
    if (!owner?.alive) return;
    if (this.#owed.length > 1 || owner.mailbox.full) this.stall();
    else owner.runtime.send(owner.pid, this.#owed.shift());
  }

  /** Its owner has no room: `tryAgain` is called when it may have. */
  protected stall(): void {
    if (this.#owner) waitForRoom(this.#owner, this);
  }

  /** Something has changed. */
  protected wake(): void {
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.#owner?.wake();
  }

  /** There may be room for what could not be handed over, or it has another owner. */
  protected handOver(_owner: Process): void {}

  /** Nobody will use it again; `reason` is the owner's, or normal when that closed it. */
  protected abstract ended(reason: ExitReason): void;

  /** Another one takes its place: it is no longer counted, and does not end. */
  protected retire(): void {
    const owner = this.#owner;
    this.#detach();
    if (owner) all.get(owner.runtime)?.delete(this.ref.number);
  }

  #end(reason: ExitReason): void {
    if (!this.#owner) return;
    const owner = this.#owner;
    this.retire();
    // A process that waited for it finds that it is gone.
    if (this.#isAwaited) owner.wake();
    this.ended(reason);
    roomMade(owner);
  }

  #attach(process: Process): void {
    this.#owner = process;
    counts.set(process, openSockets(process) + 1);
    process.account?.add("openResources", 1);
    process.keepBytes(this.bytes);
    this.#unhook = process.onExit((reason) => this.#end(reason));
  }

  #detach(): void {
    const owner = this.#owner;
    if (owner) {
      waitNoMore(owner, this);
      counts.set(owner, openSockets(owner) - 1);
      owner.release("openResources");
      owner.keepBytes(-this.bytes);
    }
    this.#unhook?.();
    this.#owner = undefined;
    this.#unhook = undefined;
  }
}
