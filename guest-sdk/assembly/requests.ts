// Several requests at the same time: collections whose first answer is wanted, calls and casts to many servers (stdlib manual, gen_server).
import { FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import { CallResult, checkResponse, sendRequest } from "./call";
import { monotonicMs } from "./clock";
import { fail, failed } from "./fault";
import { capacity, inbox } from "./inbox";
import { Pid } from "./pid";
import { demonitor } from "./process";
import { taken } from "./receive";
import { Ref } from "./ref";
import { cast } from "./reply";
import * as encoder from "./term/encoder";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** An answer, and the label of the request that it answers. */
@final
export class Labelled<L, Res> {
  constructor(readonly label: L, readonly result: CallResult<Res>) {}
}

/**
 * Requests with labels. All answers are a Res.
 *
 *     const requests = new RequestCollection<string, i64>();
 *     requests.add(sendRequest<Add, Pid>(counter, new Add(1)), "counter");
 *     while (requests.size > 0) { const first = requests.receive()!; ... }
 */
@final
export class RequestCollection<L, Res> {
  private refs: Ref[] = [];
  private labels: L[] = [];

  get size(): i32 {
    return this.refs.length;
  }

  /** Adds a request of `sendRequest`. Ends the process with `badarg` for one that is there. */
  add(request: Ref, label: L): void {
    for (let i = 0; i < this.refs.length; i++) {
      if (this.refs[i] == request) fail("badarg", "RequestCollection.add: the request is there already");
    }
    this.refs.push(request);
    this.labels.push(label);
  }

  /** The next answer, and its request is out of the collection; null when there was none in the time, or nothing is asked. */
  wait(timeoutMs: u32 = 0): Labelled<L, Res> | null {
    if (this.refs.length == 0) return null;
    const patterns = this.patterns();
    const length = abi.receive(changetype<usize>(patterns), patterns.length, inbox(), capacity(), timeoutMs);
    if (length == TIMEOUT) return null;
    if (length < 0) failed(length, "RequestCollection.wait");
    return this.check(taken<Term>(length));
  }

  /** As `wait`. When the time is over all requests are given up, and late answers are dropped. */
  receive(timeoutMs: u32 = FOR_EVER): Labelled<L, Res> | null {
    const found = this.wait(timeoutMs);
    if (found === null) this.giveUp();
    return found;
  }

  /** The answer that a received message is, and its request is out of the collection; null if it is none of these. */
  check(message: Term): Labelled<L, Res> | null {
    for (let i = 0; i < this.refs.length; i++) {
      const result = checkResponse<Res>(message, this.refs[i]);
      if (result === null) continue;
      const label = this.labels[i];
      this.refs.splice(i, 1);
      this.labels.splice(i, 1);
      return new Labelled<L, Res>(label, result);
    }
    return null;
  }

  /** Gives all requests up. */
  giveUp(): void {
    for (let i = 0; i < this.refs.length; i++) {
      demonitor(this.refs[i]);
      // What came between the end of the time and this.
      while (abi.receive_tagged(this.refs[i].pointer, this.refs[i].byteLength, inbox(), capacity(), 0) >= 0) {}
    }
    this.refs = [];
    this.labels = [];
  }

  /** How the answers begin: `{[alias | Ref], _}` and `{'DOWN', Ref, _, _, _}`. */
  private patterns(): StaticArray<u8> {
    let all = new StaticArray<u8>(0);
    for (let i = 0; i < this.refs.length; i++) {
      encoder.begin();
      encoder.tuple(2);
      encoder.list(1);
      encoder.atom("alias");
      __moonletWrite<Ref>(this.refs[i]);
      all = joined(all, encoder.start(), encoder.length());
      encoder.begin();
      encoder.tuple(5);
      encoder.atom("DOWN");
      __moonletWrite<Ref>(this.refs[i]);
      all = joined(all, encoder.start(), encoder.length());
    }
    return all;
  }
}

/** What came of a call to many. */
@final
export class MultiCallResult<Res> {
  constructor(
    /** Who answered. */
    readonly servers: Pid[],
    /** Their answers, in the same order. */
    readonly replies: Res[],
    /** Who did not: it was gone, or took too long. */
    readonly failed: Pid[],
  ) {}
}

/** Asks many servers the same and waits for all, within one limit. Never fails; late answers are dropped. */
export function multiCall<Req, Res>(servers: Pid[], request: Req, timeoutMs: u32 = FOR_EVER): MultiCallResult<Res> {
  const requests = new RequestCollection<i32, Res>();
  const answered = new StaticArray<bool>(servers.length);
  const replied: Pid[] = [];
  const replies: Res[] = [];
  for (let i = 0; i < servers.length; i++) requests.add(sendRequest<Req, Pid>(servers[i], request), i);
  const end = monotonicMs() + timeoutMs;
  while (requests.size > 0) {
    const left = timeoutMs == FOR_EVER ? FOR_EVER : <u32>max<i64>(0, end - monotonicMs());
    const next = requests.receive(left);
    if (next === null) break;
    if (!next.result.ok) continue;
    answered[next.label] = true;
    replied.push(servers[next.label]);
    replies.push(next.result.value);
  }
  const failed: Pid[] = [];
  for (let i = 0; i < servers.length; i++) if (!answered[i]) failed.push(servers[i]);
  return new MultiCallResult<Res>(replied, replies, failed);
}

/** Casts the same to many servers. */
export function abcast<T>(servers: Pid[], message: T): void {
  for (let i = 0; i < servers.length; i++) cast<Pid, T>(servers[i], message);
}

function joined(before: StaticArray<u8>, from: usize, length: usize): StaticArray<u8> {
  const size = before.length;
  const longer = new StaticArray<u8>(size + 4 + <i32>length);
  const at = changetype<usize>(longer);
  memory.copy(at, changetype<usize>(before), size);
  store<u32>(at + size, <u32>length);
  memory.copy(at + size + 4, from, length);
  return longer;
}
