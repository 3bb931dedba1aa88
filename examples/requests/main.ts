// Asking several servers at the same time: answers as they come, answers of all, and answers that come too late and bother nobody.
import {
  abcast, exitSignal, Caller, multiCall, Pid, print, receiveAnyWithin, receiveResponse, RequestCollection, sendRequest, serve,
  Server, sleep, spawn, stopServer, Term, waitResponse,
} from "moonlet/guest-sdk";

@message class Price { constructor(public item: string) {} }

/** A shop that takes its time to answer. */
class Shop extends Server {
  constructor(readonly ms: i32, private factor: i32) {
    super();
  }
  handleCall(request: Term, from: Caller): void {
    sleep(this.ms);
    from.reply(request.as<Price>().item.length * this.factor);
  }
  handleCast(message: Term): void {
    this.factor = message.as<i32>();
  }
}
function quick(): void { serve(new Shop(0, 3)); }
function slow(): void { serve(new Shop(10, 2)); }
function endless(): void { serve(new Shop(1_000_000, 1)); }

export function main(): void {
  const shops = [spawn(quick), spawn(slow), spawn(endless)];
  const names = ["quick", "slow", "endless"];

  // One request, asked now and answered later.
  const asked = sendRequest<Price, Pid>(shops[1], new Price("tea"));
  print("not yet: " + (waitResponse<i32>(asked) === null).toString());
  print("tea: " + receiveResponse<i32>(asked).value.toString());

  // Several, whose answers are taken as they come.
  const offers = new RequestCollection<string, i32>();
  for (let i = 0; i < shops.length; i++) offers.add(sendRequest<Price, Pid>(shops[i], new Price("coffee")), names[i]);
  for (let next = offers.receive(300); next !== null; next = offers.receive(300)) {
    print(next.label + ": " + next.result.value.toString());
  }
  print("given up: " + offers.size.toString() + " are left");

  // The same for all of them, and the same question to all.
  stopServer(shops[0], "normal");
  abcast([shops[1]], 5);
  const all = multiCall<Price, i32>(shops.slice(0, 2), new Price("milk"), 1000);
  print("milk: " + all.replies.length.toString() + " answer, " + all.replies[0].toString() + "; gone: " + all.failed.length.toString());
  print("nothing lies about: " + (receiveAnyWithin(30) === null).toString());
  for (let i = 1; i < shops.length; i++) exitSignal(shops[i], "kill");
}
