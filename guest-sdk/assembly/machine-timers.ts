// The timers of a state machine: one of the event, one of the state, one per name; those of 0 ms wait in a queue of their own.
import { inbox, capacity } from "./inbox";
import * as abi from "./abi/message";
import { fail } from "./fault";
import { self } from "./process";
import { Pid } from "./pid";
import { Ref } from "./ref";
import { Event, EventType, Time } from "./state-machine";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";
import { cancelTimer, startTimer } from "./timer";

/** A timer that is asked for. */
@final
export class TimeoutRequest {
  constructor(readonly type: EventType, readonly name: Term | null, readonly ms: i64, readonly content: Term) {}
}

/** One that runs. */
@final
export class MachineTimer {
  constructor(
    readonly type: EventType,
    readonly name: Term | null,
    /** Null for one of 0 ms. */
    readonly ref: Ref | null,
    public content: Term,
  ) {}

  isOf(type: EventType, name: Term | null): bool {
    return this.type == type && this.name == name;
  }

  toEvent(): Event {
    return new Event(this.type, this.content, null, this.name);
  }
}

@final
export class MachineTimers {
  running: MachineTimer[] = [];
  due: MachineTimer[] = [];

  /** Carries out the timeouts of one event: for each timer the last one counts. */
  apply(requests: TimeoutRequest[]): void {
    const due: MachineTimer[] = [];
    for (let i = requests.length - 1; i >= 0; i--) {
      const request = requests[i];
      let isLast = true;
      for (let k = i + 1; k < requests.length; k++) {
        if (requests[k].type == request.type && requests[k].name == request.name) isLast = false;
      }
      if (!isLast) continue;
      const made = this.set(request);
      if (made !== null) due.unshift(made);
    }
    this.due = this.due.concat(due);
  }

  /** The timer when it is due at once. */
  private set(request: TimeoutRequest): MachineTimer | null {
    const type = request.type;
    const name = request.name;
    if (request.ms == Time.Update) {
      const known = this.find(type, name);
      if (known !== null) {
        known.content = request.content;
        return null;
      }
    }
    this.cancel(type, name);
    if (request.ms == Time.Cancel) return null;
    if (request.ms < Time.Update) {
      fail("bad_action_from_state_function", "a timeout of " + request.ms.toString() + " ms");
    }
    if (request.ms <= 0) return new MachineTimer(type, name, null, request.content);
    const ref = startTimer<Pid, Atom>(<f64>request.ms, self(), atom("timeout"));
    this.running.push(new MachineTimer(type, name, ref, request.content));
    return null;
  }

  private find(type: EventType, name: Term | null): MachineTimer | null {
    for (let i = 0; i < this.running.length; i++) {
      if (this.running[i].isOf(type, name)) return this.running[i];
    }
    for (let i = 0; i < this.due.length; i++) {
      if (this.due[i].isOf(type, name)) return this.due[i];
    }
    return null;
  }

  /** Stops a timer; what it sent already is taken out of the mailbox. */
  cancel(type: EventType, name: Term | null): void {
    for (let i = 0; i < this.due.length; i++) {
      if (this.due[i].isOf(type, name)) {
        this.due.splice(i, 1);
        return;
      }
    }
    for (let i = 0; i < this.running.length; i++) {
      if (!this.running[i].isOf(type, name)) continue;
      const ref = this.running[i].ref!;
      this.running.splice(i, 1);
      if (cancelTimer(ref) < 0) abi.receive_tagged(ref.pointer, ref.byteLength, inbox(), capacity(), 0);
      return;
    }
  }

  /** The timer that fired with this reference; null when it is none of these. */
  take(ref: Ref): MachineTimer | null {
    for (let i = 0; i < this.running.length; i++) {
      const timer = this.running[i];
      if (timer.ref != ref) continue;
      this.running.splice(i, 1);
      return timer;
    }
    return null;
  }

  takeDue(): MachineTimer | null {
    return this.due.length > 0 ? this.due.shift() : null;
  }
}
