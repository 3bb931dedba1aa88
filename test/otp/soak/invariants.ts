// What has to be true of a runtime between two turns, whatever happened: of its own tables, and of them beside the model.
import type { DownMessage, ExitMessage, GroupMessage } from "../../../host/otp/envelope.ts";
import type { Process } from "../../../host/otp/process.ts";
import type { Runtime } from "../../../host/otp/runtime.ts";
import { GROUPS } from "./actor.ts";
import { exitKey, type Fact, type Model } from "./model.ts";
import { isStamped } from "./receipts.ts";

/** Call it while no signal is under way. */
export function checkAll(runtime: Runtime, model: Model): void {
  const pids = runtime.processes();
  if (pids.length !== model.alive.size)
    model.violated(`${pids.length} processes live, and ${model.alive.size} should`);
  let aliases = 0;
  let timers = 0;
  for (const pid of pids) {
    const process = runtime.process(pid)!;
    const fact = model.alive.get(pid.number);
    if (fact === undefined) {
      model.violated(`${pid} lives and should not`);
      continue;
    }
    checkLinks(model, process, fact);
    checkMonitors(model, process, fact);
    // An asynchronous function that waits for its turn may hold a message in its hand.
    if (!fact.asynchronous || process.state === "waiting") checkMailbox(model, process, fact);
    if (process.name !== fact.name) model.violated(`${pid} is called ${process.name}, not ${fact.name}`);
    aliases += process.aliases?.size ?? 0;
    for (let timer = process.firstTimer; timer !== undefined; timer = timer.nextOfTarget) {
      timers++;
      if (!timer.pending || timer.target !== process)
        model.violated(`a timer of ${pid} is in the wrong list`);
    }
  }
  checkNames(runtime, model);
  checkGroups(runtime, model);
  if (runtime.aliases.size !== aliases) model.violated("an alias belongs to nobody");
  for (const { target } of runtime.sendTimers.values()) if (typeof target === "string") timers++;
  if (runtime.sendTimers.size !== timers) model.violated("a timer belongs to nobody");
}

function checkLinks(model: Model, process: Process, fact: Fact): void {
  for (const peer of process.links?.values() ?? []) {
    if (!peer.alive) model.violated(`${process.pid} is linked to ${peer.pid}, which is dead`);
    else if (peer.links?.get(process.pid.number) !== process)
      model.violated(`${process.pid} is linked to ${peer.pid}, but not the other way round`);
  }
  compare(model, `links of ${process.pid}`, process.links?.size ?? 0, fact.links.size);
  for (const peer of fact.links)
    if (!process.links?.has(peer)) model.violated(`${process.pid} has lost its link to ${peer}`);
}

function checkMonitors(model: Model, process: Process, fact: Fact): void {
  for (const monitor of process.monitors?.values() ?? []) {
    const known = fact.monitors.get(monitor.ref.number);
    if (known === undefined || known.due) model.violated(`${process.pid} has a monitor that should be over`);
    if (monitor.target?.monitoredBy?.has(monitor.ref.number) !== true)
      model.violated(`a monitor of ${process.pid} is unknown to its target`);
  }
  for (const monitor of process.monitoredBy?.values() ?? []) {
    if (monitor.watcher.monitors?.get(monitor.ref.number) !== monitor)
      model.violated(`a monitor on ${process.pid} is unknown to its watcher`);
  }
  compare(model, `monitors on ${process.pid}`, process.monitoredBy?.size ?? 0, fact.monitoredBy.size);
  for (const monitor of fact.monitors.values()) {
    if (!monitor.due && !process.monitors?.has(monitor.ref))
      model.violated(`${process.pid} has lost its monitor on ${monitor.target}`);
  }
}

/** Everything that is due is there, once. */
function checkMailbox(model: Model, process: Process, fact: Fact): void {
  let messages = 0;
  const downs = new Set<number>();
  const exits = new Map<string, number>();
  const changes = new Map<number, number>();
  for (const { kind, value } of process.mailbox) {
    if (isStamped(value)) messages++;
    else if (kind === "down") {
      const { ref } = value as DownMessage;
      if (downs.has(ref.number)) model.violated(`two DOWNs of one monitor wait for ${process.pid}`);
      downs.add(ref.number);
    } else if (kind === "exit") {
      const { from, reason } = value as ExitMessage;
      const key = exitKey(from.number, reason);
      exits.set(key, (exits.get(key) ?? 0) + 1);
    } else if (kind === "group") {
      const { ref, pids } = value as GroupMessage;
      changes.set(ref.number, (changes.get(ref.number) ?? 0) + pids.length);
    }
  }
  if (!fact.bounded) compare(model, `messages of ${process.pid}`, messages, fact.messages);
  for (const monitor of fact.monitors.values()) {
    if (monitor.due && !downs.delete(monitor.ref))
      model.violated(`${process.pid} has not got its DOWN of ${monitor.target}`);
  }
  if (downs.size > 0) model.violated(`a DOWN waits for ${process.pid} that it should not get`);
  for (const monitor of fact.groupMonitors.values())
    compare(model, `changes of a group for ${process.pid}`, changes.get(monitor.ref) ?? 0, monitor.expected);
  if (fact.temper === "traps") checkTrapped(model, process, fact, exits);
  else if (fact.temper === "dies") checkSurvived(model, process, fact);
}

/** A process that always traps finds every exit in its mailbox. */
function checkTrapped(model: Model, process: Process, fact: Fact, exits: Map<string, number>): void {
  const due = new Map(fact.exits);
  for (const [from, reason] of fact.linkExits) {
    const key = exitKey(from, reason);
    due.set(key, (due.get(key) ?? 0) + 1);
  }
  compare(model, `different exits for ${process.pid}`, exits.size, due.size);
  for (const [key, count] of due)
    compare(model, `exits ${key} for ${process.pid}`, exits.get(key) ?? 0, count);
}

/** A process that never traps has survived only what is normal. */
function checkSurvived(model: Model, process: Process, fact: Fact): void {
  for (const [from, reason] of fact.linkExits)
    if (reason !== "normal") model.violated(`${process.pid} has survived the death of ${from}`);
  for (const key of fact.exits.keys())
    if (!key.endsWith(" normal")) model.violated(`${process.pid} has survived the exit ${key}`);
  fact.linkExits.clear();
  fact.exits.clear();
}

function checkNames(runtime: Runtime, model: Model): void {
  compare(model, "names", runtime.registered().length, model.names.size);
  for (const [name, number] of model.names)
    if (runtime.whereis(name)?.number !== number) model.violated(`${name} is not the name of ${number}`);
}

function checkGroups(runtime: Runtime, model: Model): void {
  compare(model, "groups", runtime.groups.groups().length, model.groups.size);
  for (const group of GROUPS) {
    const is = runtime.members(group).map((pid) => pid.number);
    const should = model.groups.get(group) ?? [];
    if (is.join() !== should.join()) model.violated(`${group} is ${is.join()}, not ${should.join()}`);
  }
}

function compare(model: Model, what: string, is: number, should: number): void {
  if (is !== should) model.violated(`${what}: ${is}, not ${should}`);
}

/** What is left of a runtime in which nothing is left to happen and nobody lives. Everything should be 0. */
export function leftovers(runtime: Runtime): Record<string, number> {
  return {
    processes: runtime.processes().length,
    names: runtime.registered().length,
    groups: runtime.groups.groups().length,
    aliases: runtime.aliases.size,
    sendTimers: runtime.sendTimers.size,
    timers: runtime.timers.size,
    signals: runtime.scheduler.signals.length,
  };
}
