// A listening socket as a process has it. Connections, or requests, wait in it to be accepted; active, it sends them to its owner, each of them as
// the owner's, as long as that may have one more.
import type { Process } from "../../otp/index.ts";
import { Guest } from "../guest.ts";
import { ActiveSocket, type HandedOver } from "./active-socket.ts";
import type { ConnectionBudget } from "./connection-budget.ts";
import { UNITS } from "./costs.ts";
import type { Endpoint, Listener } from "./network.ts";
import { CONNECTION_BYTES, LISTENER_BYTES } from "./resource.ts";

export abstract class ListeningSocket<T> extends ActiveSocket {
  readonly #listener: Listener<T>;
  /** That its owner may have no more has been told. */
  #isLimitTold = false;

  readonly #budget: ConnectionBudget;

  constructor(owner: Process, listener: Listener<T>, budget: ConnectionBudget) {
    super(owner, LISTENER_BYTES);
    this.#budget = budget;
    this.#listener = listener;
    listener.changed = () => {
      if (this.owner) this.handOver(this.owner);
      this.wake();
    };
  }

  get local(): Endpoint {
    return this.#listener.local;
  }

  accept(): T | undefined {
    return this.#listener.accept();
  }

  override moveTo(process: Process): void {
    this.#budget.moveTo(process);
    super.moveTo(process);
  }

  protected ended(): void {
    this.#listener.close();
  }

  protected next(owner: Process): HandedOver {
    if (!this.#hasRoom(owner)) return "no room";
    const taken = this.accept();
    if (taken === undefined) return "empty";
    const message = this.message(owner, taken);
    if (message !== undefined) this.post(message);
    owner.charge(UNITS.connection);
    return message === undefined ? "skipped" : "sent";
  }

  /** Makes what was accepted the owner's, and the message that tells it; undefined when it is nothing for any process. */
  protected abstract message(owner: Process, taken: T): unknown;

  #hasRoom({ body }: Process): boolean {
    // One that has not begun has no limits yet.
    if (!(body instanceof Guest)) return false;
    const hasRoom = body.socketLimit(CONNECTION_BYTES) === undefined;
    if (!hasRoom && !this.#isLimitTold) body.hasRoomForSocket(CONNECTION_BYTES);
    this.#isLimitTold = !hasRoom;
    return hasRoom;
  }
}
