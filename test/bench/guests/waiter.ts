// A process that has run, and waits for ever.
import { Pid, receive, send } from "moonlet/guest-sdk";

@message export class Ready {}
@message class Never {}

export function waiter(parent: Pid): void {
  send(parent, new Ready());
  receive<Never>();
}
