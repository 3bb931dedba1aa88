// A state machine with a function for each state: gen_statem's callback mode state_functions, for guests.
import { fail } from "./fault";
import { Event, StateMachine } from "./state-machine";
import { Term } from "./term/term";

type Handler = (machine: StateFunctions, event: Event) => void;
type Entry = (machine: StateFunctions, previous: Term) => void;

/**
 * States are atoms here, and each has a function that handles its events and, if need be, one for entering it:
 *
 *     class Light extends StateFunctions {
 *       constructor() {
 *         super("red");
 *         this.inState<Light>("red", (light: Light, event: Event) => light.red(event));
 *         this.inState<Light>("green", (light: Light, event: Event) => light.green(event));
 *       }
 *       red(event: Event): void { this.nextState("green"); }
 *       green(event: Event): void { this.nextState("red"); }
 *     }
 */
export abstract class StateFunctions extends StateMachine {
  private handlers: Map<string, Handler> = new Map();
  private entries: Map<string, Entry> = new Map();

  /** The function of a state; `M` is the machine's own class. */
  protected inState<M>(state: string, handle: (machine: M, event: Event) => void): void {
    if (!(this instanceof M)) fail("badarg", "inState: the function is for another class than this machine's");
    this.handlers.set(state, changetype<Handler>(handle));
  }

  /** What runs when a state is entered; as `handleEnter` it may set timeouts, and not change the state. */
  protected onEnter<M>(state: string, enter: (machine: M, previous: Term) => void): void {
    if (!(this instanceof M)) fail("badarg", "onEnter: the function is for another class than this machine's");
    this.stateEnter = true;
    this.entries.set(state, changetype<Entry>(enter));
  }

  handleEvent(event: Event): void {
    const state = this.stateName();
    if (!this.handlers.has(state)) fail("undef", "the state machine has no function for the state " + state);
    this.handlers.get(state)(this, event);
  }

  handleEnter(previous: Term): void {
    const state = this.stateName();
    if (this.entries.has(state)) this.entries.get(state)(this, previous);
  }

  private stateName(): string {
    if (!this.state.isAtom) fail("bad_return_from_state_function", "a state of state functions is an atom, not " + this.state.toString());
    return this.state.text;
  }
}
