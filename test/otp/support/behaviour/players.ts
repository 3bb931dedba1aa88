// Plays a scenario on our behaviours, as player.erl plays it on OTP's, and writes the same trace.
import type { Context } from "../../../../host/otp/context.ts";
import type { ErrorReason } from "../../../../host/otp/exit.ts";
import type { StartOptions } from "../../../../host/otp/gen/start.ts";
import { SYSTEM } from "../../../../host/otp/gen/wire.ts";
import { GenServer, type GenStatem, Sys } from "../../../../host/otp/index.ts";
import { Pid } from "../../../../host/otp/pid.ts";
import { Runtime } from "../../../../host/otp/runtime.ts";
import { atom, atomTerm, isTuple, reasonToTerm, tuple } from "../../../../host/otp/term/index.ts";
import { TestEnvironment } from "../test-environment.ts";
import {
  CLIENTS,
  type Command,
  FOR_EVER,
  type Limit,
  type Node,
  type Scenario,
  type Step,
} from "./scenario.ts";
import { Writer } from "./text.ts";

type Named = readonly [who: string, what: string];
type Numbered = readonly [who: number, what: string];

/** Of each step: what the clients' commands gave, which callbacks ran, who ended and why, and what is new in whose mailbox. */
export type StepTrace = readonly [
  results: readonly Numbered[],
  logs: readonly Numbered[],
  deaths: readonly Named[],
  mail: readonly (readonly [who: number, messages: readonly string[]])[],
];
export type Trace = readonly StepTrace[];

/** What a behaviour's callbacks get from the player. */
export interface Stage {
  readonly writer: Writer;
  /** A server's init says who it is. */
  born(slot: number, self: Context): void;
  note(slot: number, text: string): void;
  /** Whether a callback may still do something. */
  count(): boolean;
  server(slot: number): Pid | undefined;
}

/** A behaviour's client functions, and how one of its servers is started. */
export interface Behaviour<I> {
  readonly api: typeof GenServer | typeof GenStatem;
  /** Whether a start gives an error of init without its stack. */
  readonly bareErrors: boolean;
  start(
    self: Context,
    stage: Stage,
    how: "start" | "start_link" | "start_monitor",
    given: { readonly slot: number; readonly init: I },
    options: StartOptions,
  ): Promise<GenServer.StartResult | GenServer.MonitoredStartResult>;
  /** What sys:replace_state makes of a state. */
  change(state: unknown): unknown;
}

/** A slot that was never filled. */
class Skipped extends Error {}

/** Callbacks that run again and again without an end stop after so many. */
const MOST_CALLBACKS = 300;

/** What a client is told to do. A class instance, so that it is handed over and not copied. */
class Instruction {
  readonly commands: readonly Command<unknown, unknown>[];

  constructor(commands: readonly Command<unknown, unknown>[]) {
    this.commands = commands;
  }
}

export function replayScenario<I, O>(scenario: Scenario<I, O>, behaviour: Behaviour<I>): Promise<Trace> {
  return new Player(behaviour as Behaviour<unknown>).play(scenario.steps);
}

class Player implements Stage {
  readonly writer: Writer;
  readonly #behaviour: Behaviour<unknown>;
  readonly #environment = new TestEnvironment();
  readonly #runtime = new Runtime({ environment: this.#environment });
  readonly #names = new Map<Pid, string>();
  readonly #servers = new Map<number, Pid>();
  readonly #clients = new Map<number, Pid>();
  readonly #busy = new Set<number>();
  readonly #mail = new Map<number, string>();
  #callbacks = 0;
  #results: Numbered[] = [];
  #logs: Numbered[] = [];
  #deaths: Named[] = [];

  constructor(behaviour: Behaviour<unknown>) {
    this.#behaviour = behaviour;
    this.writer = new Writer((pid) => this.#names.get(pid) ?? "pid", this.#runtime.name);
    for (let client = 0; client < CLIENTS; client++) this.#newClient(client);
  }

  async play(steps: readonly Step<unknown, unknown>[]): Promise<Trace> {
    const trace: StepTrace[] = [];
    await this.#environment.settle();
    for (const step of steps) {
      if (step[0] === "sleep") await this.#environment.advance(step[1]);
      else if (step[0] === "replace") await this.#replace(step[1]);
      else this.#run(step[1], step[2]);
      // Fires what is due now, such as an absolute time that is over.
      await this.#environment.advance(0);
      trace.push(this.#collect());
    }
    this.#runtime.shutdown();
    return trace;
  }

  async #replace(client: number): Promise<void> {
    this.#runtime.kill(this.#clients.get(client)!);
    await this.#environment.settle();
    this.#newClient(client);
  }

  #run(client: number, commands: readonly Command<unknown, unknown>[]): void {
    if (!this.#runtime.isAlive(this.#clients.get(client)!)) this.#newClient(client);
    if (this.#busy.has(client)) return;
    this.#busy.add(client);
    this.#runtime.send(this.#clients.get(client)!, new Instruction(commands));
  }

  #collect(): StepTrace {
    const byNumber = ([a]: Numbered, [b]: Numbered): number => a - b;
    const mail: [number, readonly string[]][] = [];
    for (const [client, pid] of this.#clients) {
      const waiting = this.#busy.has(client) ? undefined : this.#runtime.info(pid, ["messages"])?.messages;
      if (waiting === undefined) continue;
      const texts = waiting.map((message) => this.writer.text(message));
      if (JSON.stringify(texts) === (this.#mail.get(client) ?? "[]")) continue;
      this.#mail.set(client, JSON.stringify(texts));
      mail.push([client, texts]);
    }
    return [
      this.#results.splice(0).sort(byNumber),
      this.#logs.splice(0).sort(byNumber),
      this.#deaths.splice(0).sort((a, b) => (a.join(" ") < b.join(" ") ? -1 : 1)),
      mail,
    ];
  }

  // ---- who is who

  #newClient(client: number): void {
    const pid = this.#runtime.spawn((self) => new Client(self, this.#behaviour, this).run(this, client));
    this.#busy.delete(client);
    this.#mail.delete(client);
    this.#clients.set(client, pid);
    this.#watch(pid, `c${client}`);
  }

  #watch(pid: Pid, name: string): void {
    this.#names.set(pid, name);
    void this.#runtime.exited(pid).then((reason) => this.#deaths.push([name, this.writer.text(reason)]));
  }

  born(slot: number, self: Context): void {
    this.#servers.set(slot, self.pid);
    this.#watch(self.pid, `s${slot}`);
  }

  note(slot: number, text: string): void {
    this.#logs.push([slot, text]);
  }

  count(): boolean {
    return ++this.#callbacks <= MOST_CALLBACKS;
  }

  server(slot: number): Pid | undefined {
    return this.#servers.get(slot);
  }

  told(client: number, text: string): void {
    this.#results.push([client, text]);
  }

  idle(client: number): void {
    this.#busy.delete(client);
  }
}

class Client {
  readonly #self: Context;
  readonly #behaviour: Behaviour<unknown>;
  readonly #stage: Stage;
  readonly #requests = new Map<number, GenServer.RequestId>();
  #collection = new GenServer.RequestCollection<string>();

  constructor(self: Context, behaviour: Behaviour<unknown>, stage: Stage) {
    this.#self = self;
    this.#behaviour = behaviour;
    this.#stage = stage;
  }

  async run(player: Player, client: number): Promise<never> {
    for (;;) {
      const { commands } = (await this.#self.receive((m) => m instanceof Instruction)) as Instruction;
      for (const command of commands) {
        let text: string;
        try {
          const running = this.#do(command);
          // Only what waits may let others run: the rest follows at once, as on the BEAM.
          text = typeof running === "string" ? running : await running;
        } catch (error) {
          if (!this.#self.process.alive) throw error;
          text = error instanceof Skipped ? "skipped" : this.#stage.writer.exception(error);
        }
        player.told(client, text);
      }
      player.idle(client);
    }
  }

  #do(command: Command<unknown, unknown>): string | Promise<string> {
    const self = this.#self;
    const { api } = this.#behaviour;
    switch (command[0]) {
      case "cast":
        api.cast(self, this.#target(command[1]), command[2]);
        return "ok";
      case "info":
      case "plain":
        self.send(this.#target(command[1]) as Pid, command[2]);
        return "sent";
      case "abcast":
        GenServer.abcast(self, this.#nodes(command[2]), command[1], command[3]);
        return "abcast";
      case "send_request":
        this.#requests.set(command[1], api.sendRequest(self, this.#target(command[2]), command[3]));
        return "ok";
      case "collect": {
        const id = api.sendRequest(self, this.#target(command[2]), command[3]);
        this.#collection = this.#collection.add(id, command[1]);
        return "ok";
      }
      case "size":
        return String(this.#collection.size);
      case "go":
        self.send(this.#server(command[1]), atom("go"));
        return "sent";
      case "exit":
        return String(self.exitSignal(this.#server(command[1]), reasonOf(command[2])));
      case "link":
        return String(self.link(this.#server(command[1])));
      case "unlink":
        return String(self.unlink(this.#server(command[1])));
      case "trap": {
        const before = self.trapExit;
        self.trapExit = command[1];
        return String(before);
      }
      default:
        return this.#wait(command);
    }
  }

  /** The commands that wait for an answer. */
  async #wait(command: Command<unknown, unknown>): Promise<string> {
    const self = this.#self;
    const { writer } = this.#stage;
    const { api } = this.#behaviour;
    switch (command[0]) {
      case "start":
        return this.#start(command);
      case "call": {
        const limit = command[3] === -2 ? [] : [limitMs(command[3])];
        return writer.text(await api.call(self, this.#target(command[1]), command[2], ...limit));
      }
      case "multi_call": {
        const { replies, badNodes } = await GenServer.multiCall(
          self,
          this.#nodes(command[2]),
          command[1],
          command[3],
          limitMs(command[4]),
        );
        return writer.text(
          tuple(
            replies.map(({ node, reply }) => tuple(atomTerm(node), reply)),
            badNodes.map(atomTerm),
          ),
        );
      }
      case "receive_response":
        return this.#response(
          await api.receiveResponse(self, this.#request(command[1]), limitMs(command[2])),
        );
      case "wait_response":
        return this.#response(await api.waitResponse(self, this.#request(command[1]), limitMs(command[2])));
      case "check_response": {
        const request = this.#request(command[1]);
        const message = await this.#oldest();
        if (message === undefined) return "nothing";
        const response = api.checkResponse(self, message, request);
        return response === undefined ? "no_reply" : this.#response(response);
      }
      case "receive_any": {
        const response = await this.#collection.receive(self, limitMs(command[1]), command[2]);
        if (response === "timeout") this.#collection = new GenServer.RequestCollection();
        return this.#labelled(response, "no_request");
      }
      case "wait_any":
        return this.#labelled(
          await this.#collection.wait(self, limitMs(command[1]), command[2]),
          "no_request",
        );
      case "check_any": {
        const message = await this.#oldest();
        if (message === undefined) return "nothing";
        const none = this.#collection.size === 0 ? "no_request" : "no_reply";
        return this.#labelled(this.#collection.check(self, message, command[1]), none);
      }
      case "stop":
        await api.stop(self, this.#target(command[1]), {
          reason: reasonOf(command[2]),
          timeoutMs: limitMs(command[3]),
        });
        return "ok";
      case "sys":
        return this.#system(command[1], this.#target(command[2]));
      default:
        throw new Error(`does not wait: ${command[0]}`);
    }
  }

  async #start(
    command: Extract<Command<unknown, unknown>, readonly ["start", ...unknown[]]>,
  ): Promise<string> {
    const [, slot, how, name, limit, init] = command;
    const options = { ...(name === "" ? {} : { name }), ...(limit === FOR_EVER ? {} : { timeoutMs: limit }) };
    const result = await this.#behaviour.start(this.#self, this.#stage, how, { slot, init }, options);
    if (result.type === "ignore") return "ignore";
    const { type, message } = (result.type === "error" ? (result.reason ?? {}) : {}) as Partial<ErrorReason>;
    if (type === "error" && this.#behaviour.bareErrors) return `{error,${message}}`;
    if (result.type === "error")
      return this.#stage.writer.text(tuple(atom("error"), reasonToTerm(result.reason)));
    return this.#stage.writer.text(
      tuple(atom("ok"), "ref" in result ? tuple(result.pid, result.ref) : result.pid),
    );
  }

  // ---- requests

  #response(response: GenServer.Response): string {
    return this.#stage.writer.text(responseTerm(response));
  }

  #labelled(
    found: Awaited<ReturnType<GenServer.RequestCollection<string>["receive"]>>,
    none: string,
  ): string {
    if (found === undefined) return none;
    if (found === "timeout") return found;
    this.#collection = found.requests;
    return this.#stage.writer.text(tuple(responseTerm(found.response), atomTerm(found.label)));
  }

  #request(number: number): GenServer.RequestId {
    const id = this.#requests.get(number);
    if (id === undefined) throw new Skipped();
    return id;
  }

  async #oldest(): Promise<unknown> {
    return this.#self.receive((message) => !(message instanceof Instruction), { timeoutMs: 0 });
  }

  // ---- system messages

  async #system(what: string, target: GenServer.ServerRef): Promise<string> {
    const self = this.#self;
    const { writer } = this.#stage;
    switch (what) {
      case "suspend":
        await Sys.suspend(self, target);
        return "ok";
      case "resume":
        await Sys.resume(self, target);
        return "ok";
      case "terminate":
        await Sys.terminate(self, target, "boom");
        return "ok";
      case "get_state":
        return writer.text(await Sys.getState(self, target));
      case "get_status": {
        const [, pid, , [, state, parent, debug, misc]] = (await Sys.getStatus(self, target)) as [
          unknown,
          Pid,
          unknown,
          [unknown, unknown, Pid, unknown[], unknown],
        ];
        return writer.text(tuple(pid, state, parent, debug.length, misc));
      }
      case "replace_state":
        return writer.text(await Sys.replaceState(self, target, this.#behaviour.change));
      case "replace_state_error":
        return writer.text(
          await Sys.replaceState(self, target, () => {
            throw new Error("oops");
          }),
        );
      case "replace_state_throw":
        return writer.text(
          await Sys.replaceState(self, target, () => {
            throw atom("thrown");
          }),
        );
      case "change_code":
      case "change_code_error":
        await Sys.changeCode(self, target, undefined, what === "change_code" ? 1000 : atom("error"));
        return "ok";
      case "log":
      case "log_off":
        await Sys.log(self, target, what === "log");
        return "ok";
      case "log_get":
        return writer.text(tuple(atom("ok"), await Sys.log(self, target, "get")));
      case "statistics":
        await Sys.statistics(self, target, true);
        return "ok";
      case "statistics_get": {
        const counted = await Sys.statistics(self, target, "get");
        if (counted === undefined) return "{ok,no_statistics}";
        const [incoming, outgoing] = [counted.messagesIn, counted.messagesOut];
        return writer.text(
          tuple(tuple(atom("messages_in"), incoming), tuple(atom("messages_out"), outgoing)),
        );
      }
      case "no_debug":
        await Sys.noDebug(self, target);
        return "ok";
      default:
        return this.#odd(target);
    }
  }

  /** A system message that nobody knows. */
  async #odd(target: GenServer.ServerRef): Promise<string> {
    const self = this.#self;
    const ref = self.runtime.newRef();
    const monitor = self.monitor(target as Pid);
    self.send(target as Pid, tuple(SYSTEM, tuple(self.pid, ref), atom("odd")));
    const answer = (await self.receive((message) => {
      const down = message as { readonly ref?: unknown };
      return (isTuple(message) && ref.equals(message[0])) || monitor.equals(down?.ref);
    })) as readonly unknown[];
    self.demonitor(monitor, { flush: true });
    return isTuple(answer) ? this.#stage.writer.text(answer[1]) : "down";
  }

  // ---- addresses

  #server(slot: number): Pid {
    const pid = this.#stage.server(slot);
    if (pid === undefined) throw new Skipped();
    return pid;
  }

  #target(target: Command<unknown, unknown>[1]): GenServer.ServerRef {
    const [kind, which] = target as readonly [string, number | string];
    switch (kind) {
      case "pid":
        return this.#server(which as number);
      case "name":
        return which as string;
      case "node":
        return { name: which as string, node: this.#self.runtime.name };
      case "elsewhere":
        return { name: which as string, node: "else@where" };
      default:
        return this.#self.pid;
    }
  }

  #nodes(nodes: readonly Node[]): string[] {
    return nodes.map((node) => (node === "here" ? this.#self.runtime.name : "else@where"));
  }
}

function responseTerm(response: GenServer.Response): unknown {
  if (response.type === "timeout") return atom("timeout");
  if (response.type === "reply") return tuple(atom("reply"), response.reply);
  const { server } = response;
  const where =
    server instanceof Pid || isTuple(server) || typeof server !== "object"
      ? server
      : tuple((server as { name: string }).name, (server as { node: string }).node);
  return tuple(atom("error"), tuple(reasonToTerm(response.reason), where));
}

function limitMs(limit: Limit): number {
  return limit === FOR_EVER ? Number.POSITIVE_INFINITY : limit;
}

/** A reason of a scenario: "tuple" is `{shutdown, tuple}`. */
export function reasonOf(text: string): unknown {
  return text === "tuple" ? tuple("shutdown", atom("tuple")) : text;
}
