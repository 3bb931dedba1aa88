// A door with a code lock as a gen_statem: three wrong digits alarm, the right ones open it for a moment, and whoever knocks is let in
// when the door is open again.
import {
  atom, call, cast, Event, EventType, Pid, print, receiveResponse, sendRequest, sleep, start, StateMachine, stopServer, sys, Term,
} from "moonlet/guest-sdk";

@message class Digit { constructor(public digit: i32) {} }
@message class Knock {}

const CODE: i32[] = [1, 2, 3];

class Door extends StateMachine {
  typed: i32[] = [];

  init(): void {
    this.stateEnter = true;
  }

  handleEnter(previous: Term): void {
    print("the door is " + this.state.toString());
    if (this.isIn("open")) this.stateTimeout(300, atom("close"));
    this.typed = [];
  }

  handleEvent(event: Event): void {
    if (event.type == EventType.Cast && event.content.is<Digit>()) {
      if (this.isIn("locked")) this.type(event.content.as<Digit>().digit);
    } else if (event.type == EventType.Call) {
      // A knock waits until the state has changed, and is then handled again.
      if (this.isIn("locked")) return this.postpone();
      event.reply(atom("come_in"));
    } else if (event.type == EventType.StateTimeout) {
      this.nextState("locked");
    } else if (event.type == EventType.Timeout) {
      print("too slow: " + this.typed.length.toString() + " digits are forgotten");
      this.typed = [];
    } else if (event.type == EventType.Internal) {
      print("alarm: " + event.content.text);
    }
  }

  private type(digit: i32): void {
    this.typed.push(digit);
    if (this.typed.length < CODE.length) {
      this.eventTimeout(20, "slow");
      return;
    }
    for (let i = 0; i < CODE.length; i++) {
      if (this.typed[i] == CODE[i]) continue;
      this.typed = [];
      this.nextEvent("wrong code");
      return;
    }
    this.nextState("open");
  }

  getData(): Term {
    return Term.of(this.typed);
  }
}

function door(): void {
  new Door("locked").run();
}

function type(pid: Pid, digits: i32[]): void {
  for (let i = 0; i < digits.length; i++) cast(pid, new Digit(digits[i]));
}

export function main(): void {
  const pid = start(door).pid!;
  type(pid, [3, 2, 1]);
  const visitor = sendRequest(pid, new Knock());
  type(pid, [1]);
  print("sys sees " + sys.getState(pid).toString());
  sleep(40);
  type(pid, [1, 2, 3]);
  print("the visitor hears " + receiveResponse<Term>(visitor).value.toString());
  print("so does the next: " + call<Knock, Term>(pid, new Knock()).toString());
  sleep(400);
  stopServer(pid, "normal");
}
