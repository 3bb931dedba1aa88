// A mailbox: messages wait in the order of their arrival, a receive takes the oldest that it wants, and how many may wait can be bounded.
import {
  atom, exitSignal, info, MailboxPolicy, Pid, print, receive, receiveAny, receiveAnyWithin, receiveWithin, Selector, self, send,
  sleep, spawn, SpawnOptions, trySend,
} from "moonlet/guest-sdk";

@message class Letter { constructor(public text: string) {} }
@message class Bill { constructor(public amount: i32) {} }
@message class Flyer { constructor(public text: string) {} }

function busy(): void {
  sleep(1_000_000);
}

function boxOf(messages: i32, policy: MailboxPolicy): Pid {
  const options = new SpawnOptions();
  options.mailbox = messages;
  options.mailboxPolicy = policy;
  return spawn(busy, options);
}

export function main(): void {
  const me = self();
  send(me, new Flyer("buy!"));
  send(me, new Letter("hello"));
  send(me, new Bill(12));
  send(me, new Letter("it is me"));
  send(me, new Bill(30));

  // By type: what does not fit stays, in its place.
  print("a bill: " + receive<Bill>().amount.toString());
  // Several types at once, the oldest first.
  const mail = new Selector().on<Letter>().on<Bill>();
  for (let next = mail.receiveWithin(0); next !== null; next = mail.receiveWithin(0)) {
    print(next.is<Letter>() ? "a letter: " + next.as<Letter>().text : "a bill: " + next.as<Bill>().amount.toString());
  }
  print("no bill within 5 ms: " + (receiveWithin<Bill>(5) === null).toString());
  print("what nobody asked for: " + receiveAny().toString());
  print("nothing is left: " + (receiveAnyWithin(0) === null).toString());

  // A mailbox that takes two messages: a third is refused, dropped, or the end.
  const rejecting = boxOf(2, MailboxPolicy.Reject);
  const dropping = boxOf(2, MailboxPolicy.Drop);
  const fragile = boxOf(2, MailboxPolicy.Kill);
  const boxes = [rejecting, dropping, fragile];
  for (let i = 0; i < boxes.length; i++) {
    const box = boxes[i];
    const taken: string[] = [];
    for (let n = 0; n < 3; n++) taken.push(trySend(box, n).toString());
    const known = info(box);
    print(
      taken.join(" ") + ", " +
        (known === null ? "it is gone" : known.get(atom("messages_shed"))!.toString() + " shed"),
    );
    exitSignal(box, "kill");
  }
}
