// Plays a scenario on the core, as player.erl plays it on a BEAM, and writes the same trace.
import type { Context } from "../../../host/otp/context.ts";
import { MoonletError } from "../../../host/otp/error.ts";
import type { ErrorReason, ExitReason } from "../../../host/otp/exit.ts";
import { Exit } from "../../../host/otp/exit.ts";
import { javascriptBody } from "../../../host/otp/javascript-body.ts";
import { Pid } from "../../../host/otp/pid.ts";
import type { Ref } from "../../../host/otp/ref.ts";
import type { Address } from "../../../host/otp/route.ts";
import { Runtime } from "../../../host/otp/runtime.ts";
import { isTuple, tuple } from "../../../host/otp/term/tuple.ts";
import { TestEnvironment } from "../support/test-environment.ts";
import {
  type Command,
  FOR_EVER,
  type InfoItem,
  type Pattern,
  type Scenario,
  type Target,
  type WrongCall,
} from "./scenario.ts";
import { compareWritten, newMessages, type StepTrace, same, type Trace, type Written } from "./trace.ts";

/** What the driver tells a process to do. A class instance, so that it is no message of the scenario. */
class Instruction {
  readonly commands: readonly (Command | ["drain"])[];

  constructor(commands: readonly (Command | ["drain"])[]) {
    this.commands = commands;
  }
}

interface AnyMessage {
  readonly type: string;
  readonly result?: number | false;
  readonly from?: Pid | number;
  readonly ref?: Ref;
  readonly refSlot?: number;
  readonly tag?: string;
  readonly message?: string;
  readonly pid?: Pid | { name: string };
  readonly reason?: unknown;
  readonly group?: string;
  readonly pids?: Pid[];
}

/** A slot that was never filled. */
class Skipped extends Error {}

export async function replay(scenario: Scenario): Promise<Trace> {
  return await new Player(scenario).play();
}

class Player {
  readonly #scenario: Scenario;
  readonly #environment = new TestEnvironment();
  readonly #runtime = new Runtime({ environment: this.#environment });
  readonly #pids = new Map<number, Pid>();
  readonly #slots = new Map<Pid, number>();
  readonly #refs = new Map<number, Ref>();
  readonly #refSlots = new Map<Ref, number>();
  readonly #origins = new Map<number, number>();
  readonly #busy = new Set<number>();
  readonly #known = new Map<number, readonly Written[]>();
  readonly #watched = new Set<number>();
  #results: [number, unknown][] = [];
  #deaths: [number, unknown][] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  async play(): Promise<Trace> {
    for (let slot = 0; slot < this.#scenario.initial; slot++) this.#start(slot);
    this.#watch();
    const steps: StepTrace[] = [];
    for (const step of this.#scenario.steps) {
      if (step[0] === "sleep") {
        await this.#environment.advance(step[1]);
      } else if (step[0] === "start") {
        this.#start(step[1]);
      } else {
        const [, slot, commands] = step;
        const pid = this.#pids.get(slot);
        if (pid !== undefined && this.#runtime.isAlive(pid) && !this.#busy.has(slot)) {
          this.#busy.add(slot);
          this.#runtime.send(pid, new Instruction(commands));
        }
      }
      await this.#environment.settle();
      steps.push(await this.#finish());
    }
    const final = this.#alive()
      .filter((slot) => !this.#busy.has(slot))
      .map((slot) => [slot, this.#finalInfo(slot), this.#mailbox(slot)] as const);
    this.#runtime.shutdown();
    return { steps, final };
  }

  // ---- the driver

  #start(slot: number): void {
    const pid = this.#runtime.spawn((self) => this.#actor(self, slot));
    this.#fill(slot, pid);
  }

  #fill(slot: number, pid: Pid): void {
    this.#pids.set(slot, pid);
    this.#slots.set(pid, slot);
  }

  #watch(): void {
    for (const [slot, pid] of this.#pids) {
      if (this.#watched.has(slot)) continue;
      this.#watched.add(slot);
      void this.#runtime.exited(pid).then((reason) => this.#deaths.push([slot, writeReason(reason)]));
    }
  }

  async #finish(): Promise<StepTrace> {
    const results = this.#results.splice(0).sort(([a], [b]) => a - b);
    const deaths = this.#deaths.splice(0).sort(([a], [b]) => a - b);
    this.#watch();
    const arrivals: [number, readonly Written[]][] = [];
    for (const slot of this.#alive()) {
      const taken = results.filter(
        ([who, result]) => who === slot && Array.isArray(result) && result[0] === "received",
      );
      const known = [...(this.#known.get(slot) ?? [])];
      const unseen: Written[] = [];
      for (const [, result] of taken) {
        const message = (result as [string, Written])[1];
        const at = known.findIndex((other) => same(other, message));
        if (at >= 0) known.splice(at, 1);
        else unseen.push(message);
      }
      const messages = this.#mailbox(slot);
      const fresh = newMessages(known, messages);
      const origins = new Set([...fresh, ...unseen].map((message) => this.#origin(message)));
      this.#known.set(slot, messages);
      if (origins.size > 1) {
        this.#runtime.send(this.#pids.get(slot)!, new Instruction([["drain"]]));
        await this.#environment.settle();
        this.#results = [];
        this.#known.set(slot, []);
        arrivals.push([slot, this.#byOrigin(fresh)]);
      } else if (fresh.length > 0) {
        arrivals.push([slot, fresh]);
      }
    }
    return { results, deaths, arrivals };
  }

  #byOrigin(messages: readonly Written[]): readonly Written[] {
    return messages
      .map((message, at) => ({ message, at, origin: this.#origin(message) }))
      .sort((a, b) => a.origin - b.origin || a.at - b.at)
      .map(({ message }) => message);
  }

  #alive(): number[] {
    const living = [...this.#pids].filter(([, pid]) => this.#runtime.isAlive(pid));
    return living.map(([slot]) => slot).sort((a, b) => a - b);
  }

  #mailbox(slot: number): Written[] {
    const { messages } = this.#runtime.info(this.#pids.get(slot)!, ["messages"])!;
    return messages
      .filter((message) => !(message instanceof Instruction))
      .map((message) => this.#write(message));
  }

  #finalInfo(slot: number): unknown[] {
    const pid = this.#pids.get(slot)!;
    const items = ["links", "monitors", "monitoredBy", "trapExit", "registeredName"] as const;
    return items.map((item) => this.#info(pid, item));
  }

  // ---- a process of the scenario

  async #actor(self: Context, slot: number): Promise<void> {
    for (;;) {
      const { commands } = (await self.receive((m) => m instanceof Instruction)) as Instruction;
      for (const command of commands) {
        switch (command[0]) {
          case "hibernate":
            this.#results.push([slot, true]);
            this.#busy.delete(slot);
            return self.hibernate((again) => this.#actor(again, slot));
          case "return":
            return;
          case "exit":
            self.exit(command[1]);
            break;
          case "error":
            throw new Error(command[1]);
          case "throw":
            throw command[1];
        }
        let result: unknown;
        try {
          const running = this.#command(self, slot, command);
          // Only what waits may let others run: the rest of a step's commands follow each other at once, as on the BEAM.
          result = running instanceof Promise ? await running : running;
        } catch (error) {
          if (!self.process.alive) throw error;
          if (error instanceof Skipped) result = "skipped";
          else if (error instanceof MoonletError) result = ["raised", error.code];
          else if (error instanceof Exit) result = ["raised", error.reason];
          else throw error;
        }
        this.#results.push([slot, result]);
      }
      this.#busy.delete(slot);
    }
  }

  #command(self: Context, slot: number, command: Command | ["drain"]): unknown {
    const { groups } = this.#runtime;
    switch (command[0]) {
      case "spawn": {
        const [, child, link, monitorRef] = command;
        const options = { link, monitor: monitorRef >= 0 };
        const made = self.process.spawnProcess(
          javascriptBody((context) => this.#actor(context, child)),
          options,
        );
        this.#fill(child, made.pid);
        if (made.ref !== undefined) this.#newRef(monitorRef, made.ref, child);
        return true;
      }
      case "send":
        self.send(this.#address(command[1]), { type: "message", from: slot, tag: command[2] });
        return true;
      case "forgeExit":
        self.send(this.#address(command[1]), {
          type: "exit",
          from: this.#pid(command[2]),
          reason: command[3],
        });
        return true;
      case "forgeDown":
        self.send(this.#address(command[1]), {
          type: "down",
          ref: this.#ref(command[2]),
          pid: self.pid,
          reason: "forged",
        });
        return true;
      case "link":
        return self.link(this.#pid(command[1]));
      case "unlink":
        return self.unlink(this.#pid(command[1]));
      case "monitor": {
        const [, refSlot, target, alias] = command;
        const item = this.#address(target);
        const pid = item instanceof Pid ? item : self.whereis(target[1] as string);
        const origin = pid === undefined ? slot : this.#slots.get(pid)!;
        const ref = self.monitor(item as Pid, alias === "none" ? {} : { alias });
        this.#newRef(refSlot, ref, origin);
        return true;
      }
      case "demonitor":
        return self.demonitor(this.#ref(command[1]), { flush: command[2], info: command[3] });
      case "alias":
        this.#newRef(command[1], self.alias({ reply: command[2] }), slot);
        return true;
      case "unalias":
        return self.unalias(this.#ref(command[1]));
      case "trap": {
        const before = self.trapExit;
        self.trapExit = command[1];
        return before;
      }
      case "exitSignal":
        return self.exitSignal(this.#pid(command[1]), command[2]);
      case "register":
        return self.register(command[1], this.#pid(command[2]));
      case "unregister":
        return self.unregister(command[1]);
      case "whereis":
        return this.#slot(self.whereis(command[1]));
      case "isAlive":
        return this.#runtime.isAlive(this.#pid(command[1]));
      case "info":
        return this.#info(this.#pid(command[1]), command[2]);
      case "receive": {
        const timeoutMs = command[2] === FOR_EVER ? Number.POSITIVE_INFINITY : command[2];
        const received = self.receive(this.#fits(command[1]), { timeoutMs });
        return received.then((message) =>
          message === undefined ? "nothing" : ["received", this.#write(message)],
        );
      }
      case "sendAfter": {
        const [, refSlot, ms, to, tag] = command;
        this.#newRef(refSlot, self.sendAfter(ms, this.#address(to), { type: "timer", refSlot, tag }), -1);
        return true;
      }
      case "startTimer": {
        const [, refSlot, ms, to, tag] = command;
        this.#newRef(refSlot, self.startTimer(ms, this.#address(to), tag), -1);
        return true;
      }
      case "cancelTimer":
        return self.cancelTimer(this.#ref(command[1])) !== false;
      case "readTimer":
        return self.readTimer(this.#ref(command[1])) !== false;
      case "join":
        groups.join(command[1], this.#pid(command[2]));
        return "ok";
      case "leave":
        return groups.leave(command[1], this.#pid(command[2])) ? "ok" : "not_joined";
      case "members":
        return groups.members(command[1]).map((pid) => this.#slot(pid));
      case "monitorGroup": {
        const [ref, pids] = groups.monitor(self.process, command[2]);
        this.#newRef(command[1], ref, -1);
        return pids.map((pid) => this.#slot(pid));
      }
      case "demonitorGroup":
        return groups.demonitor(self.process, this.#ref(command[1])) ? "ok" : "false";
      case "suspend":
        self.suspend(this.#pid(command[1]));
        return true;
      case "resume":
        self.resume(this.#pid(command[1]));
        return true;
      case "put":
        return self.dictionary.put(command[1], command[2]) ?? "undefined";
      case "erase":
        return self.dictionary.erase(command[1]) ?? "undefined";
      case "drain":
        return this.#drain(self);
      default:
        return this.#wideCommand(self, slot, command);
    }
  }

  #wideCommand(self: Context, slot: number, command: Command): unknown {
    const { groups } = this.#runtime;
    const { environment } = this.#runtime;
    switch (command[0]) {
      case "monitorTagged": {
        const [, refSlot, target, word] = command;
        const item = this.#address(target);
        const pid = item instanceof Pid ? item : self.whereis(target[1] as string);
        const origin = pid === undefined ? slot : this.#slots.get(pid)!;
        this.#newRef(refSlot, self.monitor(item as Pid, { tag: tuple("tag", word) }), origin);
        return true;
      }
      case "spawnWith": {
        const [, child, link, refSlot, alias, word] = command;
        const options = {
          ...(alias === "none" ? {} : { alias }),
          ...(word === "" ? {} : { tag: tuple("tag", word) }),
        };
        const made = self.process.spawnProcess(
          javascriptBody((context) => this.#actor(context, child)),
          { link, monitor: refSlot >= 0 ? options : false },
        );
        this.#fill(child, made.pid);
        if (made.ref !== undefined) this.#newRef(refSlot, made.ref, child);
        return true;
      }
      case "sendAfterAt": {
        const [, refSlot, ms, to, tag] = command;
        const message = { type: "timer", refSlot, tag };
        const at = environment.now() + ms;
        this.#newRef(refSlot, self.sendAfter(at, this.#address(to), message, { abs: true }), -1);
        return true;
      }
      case "startTimerAt": {
        const [, refSlot, ms, to, tag] = command;
        this.#newRef(
          refSlot,
          self.startTimer(environment.now() + ms, this.#address(to), tag, { abs: true }),
          -1,
        );
        return true;
      }
      case "cancelTimerWith":
        return left(self.cancelTimer(this.#ref(command[1]), { async: command[2], info: command[3] }));
      case "readTimerAsync":
        return left(self.readTimer(this.#ref(command[1]), { async: true }));
      case "infoOf":
        return this.#infoOf(this.#pid(command[1]), command[2]);
      case "leader":
        self.groupLeader = this.#pid(command[1]);
        return true;
      case "registered":
        return this.#runtime.registered().slice().sort();
      case "wrong":
        return wrong(self, command[1]);
      case "joinMany":
        groups.join(
          command[1],
          command[2].map((peer) => this.#pid(peer)),
        );
        return "ok";
      case "leaveMany":
        return groups.leave(
          command[1],
          command[2].map((peer) => this.#pid(peer)),
        )
          ? "ok"
          : "not_joined";
      case "monitorScope": {
        const [ref, found] = groups.monitorScope(self.process);
        this.#newRef(command[1], ref, -1);
        return [...found]
          .sort(([a], [b]) => compareWritten(a, b))
          .map(([group, pids]) => [group, pids.map((pid) => this.#slot(pid))]);
      }
      case "groups":
        return [...groups.groups()].sort(compareWritten);
      default:
        throw new Error(`ends the process before it gets here: ${command[0]}`);
    }
  }

  #infoOf(pid: Pid, items: readonly InfoItem[]): unknown {
    const info = this.#runtime.info(pid, items);
    if (info === undefined) return "undefined";
    return items.map((item) => {
      switch (item) {
        case "dictionary":
          return info.dictionary.map(([key, value]) => [key, value]).sort(([a], [b]) => compareWritten(a, b));
        case "groupLeader":
        case "parent": {
          const other = info[item];
          return other === undefined ? "unknown" : this.#slot(other);
        }
        default:
          return item === "status" ? info.status : this.#info(pid, item);
      }
    });
  }

  async #drain(self: Context): Promise<void> {
    while ((await self.receive((m) => !(m instanceof Instruction), { timeoutMs: 0 })) !== undefined);
  }

  #fits(pattern: Pattern): (message: unknown) => boolean {
    const of = (test: (message: AnyMessage) => boolean) => (message: unknown) =>
      !(message instanceof Instruction) && test(message as AnyMessage);
    switch (pattern[0]) {
      case "any":
        return of(() => true);
      case "tag":
        return of((m) => m.type === "message" && m.tag === pattern[1]);
      case "from":
        return of((m) => m.type === "message" && m.from === pattern[1]);
      case "exit":
        return of((m) => m.type === "exit");
      case "down":
        return of((m) => m.type === "down");
      case "downOf": {
        const ref = this.#ref(pattern[1]);
        return of((m) => m.type === "down" && m.ref === ref);
      }
      case "timeout":
        return of((m) => m.type === "timeout");
    }
  }

  // ---- slots

  #pid(slot: number): Pid {
    const pid = this.#pids.get(slot);
    if (pid === undefined) throw new Skipped();
    return pid;
  }

  #ref(slot: number): Ref {
    const ref = this.#refs.get(slot);
    if (ref === undefined) throw new Skipped();
    return ref;
  }

  #newRef(slot: number, ref: Ref, origin: number): void {
    this.#refs.set(slot, ref);
    this.#refSlots.set(ref, slot);
    this.#origins.set(slot, origin);
  }

  #address(target: Target): Address {
    switch (target[0]) {
      case "pid":
        return this.#pid(target[1]);
      case "name":
        return target[1];
      case "nameOnNode":
        return { name: target[1], node: this.#runtime.name };
      case "ref":
        return this.#ref(target[1]);
    }
  }

  #slot(pid: Pid | undefined): number | string {
    return pid === undefined ? "undefined" : (this.#slots.get(pid) ?? "unknown");
  }

  // ---- how things are written down

  #write(value: unknown): Written {
    const message = value as AnyMessage;
    if (isTuple(message.type)) {
      const item = message.pid instanceof Pid ? this.#slot(message.pid) : message.pid!.name;
      return ["tagged", this.#refSlots.get(message.ref!), message.type[1], item, writeReason(message.reason)];
    }
    switch (message.type) {
      case "message":
        return ["message", message.from, message.tag];
      case "timer":
        return ["timer", message.refSlot, message.tag];
      case "timeout":
        return ["timeout", this.#refSlots.get(message.ref!), message.message];
      case "exit":
        return ["exit", this.#slot(message.from as Pid), writeReason(message.reason)];
      case "cancel_timer":
        return ["cancelled", this.#refSlots.get(message.ref!), left(message.result)];
      case "read_timer":
        return ["read", this.#refSlots.get(message.ref!), left(message.result)];
      case "down": {
        const item = message.pid instanceof Pid ? this.#slot(message.pid) : message.pid!.name;
        return ["down", this.#refSlots.get(message.ref!), item, writeReason(message.reason)];
      }
      default:
        return [
          message.type,
          this.#refSlots.get(message.ref!),
          message.group,
          message.pids!.map((pid) => this.#slot(pid)),
        ];
    }
  }

  #origin([kind, about]: Written): number {
    switch (kind) {
      case "message":
      case "exit":
        return about as number;
      case "down":
      case "tagged":
        return this.#origins.get(about as number)!;
      case "timer":
      case "timeout":
      case "cancelled":
      case "read":
        return 1000 + (about as number);
      default:
        return 2000 + (about as number);
    }
  }

  #info(pid: Pid, item: (Command & ["info", ...unknown[]])[2]): unknown {
    const info = this.#runtime.info(pid);
    if (info === undefined) return "undefined";
    switch (item) {
      case "links":
      case "monitoredBy":
        return info[item].map((other) => this.#slot(other)).sort(compareWritten);
      case "monitors":
        return info.monitors
          .map((other) => (other instanceof Pid ? this.#slot(other) : other.name))
          .sort(compareWritten);
      case "registeredName":
        return info.registeredName ?? "none";
      case "trapExit":
      case "messageQueueLength":
        return info[item];
    }
  }
}

function left(ms: number | false | undefined): unknown {
  return typeof ms === "number" ? true : (ms ?? "ok");
}

function wrong(self: Context, what: WrongCall): unknown {
  const odd = "odd" as never;
  switch (what) {
    case "monitor":
      return self.monitor(self.runtime.newRef() as never);
    case "exit":
      return self.exitSignal(odd, "boom");
    case "negativeTime":
      return self.sendAfter(-1, self.pid, "x");
    case "timerToAlias":
      return self.sendAfter(70, self.alias(), "x");
    case "registerUndefined":
      return self.register("undefined");
    case "registerNothing":
      return self.register("gamma", odd);
    case "infoItem":
      return self.runtime.info(self.pid, [odd]);
    case "infoPid":
      return self.runtime.info(odd);
    case "join":
      return self.runtime.groups.join("red", odd);
    case "receiveTime":
      return self.receive(() => false, { timeoutMs: -1 });
    case "sendNothing":
      return self.send(17 as never, "x");
    default:
      return self[what](odd);
  }
}

function writeReason(reason: ExitReason): unknown {
  if (isTuple(reason) && isTuple(reason[0])) return ["nocatch", reason[0][1]];
  if (
    typeof reason === "object" &&
    reason !== null &&
    "type" in reason &&
    (reason as ErrorReason).type === "error"
  ) {
    const { code, message } = reason as ErrorReason & { readonly code?: string };
    return ["error", code ?? message];
  }
  return reason;
}
