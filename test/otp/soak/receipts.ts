// What a process of the soak does with what it receives: it holds it against the model.
import type { DownMessage, ExitMessage, GroupMessage, TimeoutMessage } from "../../../host/otp/envelope.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import { exitKey, type Fact, type Model } from "./model.ts";

/** A message between processes: channel, number of the sender, stamp. */
export type Stamped = readonly [channel: number, sender: number, stamp: number];
/** Messages over aliases can be taken by their tag, ahead of others. */
export const ALIAS_CHANNEL = 2;

export interface TimerMessage {
  readonly timer: number;
}

export function isStamped(value: unknown): value is Stamped {
  return Array.isArray(value);
}

/** What arrived, as the soak counts it. */
export type Receipt = "message" | "exit" | "down" | "timer" | "group" | "other";

export function check(model: Model, fact: Fact, value: unknown, now: number): Receipt {
  if (!model.alive.has(fact.number)) model.violated(`${fact.number} received something after its death`);
  if (isStamped(value)) {
    checkMessage(model, fact, value);
    return "message";
  }
  if (typeof value !== "object" || value === null) return "other";
  if ("timer" in value) {
    checkTimer(model, fact, (value as TimerMessage).timer, now);
    return "timer";
  }
  const message = value as ExitMessage | DownMessage | TimeoutMessage | GroupMessage;
  switch (message.type) {
    case "exit":
      checkExit(model, fact, message);
      return "exit";
    case "down":
      checkDown(model, fact, message);
      return "down";
    case "timeout":
      checkTimer(model, fact, (message.message as TimerMessage).timer, now);
      return "timer";
    case "join":
    case "leave":
      checkGroup(model, fact, message);
      return "group";
  }
}

function checkMessage(model: Model, fact: Fact, [channel, sender, stamp]: Stamped): void {
  fact.messages--;
  if (channel === ALIAS_CHANNEL) return;
  const stream = sender * 2 + channel;
  const last = fact.stamps.get(stream) ?? 0;
  if (stamp <= last)
    model.violated(`${fact.number} received ${stamp} of ${sender} after ${last}: out of order or twice`);
  fact.stamps.set(stream, stamp);
}

function checkTimer(model: Model, fact: Fact, id: number, now: number): void {
  const timer = model.timers.get(id);
  if (timer === undefined) {
    model.violated(`${fact.number} received timer ${id}, which was cancelled, or fired before`);
    return;
  }
  model.timers.delete(id);
  if (now < timer.due) model.violated(`timer ${id} fired ${timer.due - now} ms early`);
  if (timer.target !== undefined && timer.target !== fact.number)
    model.violated(`timer ${id} for ${timer.target} reached ${fact.number}`);
}

function checkExit(model: Model, fact: Fact, { from, reason }: ExitMessage): void {
  if (fact.linkExits.has(from.number) && fact.linkExits.get(from.number) === reason) {
    fact.linkExits.delete(from.number);
    return;
  }
  const key = exitKey(from.number, reason);
  const due = fact.exits.get(key) ?? 0;
  if (due === 0) model.violated(`${fact.number} received an exit that nobody sent: ${key}`);
  else if (due === 1) fact.exits.delete(key);
  else fact.exits.set(key, due - 1);
}

function checkDown(model: Model, fact: Fact, { ref, pid, reason }: DownMessage): void {
  const monitor = fact.monitors.get(ref.number);
  if (monitor === undefined) {
    model.violated(`${fact.number} received a DOWN of a monitor that it does not have, or a second one`);
    return;
  }
  fact.monitors.delete(ref.number);
  if (!monitor.due) model.violated(`${fact.number} received a DOWN of ${monitor.target}, which lives`);
  if (reason !== monitor.reason)
    model.violated(
      `DOWN of ${monitor.target} with ${String(reason)}, which died of ${String(monitor.reason)}`,
    );
  if (!("name" in pid) && (pid as Pid).number !== monitor.target)
    model.violated(`DOWN of ${pid} for a monitor on ${monitor.target}`);
}

function checkGroup(model: Model, fact: Fact, { ref, pids }: GroupMessage): void {
  const monitor = fact.groupMonitors.get(ref.number);
  if (monitor === undefined) {
    model.violated(`${fact.number} is told of a group that it does not monitor`);
    return;
  }
  monitor.expected -= pids.length;
  if (monitor.expected < 0) model.violated(`${fact.number} is told more changes of a group than there were`);
}
