// What a process of the soak does in a turn: random operations on random others, each told to the model as well.
// A file of one subject that cannot be cut: every function below is one operation.
import { MoonletError } from "../../../host/otp/error.ts";
import type { MonitorAlias } from "../../../host/otp/monitors.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import type { Process } from "../../../host/otp/process.ts";
import type { Ref } from "../../../host/otp/ref.ts";
import type { Fact, TimerFact } from "./model.ts";
import { ALIAS_CHANNEL, type Stamped, type TimerMessage } from "./receipts.ts";
import type { Soak } from "./soak.ts";

export const NAMES = Array.from({ length: 64 }, (_, i) => `name${i}`);
export const GROUPS = Array.from({ length: 16 }, (_, i) => `group${i}`);
/** With more links than these, deaths would take everybody along. */
const MOST_LINKS = 2;
const MOST_MONITORS = 8;
const MOST_GROUPS = 40;
const MOST_SUSPENDED = 20;

export interface SharedAlias {
  readonly ref: Ref;
  readonly owner: number;
  readonly mode: "explicit" | "reply" | MonitorAlias;
}

type Operation = readonly [
  name: string,
  weight: number,
  act: (soak: Soak, self: Process, fact: Fact) => void,
];

const OPERATIONS: readonly Operation[] = [
  ["send", 300, send],
  ["sendToName", 60, sendToName],
  ["sendToAlias", 50, sendToAlias],
  ["link", 80, link],
  ["unlink", 50, unlink],
  ["monitor", 80, monitor],
  ["monitorName", 20, monitorName],
  ["demonitor", 70, demonitor],
  ["exit", 12, exit],
  ["exitNormal", 10, exitNormal],
  ["kill", 3, kill],
  ["exitSelf", 3, exitSelf],
  ["alias", 25, alias],
  ["unalias", 15, unalias],
  ["register", 30, register],
  ["unregister", 15, unregister],
  ["join", 25, join],
  ["leave", 20, leave],
  ["monitorGroup", 5, monitorGroup],
  ["demonitorGroup", 5, demonitorGroup],
  ["sendAfter", 40, sendAfter],
  ["startTimer", 30, startTimer],
  ["cancelTimer", 40, cancelTimer],
  ["readTimer", 5, readTimer],
  ["trapExit", 10, trapExit],
  ["suspend", 4, suspend],
  ["resume", 8, resume],
];
const WHEEL = OPERATIONS.flatMap((operation) => Array<Operation>(operation[1]).fill(operation));

/** One random operation. */
export function act(soak: Soak, self: Process, fact: Fact): void {
  const [name, , operation] = soak.random.pick(WHEEL);
  soak.signalSent(name);
  operation(soak, self, fact);
}

function refused(soak: Soak, error: unknown, code: string, what: string): void {
  if (!(error instanceof MoonletError && error.code === code))
    soak.model.violated(`${what}: ${String(error)}`);
}

function stamped(soak: Soak, fact: Fact, channel = soak.random.below(2)): Stamped {
  return [channel, fact.number, ++soak.stamp];
}

// ---- messages

function send(soak: Soak, self: Process, fact: Fact): void {
  const to = soak.anyPid();
  const target = soak.model.alive.get(to.number);
  if (target !== undefined) target.messages++;
  try {
    self.send(to, stamped(soak, fact));
  } catch (error) {
    if (target?.bounded !== true) soak.model.violated(`send: ${String(error)}`);
    refused(soak, error, "system_limit", "send");
  }
}

function sendToName(soak: Soak, self: Process, fact: Fact): void {
  const name = soak.random.pick(NAMES);
  const number = soak.model.names.get(name);
  const target = number === undefined ? undefined : soak.model.alive.get(number);
  if (target !== undefined) target.messages++;
  try {
    self.send(name, stamped(soak, fact));
    if (number === undefined) soak.model.violated(`sent to ${name}, which nobody has`);
  } catch (error) {
    if (number === undefined) refused(soak, error, "badarg", "send to a free name");
    else if (target?.bounded !== true) soak.model.violated(`send to a name: ${String(error)}`);
  }
}

function sendToAlias(soak: Soak, self: Process, fact: Fact): void {
  const index = soak.random.below(soak.aliases.length);
  const shared = soak.aliases[index];
  if (shared === undefined) return;
  const owner = soak.model.alive.get(shared.owner);
  const { number } = shared.ref;
  // Between its target's death and its DOWN nobody outside can tell whether the alias still is one.
  if (owner?.monitors.get(number)?.due === true) return;
  const endsWithMonitor = shared.mode === "demonitor" || shared.mode === "reply_demonitor";
  if (endsWithMonitor && owner?.monitors.has(number) === false) soak.forgetAlias(shared.ref);
  else if (owner !== undefined) owner.messages++;
  if (shared.mode === "reply" || shared.mode === "reply_demonitor") {
    soak.forgetAlias(shared.ref);
    if (owner !== undefined && shared.mode === "reply_demonitor") soak.model.unmonitored(owner, number);
  }
  try {
    self.send(shared.ref, stamped(soak, fact, ALIAS_CHANNEL));
    // To itself it is under way until it looks (S76): the model has it that it looks at once.
    if (owner === fact) self.showOwnSignals();
  } catch (error) {
    if (owner?.bounded !== true) soak.model.violated(`send to an alias: ${String(error)}`);
  }
}

// ---- links and monitors

function link(soak: Soak, self: Process, fact: Fact): void {
  const to = soak.anyPid();
  const peer = soak.model.alive.get(to.number);
  if (to === self.pid || fact.links.size >= MOST_LINKS || (peer?.links.size ?? 0) >= MOST_LINKS) return;
  const trapping = self.trapExit;
  const isDying = fact.linkExits.has(to.number) && self.links?.has(to.number) === true;
  try {
    self.link(to);
    if (peer !== undefined) soak.model.linked(fact.number, to.number);
    else if (isDying) return;
    else if (trapping) soak.model.exitDue(fact.number, to.number, "noproc");
    else soak.model.violated("linked to the dead without trapping exits");
  } catch (error) {
    if (peer !== undefined || trapping) soak.model.violated(`link: ${String(error)}`);
    refused(soak, error, "noproc", "link");
  }
}

function unlink(soak: Soak, self: Process, fact: Fact): void {
  // Mostly somebody to whom there is a link, or whose exit is under way.
  const peers = [...(self.links?.values() ?? [])].map((peer) => peer.pid);
  const to = peers.length > 0 && !soak.random.oneIn(4) ? soak.random.pick(peers) : soak.anyPid();
  const isUnderWay = self.links?.has(to.number) === true;
  self.unlink(to);
  // An exit that was received stays (S52).
  if (isUnderWay || soak.model.alive.has(to.number)) soak.model.unlinked(fact.number, to.number);
}

const MONITOR_ALIASES: readonly MonitorAlias[] = ["explicit_unalias", "demonitor", "reply_demonitor"];

function monitor(soak: Soak, self: Process, fact: Fact): void {
  const to = soak.anyPid();
  if (fact.monitors.size >= MOST_MONITORS || to === self.pid) return;
  if (!soak.random.oneIn(3)) {
    soak.model.monitored(fact, self.monitor(to).number, to.number);
    return;
  }
  const mode = soak.random.pick(MONITOR_ALIASES);
  const ref = self.monitor(to, { alias: mode });
  soak.model.monitored(fact, ref.number, to.number);
  soak.shareAlias({ ref, owner: fact.number, mode });
}

function monitorName(soak: Soak, self: Process, fact: Fact): void {
  const name = soak.random.pick(NAMES);
  const target = soak.model.names.get(name) ?? 0;
  if (fact.monitors.size >= MOST_MONITORS || target === fact.number) return;
  soak.model.monitored(fact, self.monitor(name).number, target);
}

function demonitor(soak: Soak, self: Process, fact: Fact): void {
  const monitors = [...fact.monitors.values()];
  if (monitors.length === 0) return;
  const { ref: number, due } = soak.random.pick(monitors);
  const known = self.monitors?.get(number);
  const shared = soak.aliases.find((alias) => alias.ref.number === number);
  if (known === undefined) {
    // Its DOWN waits in the mailbox: without flush it stays (S68).
    if (!due) soak.model.violated(`monitor ${number} on a living process is gone`);
    if (!soak.random.oneIn(2)) return;
    const ref = soak.refOf(number);
    if (self.demonitor(ref, { flush: true, info: true }))
      soak.model.violated("demonitor of what has fired says that it was active");
  } else if (!self.demonitor(known.ref, { flush: soak.random.oneIn(2), info: true })) {
    soak.model.violated("demonitor of an active monitor says that it was not active");
  }
  soak.model.unmonitored(fact, number);
  if (shared !== undefined && shared.mode !== "explicit_unalias") soak.forgetAlias(shared.ref);
}

// ---- exits

function exit(soak: Soak, self: Process): void {
  signalExit(soak, self, soak.anyPid(), `e${++soak.stamp}`);
}

function exitNormal(soak: Soak, self: Process): void {
  const to = soak.anyPid();
  if (to !== self.pid) signalExit(soak, self, to, "normal");
}

function kill(soak: Soak, self: Process): void {
  self.exitSignal(soak.anyPid(), "kill");
}

function exitSelf(soak: Soak, self: Process): void {
  signalExit(soak, self, self.pid, `self${++soak.stamp}`);
}

function signalExit(soak: Soak, self: Process, to: Pid, reason: string): void {
  soak.model.exitDue(to.number, self.pid.number, reason);
  self.exitSignal(to, reason);
}

function trapExit(_: Soak, self: Process, fact: Fact): void {
  if (fact.temper === "changes") self.trapExit = !self.trapExit;
}

// ---- aliases and names

function alias(soak: Soak, self: Process, fact: Fact): void {
  const reply = soak.random.oneIn(2);
  soak.shareAlias({ ref: self.alias({ reply }), owner: fact.number, mode: reply ? "reply" : "explicit" });
}

function unalias(soak: Soak, self: Process, fact: Fact): void {
  const shared = soak.aliases[soak.random.below(soak.aliases.length)];
  if (shared === undefined || shared.mode === "demonitor" || shared.mode === "reply_demonitor") return;
  const isOwn = shared.owner === fact.number;
  if (self.unalias(shared.ref) !== isOwn) soak.model.violated("unalias does not say whose alias it was");
  if (isOwn) soak.forgetAlias(shared.ref);
}

function register(soak: Soak, self: Process): void {
  const name = soak.random.pick(NAMES);
  const pid = soak.random.oneIn(2) ? self.pid : soak.anyPid();
  const target = soak.model.alive.get(pid.number);
  const isFree = !soak.model.names.has(name) && target !== undefined && target.name === undefined;
  try {
    self.register(name, pid);
    if (!isFree) soak.model.violated(`${name} could be registered for ${pid}`);
    soak.model.names.set(name, pid.number);
    if (target !== undefined) target.name = name;
  } catch (error) {
    if (isFree) soak.model.violated(`${name} could not be registered: ${String(error)}`);
    refused(soak, error, "badarg", "register");
  }
}

function unregister(soak: Soak, self: Process): void {
  const name = soak.random.pick(NAMES);
  const number = soak.model.names.get(name);
  if (self.whereis(name)?.number !== number) soak.model.violated(`whereis ${name} is not ${number}`);
  if (number === undefined) return;
  self.unregister(name);
  soak.model.names.delete(name);
  const fact = soak.model.alive.get(number);
  if (fact !== undefined) fact.name = undefined;
}

// ---- groups

function join(soak: Soak, self: Process, fact: Fact): void {
  const group = soak.random.pick(GROUPS);
  if ((soak.model.groups.get(group)?.length ?? 0) >= MOST_GROUPS) return;
  self.runtime.groups.join(group, self.pid);
  soak.model.joined(group, fact.number);
}

function leave(soak: Soak, self: Process, fact: Fact): void {
  const group = soak.random.pick(GROUPS);
  if (self.runtime.groups.leave(group, self.pid) !== soak.model.left(group, fact.number))
    soak.model.violated("leave does not say whether it was a member");
}

function monitorGroup(soak: Soak, self: Process, fact: Fact): void {
  if (fact.groupMonitors.size >= 2) return;
  const group = soak.random.pick(GROUPS);
  const [ref, members] = self.runtime.groups.monitor(self, group);
  if (members.length !== (soak.model.groups.get(group)?.length ?? 0))
    soak.model.violated("a group's monitor begins with other members than there are");
  soak.model.groupMonitored(fact, ref.number, group);
}

function demonitorGroup(soak: Soak, self: Process, fact: Fact): void {
  const [known] = fact.groupMonitors.values();
  if (known === undefined) return;
  if (!self.runtime.groups.demonitor(self, soak.refOf(known.ref)))
    soak.model.violated("demonitor of a group says that there was no monitor");
  soak.model.groupUnmonitored(fact, known.ref);
}

// ---- timers

function sendAfter(soak: Soak, self: Process): void {
  startAny(soak, self, "sendAfter");
}

function startTimer(soak: Soak, self: Process): void {
  startAny(soak, self, "startTimer");
}

function startAny(soak: Soak, self: Process, operation: "sendAfter" | "startTimer"): void {
  const id = ++soak.stamp;
  const ms = soak.random.below(200);
  const target = soak.random.oneIn(5) ? soak.random.pick(NAMES) : soak.anyPid();
  const due = soak.environment.time + ms;
  const ref = self[operation](ms, target, { timer: id } satisfies TimerMessage);
  soak.model.timers.set(id, { id, ref, due, target: typeof target === "string" ? undefined : target.number });
}

function cancelTimer(soak: Soak, self: Process): void {
  const timer = anyTimer(soak);
  if (timer === undefined) return;
  const left = self.cancelTimer(timer.ref);
  if (left === false) checkGone(soak, timer);
  else soak.model.timers.delete(timer.id);
}

function readTimer(soak: Soak, self: Process): void {
  const timer = anyTimer(soak);
  if (timer !== undefined && self.readTimer(timer.ref) === false) checkGone(soak, timer);
}

/** A timer that is no more has fired, or its target is dead. */
function checkGone(soak: Soak, timer: TimerFact): void {
  const isTargetDead = timer.target !== undefined && !soak.model.alive.has(timer.target);
  if (soak.environment.time < timer.due && !isTargetDead)
    soak.model.violated("a timer is gone before its time");
}

function anyTimer(soak: Soak): TimerFact | undefined {
  // The youngest ones: the others have mostly fired.
  const id = soak.stamp - soak.random.below(2000);
  for (let i = 0; i < 20; i++) {
    const timer = soak.model.timers.get(id - i);
    if (timer !== undefined) return timer;
  }
  return undefined;
}

// ---- suspension

function suspend(soak: Soak, self: Process): void {
  const pid = soak.anyPid();
  if (pid === self.pid || !soak.model.alive.has(pid.number) || soak.suspended.length >= MOST_SUSPENDED)
    return;
  self.runtime.suspend(pid, self);
  soak.suspended.push({ by: self, pid });
}

function resume(soak: Soak): void {
  const known = soak.suspended.shift();
  if (known === undefined || !known.by.alive || !soak.model.alive.has(known.pid.number)) return;
  known.by.runtime.resume(known.pid, known.by);
}
