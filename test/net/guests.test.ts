// Sockets in the hands of guests, over the real network and the one in memory: the same programs, the same answers.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { GuestSpawnOptions } from "../../host/options.ts";
import { atom, decodeTerm, encodeTerm, Pid, Ref, type RuntimeEvent, tuple } from "../../host/otp/index.ts";
import type { Connection, Listener, Network } from "../../host/wasm/net/network.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { answerOf, callsGuest, OUT, type Step, step, term } from "../wasm/support/calls.ts";
import { accepted, LOOPBACK, listen, NETWORKS, next, portOf, rest, write } from "./support/networks.ts";

const bytes = (text: string) => ({ bytes: new TextEncoder().encode(text) });
const FOR_EVER = -1;
const listenOn = (port: number) => step("tcp.listen", port, 0, 0, OUT);
const connectTo = (port: number, host = LOOPBACK, ms = FOR_EVER) =>
  step("tcp.connect", bytes(host), port, OUT, ms);
const OK = expect.toSatisfy((result: number) => result > 0, "a length");

describe.each(NETWORKS)("a guest on %s", (_, make) => {
  let network: Network;
  let host: Host;
  const events: RuntimeEvent[] = [];
  let opened: Listener<Connection>[] = [];

  beforeEach(() => {
    network = make();
    host = new Host({ network, grants: [`listen`, `connect:${LOOPBACK}:*`, "spawn", "kill"] });
    host.runtime.subscribe((event) => events.push(event));
  });
  afterEach(async () => {
    await host.close({ timeoutMs: 0 });
    for (const listener of opened) listener.close();
    opened = [];
    events.length = 0;
  });

  /** Lets a guest make these calls, one after the other; what it ends with is the list of their results. */
  async function guest(
    steps: readonly Step[],
    options: GuestSpawnOptions = {},
  ): Promise<readonly [Pid, Promise<unknown>]> {
    const program = await host.load(callsGuest({ main: steps }), { name: "guest" });
    const pid = host.spawn(program, "main", options);
    return [pid, host.exited(pid)];
  }
  async function results(steps: readonly Step[], options?: GuestSpawnOptions): Promise<unknown> {
    return (await guest(steps, options))[1];
  }
  async function open(backlog?: number): Promise<Listener<Connection>> {
    const listener = await listen(network, 0, backlog);
    opened.push(listener);
    return listener;
  }
  const denied = () => events.filter((event) => event.type === "denied");

  it("connects, sends, is answered, and learns of the end", async () => {
    const listener = await open();
    const talk = results([
      connectTo(portOf(listener)),
      step("tcp.send", answerOf(0), bytes("hello"), FOR_EVER),
      step("tcp.shutdown", answerOf(0)),
      step("tcp.recv", answerOf(0), OUT, FOR_EVER),
      step("tcp.recv", answerOf(0), OUT, FOR_EVER),
      step("tcp.close", answerOf(0)),
      step("tcp.recv", answerOf(0), OUT, FOR_EVER),
    ]);
    const connection = await accepted(listener);
    expect(await rest(connection)).toEqual([5, "hello", "end"]);
    await write(connection, "welcome");
    connection.close();
    expect(await talk).toEqual([OK, 5, 0, 7, 0, 0, ERROR.badarg]);
  });

  it("gives up a connection that does not come about in time, and a read that nobody answers", async () => {
    const listener = await open();
    const talk = results([
      connectTo(portOf(listener)),
      step("tcp.recv", answerOf(0), OUT, 5),
      step("tcp.recv", answerOf(0), OUT, 0),
      step("tcp.recv", answerOf(0), OUT, 5),
    ]);
    expect(await talk).toEqual([OK, ERROR.timeout, ERROR.timeout, ERROR.timeout]);
  });

  it("is told why it is not connected", async () => {
    const listener = await open();
    const port = portOf(listener);
    listener.close();
    expect(await results([connectTo(port), step("message.read", OUT), step("message.read", OUT)])).toEqual([
      ERROR.failed,
      OK,
      ERROR.timeout,
    ]);
  });

  it("finds a connection that was broken off closed, for reading and for writing", async () => {
    const listener = await open();
    const talk = results([
      connectTo(portOf(listener)),
      step("tcp.send", answerOf(0), bytes("x"), FOR_EVER),
      step("tcp.recv", answerOf(0), OUT, FOR_EVER),
      step("tcp.send", answerOf(0), bytes("x"), FOR_EVER),
    ]);
    const connection = await accepted(listener);
    expect(await next(connection)).toBe("x");
    connection.abort();
    expect(await talk).toEqual([OK, 1, ERROR.closed, ERROR.closed]);
  });

  it("closes in order what it leaves open when it ends well, and breaks it off when it does not", async () => {
    const listener = await open();
    const greeting = [connectTo(portOf(listener)), step("tcp.send", answerOf(0), bytes("hello"), FOR_EVER)];
    const normal = step("process.exit", term(atom("normal")));
    await guest([...greeting, normal]);
    expect(await rest(await accepted(listener))).toEqual([5, "hello", "end"]);

    const [pid] = await guest([...greeting, step("tcp.recv", answerOf(0), OUT, FOR_EVER)]);
    const connection = await accepted(listener);
    expect(await next(connection)).toBe("hello");
    host.kill(pid);
    expect(await next(connection)).toBe("broken: econnreset");
  });

  it("is asked nothing more than its grants open, and the refusal is an event that names the grant", async () => {
    const listener = await open();
    const port = portOf(listener);
    const narrow = { grants: [`connect:${LOOPBACK}:${port}`, "listen:0"] as const };
    const other = port === 1 ? 2 : port - 1;
    expect(
      await results(
        [
          connectTo(port),
          connectTo(other),
          connectTo(port, "localhost"),
          connectTo(port, "::ffff:127.0.0.1"),
          connectTo(port, "0x7f000001"),
          connectTo(port, "2130706433"),
          connectTo(port, "127.1"),
          connectTo(port, "[::1]"),
          connectTo(port, "example.org"),
          connectTo(port, "a\r\nb"),
          connectTo(0),
          connectTo(65_536),
          listenOn(0),
          listenOn(port),
          listenOn(-1),
        ],
        narrow,
      ),
    ).toEqual([
      OK,
      ERROR.not_granted,
      ERROR.not_granted,
      OK,
      ERROR.not_granted,
      ERROR.not_granted,
      ERROR.not_granted,
      ERROR.not_granted,
      ERROR.not_granted,
      ERROR.badarg,
      ERROR.badarg,
      ERROR.badarg,
      OK,
      ERROR.not_granted,
      ERROR.badarg,
    ]);
    expect(denied().slice(0, 2)).toMatchObject([
      { call: "tcp.connect", grant: `the grant "connect:127.0.0.1:${other}"` },
      { call: "tcp.connect", grant: `the grant "connect:localhost:${port}"` },
    ]);
    expect(denied().at(-1)).toMatchObject({ call: "tcp.listen", grant: `the grant "listen:${port}"` });
  });

  it("has no more open than its limit, sockets under way and files included", async () => {
    const listener = await open();
    const port = portOf(listener);
    const limits = { openResources: 2 };
    expect(
      await results(
        [
          connectTo(port),
          listenOn(0),
          connectTo(port),
          listenOn(0),
          step("tcp.accept", answerOf(1), OUT, 0),
          step("tcp.close", answerOf(0)),
          listenOn(0),
        ],
        { limits },
      ),
    ).toEqual([OK, OK, ERROR.system_limit, ERROR.system_limit, ERROR.system_limit, 0, OK]);
  });

  it("pays for the buffers of its sockets with its memory, and gets it back", async () => {
    const listener = await open();
    const port = portOf(listener);
    // Its own four pages, and room for one connection.
    const limits = { memoryBytes: 4 * 65_536 + 100_000 };
    expect(
      await results([connectTo(port), connectTo(port), step("tcp.close", answerOf(0)), connectTo(port)], {
        limits,
      }),
    ).toEqual([OK, ERROR.system_limit, 0, OK]);
    expect(events.filter(({ type }) => type === "limitReached")).toMatchObject([
      { limit: "memoryBytes", scope: "process" },
    ]);
  });

  it("shares what may be open with the rest of its subtree", async () => {
    const listener = await open();
    const port = portOf(listener);
    const limits = { subtree: { openResources: 1 } };
    expect(
      await results([connectTo(port), connectTo(port), step("tcp.close", answerOf(0)), connectTo(port)], {
        limits,
      }),
    ).toEqual([OK, ERROR.system_limit, 0, OK]);
    expect(events.filter(({ type }) => type === "limitReached")).toMatchObject([
      { limit: "openResources", scope: "subtree" },
    ]);
  });

  it("gives sockets to a child that is spawned with them, before that runs, and to nobody that is no guest", async () => {
    const listener = await open();
    const port = portOf(listener);
    const none = host.runtime.spawn(async (self) => void (await self.receive()));
    const gone = new Pid(host.runtime.name, 999, host.runtime.creation);
    const program = await host.load(
      callsGuest({
        main: [
          connectTo(port),
          step("tcp.controlling_process", answerOf(0), term(none)),
          step("tcp.controlling_process", answerOf(0), term(gone)),
          step("tcp.send", answerOf(0), bytes("mine"), FOR_EVER),
          step("process.spawn", term("child"), answerOf(0), term({ sockets: [atom("none")] }), OUT),
          step(
            "process.spawn",
            term("child"),
            answerOf(0),
            term({ sockets: [new Ref(host.runtime.name, 1, 1)] }),
            OUT,
          ),
        ],
        child: [step("process.argument", OUT)],
      }),
      { name: "guest" },
    );
    expect(await host.exited(host.spawn(program, "main"))).toEqual([
      OK,
      ERROR.badarg,
      ERROR.noproc,
      4,
      ERROR.badarg,
      ERROR.badarg,
    ]);
  });

  it("cannot use a socket of another process, nor one that it has made up", async () => {
    const listener = await open();
    const [owner] = await guest([
      connectTo(portOf(listener)),
      step("tcp.send", answerOf(0), bytes("mine"), FOR_EVER),
      step("tcp.recv", answerOf(0), OUT, FOR_EVER),
    ]);
    const connection = await accepted(listener);
    expect(await next(connection)).toBe("mine");
    const { name, creation, sealer } = host.runtime;
    const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
    // The owner's own is among those with the seal, as if it had been told; the others are guessed.
    const refs = [sealer, 0].flatMap((seal) =>
      numbers.map((number) => new Ref(name, number, creation, seal)),
    );
    const tries = refs.flatMap((ref) => [
      step("tcp.recv", term(ref), OUT, 0),
      step("tcp.send", term(ref), bytes("evil"), 0),
      step("tcp.close", term(ref)),
    ]);
    expect(await results(tries)).toEqual(tries.map(() => ERROR.badarg));
    host.kill(owner);
    expect(await next(connection)).toBe("broken: econnreset");
  });

  it("gives a server away whatever lies in its mailbox and looks like a request", async () => {
    const beginning = encodeTerm(tuple(atom("http_request"))).with(2, 6);
    const forged = [
      Uint8Array.of(...beginning, 255, 255, 255),
      Uint8Array.of(...beginning),
      Uint8Array.of(...beginning, ...new Uint8Array(200)),
      encodeTerm(
        tuple(atom("http_request"), tuple(atom("$socket"), new Ref(host.runtime.name, 1, 1)), 1, 2, 3, 4),
      ),
    ];
    const program = await host.load(
      callsGuest({
        main: [
          step("http.listen", 0, 0, 0, OUT),
          step("process.self", OUT),
          ...forged.map((message) => step("message.send", answerOf(1), { bytes: message })),
          step("process.spawn", term("child"), 0, 0, 0, 0, OUT),
          step("http.controlling_process", answerOf(0), answerOf(6)),
          ...forged.map(() => step("message.receive", 0, 0, OUT, 0)),
          step("message.receive", 0, 0, OUT, 0),
        ],
        child: [step("message.receive", 0, 0, OUT, FOR_EVER)],
      }),
      { name: "guest" },
    );
    const results = await host.exited(host.spawn(program, "main"));
    expect(results).toEqual([
      OK,
      OK,
      0,
      0,
      0,
      0,
      OK,
      0,
      ...forged.map(({ length }) => length),
      ERROR.timeout,
    ]);
  });

  it("sends what comes over an active socket to its owner, as many messages as that has asked for", async () => {
    const listener = await open();
    const [pid, end] = await guest([
      connectTo(portOf(listener)),
      step("tcp.active", answerOf(0), 3, 2),
      step("message.receive", 0, 0, OUT, FOR_EVER),
      step("tcp.recv", answerOf(0), OUT, 0),
      step("message.receive", 0, 0, OUT, FOR_EVER),
      step("message.receive", 0, 0, OUT, FOR_EVER),
      step("tcp.recv", answerOf(0), OUT, FOR_EVER),
      step("tcp.active", answerOf(0), 1, 0),
      step("message.receive", 0, 0, OUT, FOR_EVER),
      step("message.receive", 0, 0, OUT, 0),
      step("tcp.active", answerOf(0), 3, 1),
      step("message.receive", 0, 0, OUT, FOR_EVER),
      step("tcp.active", answerOf(0), 3, 40_000),
    ]);
    const got: unknown[] = [];
    host.runtime.subscribe((event) => {
      if (event.type !== "received" || !event.pid.equals(pid)) return;
      const [tag, , ...more] = decodeTerm(event.message as Uint8Array) as readonly [
        unknown,
        unknown,
        ...unknown[],
      ];
      got.push([
        String((tag as { name: string }).name),
        ...more.map((part) => new TextDecoder().decode(part as Uint8Array)),
      ]);
    });
    const connection = await accepted(listener);
    const heard = async (count: number) => {
      while (got.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    await write(connection, "one");
    await heard(1);
    await write(connection, "two");
    await heard(3);
    await write(connection, "three");
    await new Promise((resolve) => setImmediate(resolve));
    await write(connection, "four");
    connection.finish();
    const outcome = (await end) as number[];
    expect(outcome.slice(0, 6)).toEqual([OK, 0, OK, ERROR.badarg, OK, OK]);
    expect(outcome.at(-1)).toBe(ERROR.badarg);
    expect(got.slice(0, 3)).toEqual([["tcp", "one"], ["tcp", "two"], ["tcp_passive"]]);
    expect(got.flat()).toContain("tcp_closed");
  });
});
