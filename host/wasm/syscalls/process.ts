// process.*: a process's own identity and flags, spawning, and everything that ties processes together.
import type { MonitorOptions, Pid } from "../../otp/index.ts";
import { encodeTerm, isTuple, reasonFromTerm } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { GuestExit } from "../guest-fault.ts";
import { monitorOptionsOf } from "../monitor-options.ts";
import { handDown } from "../net/handover.ts";
import type { Resource } from "../net/resource.ts";
import { looksInside, processInfoTerm, processItemsTerm } from "../process-info.ts";
import { isAboveNormal, MOST_LABEL_BYTES, readSpawnRequest } from "../spawn-request.ts";
import { attempt, ERROR, type Namespace, type } from "../syscall.ts";

const ALIAS_MODES = [undefined, "explicit_unalias", "demonitor", "reply_demonitor"] as const;
/** Fuel of making a process, some 10 us with what its end takes. */
const SPAWN_UNITS = 4000;
const PRIORITIES = ["low", "normal", "high", "max"] as const;

/** A link kills: without the grant a guest has to do with its own family, and with whoever spawned it. */
function mayLink(guest: Guest, pid: Pid): boolean {
  const { process, grants } = guest;
  const target = process.runtime.process(pid);
  if (target === undefined || grants.has("kill")) return true;
  if (target.family?.equals(process.family)) return true;
  return process.parent?.equals(pid) === true || process.links?.has(pid.number) === true;
}

/** `child`: `Pid`, or `{Pid, Ref}`. It has not run yet. */
function giveSockets(guest: Guest, child: unknown, sockets: readonly Resource[]): void {
  const pid = isTuple(child) ? child[0] : child;
  const process = guest.process.runtime.process(pid as Pid);
  if (process) handDown(guest, sockets, process);
}

export const process: Namespace = {
  self: {
    type: type("i32 i32 -> i32"),
    call: (guest, out: number, cap: number) => guest.answer(guest.selfTerm, out, cap),
  },
  argument: {
    type: type("i32 i32 -> i32"),
    call: (guest, out: number, cap: number) => guest.answer(guest.argument, out, cap),
  },
  spawn: {
    type: type("i32 i32 i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "spawn",
    call: (
      guest,
      entry: number,
      entryLength: number,
      argument: number,
      argumentLength: number,
      options: number,
      optionsLength: number,
      out: number,
      cap: number,
    ) => {
      guest.charge(SPAWN_UNITS);
      const request = readSpawnRequest(guest, {
        entry,
        entryLength,
        argument,
        argumentLength,
        options,
        optionsLength,
      });
      if (typeof request === "number") return request;
      const { link, monitor, sockets } = request.options;
      return attempt(guest, () => {
        if (link || monitor !== false) guest.process.expectMailboxRoom();
        const child = guest.spawnChild(request);
        if (sockets) giveSockets(guest, child, sockets);
        return guest.answerTerm(child, out, cap);
      });
    },
  },
  exit: {
    type: type("i32 i32 ->"),
    call: (guest, reason: number, length: number) => {
      throw new GuestExit(reasonFromTerm(guest.readTerm(reason, length, "process.exit")));
    },
  },
  exit_signal: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "kill",
    call: (guest, pid: number, pidLength: number, reason: number, length: number) => {
      const target = guest.readPid(pid, pidLength, "process.exit_signal");
      // One that traps gets a message, for which there has to be room.
      const process = guest.process.runtime.process(target);
      if (process?.trapExit && process.mailbox.full) return ERROR.system_limit;
      guest.process.exitSignal(target, guest.readReason(reason, length, "process.exit_signal"));
      guest.leaveIfDoomed();
      return 0;
    },
  },
  trap_exit: {
    type: type("i32 -> i32"),
    call: (guest, flag: number) => {
      const old = guest.process.trapExit;
      guest.process.trapExit = flag !== 0;
      return old ? 1 : 0;
    },
  },
  link: {
    type: type("i32 i32 -> i32"),
    call: (guest, pid: number, length: number) => {
      const target = guest.readPid(pid, length, "process.link");
      if (!mayLink(guest, target)) return guest.log.refuseGrant("process.link", "kill");
      return attempt(guest, () => {
        guest.process.expectMailboxRoom();
        guest.process.link(target);
        return 0;
      });
    },
  },
  unlink: {
    type: type("i32 i32 -> i32"),
    call: (guest, pid: number, length: number) => {
      guest.process.unlink(guest.readPid(pid, length, "process.unlink"));
      return 0;
    },
  },
  monitor: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    call: (guest, target: number, length: number, alias: number, out: number, cap: number) => {
      const mode = ALIAS_MODES[alias];
      if (alias < 0 || alias >= ALIAS_MODES.length) return ERROR.badarg;
      const options: MonitorOptions = mode === undefined ? {} : { alias: mode };
      return attempt(guest, () => {
        guest.process.expectMailboxRoom();
        const ref = guest.process.monitor(
          guest.readMonitorTarget(target, length, "process.monitor"),
          options,
        );
        return guest.answerTerm(ref, out, cap);
      });
    },
  },
  monitor_with: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    call: (
      guest,
      target: number,
      length: number,
      options: number,
      optionsLength: number,
      out: number,
      cap: number,
    ) => {
      const given = monitorOptionsOf(guest.readTerm(options, optionsLength, "process.monitor_with"));
      if (given === undefined) return ERROR.badarg;
      return attempt(guest, () => {
        guest.process.expectMailboxRoom();
        const watched = guest.readMonitorTarget(target, length, "process.monitor_with");
        return guest.answerTerm(guest.process.monitor(watched, given), out, cap);
      });
    },
  },
  demonitor: {
    type: type("i32 i32 i32 -> i32"),
    call: (guest, ref: number, length: number, flush: number) =>
      guest.process.demonitor(guest.readRef(ref, length, "process.demonitor"), {
        flush: flush !== 0,
        info: true,
      })
        ? 1
        : 0,
  },
  alias: {
    type: type("i32 i32 i32 -> i32"),
    call: (guest, reply: number, out: number, cap: number) =>
      attempt(guest, () => guest.answerTerm(guest.process.alias({ reply: reply !== 0 }), out, cap)),
  },
  unalias: {
    type: type("i32 i32 -> i32"),
    call: (guest, ref: number, length: number) =>
      guest.process.unalias(guest.readRef(ref, length, "process.unalias")) ? 1 : 0,
  },
  is_alive: {
    type: type("i32 i32 -> i32"),
    call: (guest, pid: number, length: number) =>
      guest.process.runtime.process(guest.readPid(pid, length, "process.is_alive")) ? 1 : 0,
  },
  info: {
    type: type("i32 i32 i32 i32 -> i32"),
    call: (guest, pid: number, length: number, out: number, cap: number) => {
      const info = guest.process.processInfo(guest.readPid(pid, length, "process.info"));
      return info === undefined ? ERROR.noproc : guest.answerTerm(processInfoTerm(info), out, cap);
    },
  },
  items: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    call: (
      guest,
      pid: number,
      length: number,
      items: number,
      itemsLength: number,
      out: number,
      cap: number,
    ) => {
      const target = guest.readPid(pid, length, "process.items");
      const wanted = guest.readTerm(items, itemsLength, "process.items");
      const isOwn = target.equals(guest.process.pid);
      if (!isOwn && looksInside(wanted) && !guest.grants.has("observe")) return ERROR.not_granted;
      const process = guest.process.runtime.process(target);
      if (process === undefined) return ERROR.noproc;
      // What is shown of a process is no more than a message may be.
      const isLarge = process.mailbox.bytes > guest.limits.messageBytes;
      if (isLarge && looksInside(wanted)) return ERROR.system_limit;
      const found = processItemsTerm(process, wanted);
      if (found === undefined) return ERROR.badarg;
      const bytes = encodeTerm(found);
      if (looksInside(wanted)) guest.charge(bytes.length);
      return guest.answer(bytes, out, cap);
    },
  },
  hibernate: {
    type: type("->"),
    waits: true,
    call: (guest) => {
      const { mailbox } = guest.process;
      if (mailbox.length === 0) guest.wait(() => (mailbox.length > 0 ? 0 : undefined), undefined);
      return undefined;
    },
  },
  list: {
    type: type("i32 i32 -> i32"),
    grant: "observe",
    call: (guest, out: number, cap: number) => guest.answerTerm(guest.process.runtime.processes(), out, cap),
  },
  suspend: {
    type: type("i32 i32 -> i32"),
    grant: "kill",
    call: (guest, pid: number, length: number) => {
      const target = guest.readPid(pid, length, "process.suspend");
      return attempt(guest, () => {
        guest.process.runtime.suspend(target, guest.process);
        return 0;
      });
    },
  },
  resume: {
    type: type("i32 i32 -> i32"),
    grant: "kill",
    call: (guest, pid: number, length: number) => {
      const target = guest.readPid(pid, length, "process.resume");
      return attempt(guest, () => {
        guest.process.runtime.resume(target, guest.process);
        return 0;
      });
    },
  },
  group_leader: {
    type: type("i32 i32 -> i32"),
    call: (guest, out: number, cap: number) => {
      const leader = guest.process.groupLeader;
      return leader === undefined ? ERROR.timeout : guest.answerTerm(leader, out, cap);
    },
  },
  set_group_leader: {
    type: type("i32 i32 -> i32"),
    call: (guest, pid: number, length: number) => {
      guest.process.groupLeader = guest.readPid(pid, length, "process.set_group_leader");
      return 0;
    },
  },
  label: {
    type: type("i32 i32 ->"),
    call: (guest, pointer: number, length: number) => {
      guest.memory.check(pointer, length, "process.label");
      const shown = Math.min(length >>> 0, MOST_LABEL_BYTES);
      guest.process.label = guest.memory.text(pointer, shown, "process.label");
      return undefined;
    },
  },
  priority: {
    type: type("i32 -> i32"),
    call: (guest, level: number) => {
      const wanted = PRIORITIES[level];
      if (wanted === undefined) return ERROR.badarg;
      if (isAboveNormal(wanted) && !guest.grants.has("priority"))
        return guest.log.refuseGrant("process.priority", "priority");
      const old = PRIORITIES.indexOf(guest.process.priority);
      guest.process.priority = wanted;
      return old;
    },
  },
  yield: {
    type: type("->"),
    waits: true,
    call: (guest) => {
      guest.yieldTurn();
      return undefined;
    },
  },
};
