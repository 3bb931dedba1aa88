// From an address to the mailbox behind it. The hot path of sending: a pid is looked at first, nothing but the envelope is allocated.

import { copyTerm } from "./copy.ts";
import { type Decoder, Envelope } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import { nameOf, nameOnNode } from "./names.ts";
import { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { Ref } from "./ref.ts";
import type { Runtime } from "./runtime.ts";
import { collectEnds, type StreamEnd } from "./stream.ts";
import type { Atom } from "./term/atom.ts";
import { encodeTerm } from "./term/encode.ts";

/** Who can be sent to: a pid, a registered name, a name on a node (`{Name, Node}` or an object), or an alias. */
export type Address =
  | Pid
  | Ref
  | string
  | Atom
  | { readonly name: string; readonly node: string }
  | readonly unknown[];

/** The ends of streams in the message that is being sent; empty between two sends. */
const ends: StreamEnd[] = [];

/**
 * Sends a message: a copy of a value, or its external term format in `bytes`.
 * @throws MoonletError badarg for a name nobody has (S86), for what is no address, for bytes that are no term when the receiver reads
 *   values, and for a value that is no term when it reads bytes; system_limit when the mailbox rejects it.
 */
export function route(
  runtime: Runtime,
  sender: Process | undefined,
  to: Address,
  value: unknown,
  bytes: Uint8Array | undefined,
): void {
  let target: Process | undefined;
  let tag: Ref | undefined;
  let isLate = false;
  if (to instanceof Pid) {
    target = runtime.process(to);
  } else if (to instanceof Ref) {
    // A process that sends to itself may end the alias before it looks: what counts is that moment.
    isLate = sender?.aliases?.has(to.number) === true && runtime.isOwn(to);
    target = isLate ? sender : runtime.useAlias(to);
    tag = to;
  } else {
    target = resolve(runtime, to);
  }
  let decoder: Decoder | undefined;
  // What is no term for a receiver that wants one is its sender's mistake: found out here and not when it is received.
  if (target?.readsEncoded === true) {
    bytes ??= collectEnds(value, ends, encodeTerm);
    decoder = runtime.decoder;
  } else if (bytes !== undefined) {
    if (target !== undefined) value = runtime.decoder.decode(bytes);
  } else if (typeof value === "object") {
    value = collectEnds(value, ends, copyTerm);
  }
  if (ends.length > 0) {
    handOver(
      sender,
      isLate ? runtime.useAlias(tag!) : target,
      new Envelope("message", value, tag, bytes, decoder),
    );
    return;
  }
  // Nobody there: the message vanishes (S6, S74).
  if (target === undefined) return;
  // Behind what the process has sent itself before (S1).
  if (target === sender && (isLate || target.hasOwnSignals)) {
    const envelope = new Envelope("message", value, tag, bytes, decoder);
    target.queueOwn({ type: "message", envelope, alias: isLate ? tag : undefined });
  } else if (tag === undefined && bytes === undefined) {
    if (!isFull(target, sender)) target.deliverValue(value);
    else shed(target);
  } else {
    enter(target, new Envelope("message", value, tag, bytes, decoder), sender);
  }
  if (runtime.events.active) {
    runtime.events.emit({
      type: "sent",
      at: runtime.environment.now(),
      pid: sender?.pid,
      to: target.pid,
      message: bytes ?? value,
      encoded: bytes !== undefined,
    });
  }
}

/** Sends a message with the `ends` of streams in it: its receiver owns them from now on; nobody there, they are dropped. */
function handOver(sender: Process | undefined, target: Process | undefined, envelope: Envelope): void {
  const moving = ends.splice(0);
  for (const end of moving) {
    if (sender === undefined || end.owner !== sender) {
      throw new MoonletError("badarg", "only its owner can send the end of a stream");
    }
  }
  const isThere = target !== undefined && enter(target, envelope, sender);
  for (const end of moving) {
    if (isThere) end.moveTo(target);
    else end.release("normal");
  }
}

/** Whether there is no room for what this sender sends. A stranger's flood leaves the other half to its own family and to the host. */
export function isFull({ mailbox, family }: Process, sender: Process | undefined): boolean {
  if (mailbox.full) return true;
  const isStranger =
    sender?.family !== undefined && sender.family !== family && !sender.family.equals(family);
  return isStranger && mailbox.halfFull;
}

/** Puts a message into a mailbox, or does with it what the mailbox's policy says; tells whether it is in. */
function enter(target: Process, envelope: Envelope, sender: Process | undefined): boolean {
  if (isFull(target, sender)) {
    shed(target);
    return false;
  }
  target.deliver(envelope);
  return true;
}

/** Does what the policy says with a message that finds the mailbox full. */
function shed(target: Process): void {
  const { mailbox } = target;
  mailbox.shed++;
  const { events, environment } = target.runtime;
  if (events.active) {
    events.emit({
      type: "shed",
      at: environment.now(),
      pid: target.pid,
      policy: mailbox.policy,
      count: mailbox.shed,
    });
  }
  switch (mailbox.policy) {
    case "drop":
      return;
    case "kill":
      target.terminate("killed", { type: "signal", from: target.pid });
      return;
    case "reject":
      throw new MoonletError(
        "system_limit",
        `the mailbox of ${target.pid} is full (${mailbox.length} messages, ${mailbox.bytes} bytes)`,
        {
          hint: "send less, or raise its maxMailbox",
        },
      );
  }
}

/** As `enter` for messages without a sender that could be told: a rejected one is dropped. */
export function enterQuietly(target: Process, envelope: Envelope, sender?: Process): void {
  if (isFull(target, sender) && target.mailbox.policy === "reject") target.mailbox.shed++;
  else enter(target, envelope, sender);
}

function resolve(runtime: Runtime, to: unknown): Process | undefined {
  const remote = nameOnNode(to);
  if (remote !== undefined) return remote.node === runtime.name ? runtime.named(remote.name) : undefined;
  const name = nameOf(to);
  if (name === undefined) {
    throw new MoonletError("badarg", `${describe(to)} is no address`, {
      hint: "send to a pid, a registered name or an alias",
    });
  }
  const target = runtime.named(name);
  if (target === undefined) {
    throw new MoonletError("badarg", `no process is registered as "${name}"`, {
      hint: "register it first, or send to its pid",
    });
  }
  return target;
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null
    ? `an object (${value.constructor?.name ?? "no class"})`
    : String(value);
}
