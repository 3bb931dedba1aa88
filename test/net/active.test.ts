// Sockets that send what comes to their owner, on the network of the machine and on the one in memory: data, connections, requests.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GuestSpawnOptions } from "../../host/options.ts";
import { atom, type Pid, tuple } from "../../host/otp/index.ts";
import type { Connection, HttpExchange, Network } from "../../host/wasm/net/network.ts";
import type { Program } from "../../host/wasm/program.ts";
import {
  accepted,
  answer,
  ask,
  connect,
  listen,
  NETWORKS,
  next,
  portOf,
  serve,
  write,
} from "./support/networks.ts";
import { activeGuests, Town } from "./support/town.ts";

let program: Program;
beforeAll(async () => {
  program = await activeGuests();
}, 60_000);

describe.each(NETWORKS)("on %s", (_, make) => {
  let network: Network;
  let town: Town;
  let heard = 0;
  const open: { abort?(): void; close?(): void }[] = [];

  beforeEach(() => {
    network = make();
    town = new Town(network);
    heard = 0;
  });
  afterEach(async () => {
    await town.close();
    for (const one of open.splice(0)) one.abort ? one.abort() : one.close?.();
  });

  const line = () => town.line(heard++);
  const spawn = (entry: string, options?: GuestSpawnOptions): Pid => town.host.spawn(program, entry, options);
  const order = (pid: Pid, what: string, n = 0) => town.host.send(pid, tuple(atom("do"), what, n));
  /** What it prints when it has done this. */
  const does = (pid: Pid, what: string, n = 0) => {
    order(pid, what, n);
    return line();
  };
  const waiting = (pid: Pid) => town.host.info(pid)?.messageQueueLength ?? -1;
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  /** A guest with a connection, and the other side of it. */
  async function connected(options: GuestSpawnOptions = {}): Promise<readonly [Pid, Connection]> {
    const listener = await listen(network);
    open.push(listener);
    const pid = spawn("connects", { ...options, args: portOf(listener) });
    const connection = await accepted(listener);
    open.push(connection);
    return [pid, connection];
  }
  /** A child of the guest that waits to be given a socket. */
  async function childOf(pid: Pid): Promise<Pid> {
    const before = new Set(town.host.runtime.processes().map(String));
    expect(await does(pid, "child")).toBe("child");
    return town.host.runtime.processes().find((one) => !before.has(String(one)))!;
  }
  const giveTo = (pid: Pid, to: Pid) => town.host.send(pid, tuple(atom("give_to"), to));

  describe("a connection", () => {
    it("that is active once sends one message, and is then read", async () => {
      const [pid, peer] = await connected();
      await does(pid, "once");
      await write(peer, "one");
      expect(await does(pid, "take")).toBe("data one");
      await write(peer, "two");
      expect(await does(pid, "recv")).toBe("read two");
      expect(await does(pid, "look")).toBe("nothing");
    });

    it("that is active for a count says when that is used up, and what comes then is read", async () => {
      const [pid, peer] = await connected();
      await does(pid, "active", 1);
      await does(pid, "active", 1);
      for (const text of ["one", "two"]) {
        await write(peer, text);
        expect(await does(pid, "take")).toBe(`data ${text}`);
      }
      expect(await does(pid, "take")).toBe("passive");
      await write(peer, "three");
      expect(await does(pid, "recv")).toBe("read three");
    });

    it("says that it is passive when the count is taken back, not when it is told to be passive", async () => {
      const [pid] = await connected();
      await does(pid, "active", 3);
      expect(await does(pid, "active", -3)).toBe("done");
      expect(await does(pid, "take")).toBe("passive");
      await does(pid, "active", 0);
      expect(await does(pid, "take")).toBe("passive");
      await does(pid, "active", 3);
      await does(pid, "passive");
      expect(await does(pid, "look")).toBe("nothing");
    });

    it.each([
      ["a count that grows too large", ["active", 32_767], ["active", 1]],
      ["a read while it is active", ["always", 0], ["recv", 0]],
    ] as const)("ends its owner with badarg for %s", async (_, first, second) => {
      const [pid] = await connected();
      await does(pid, first[0], first[1]);
      order(pid, second[0], second[1]);
      await town.host.exited(pid);
      expect(town.crashes).toEqual([expect.stringContaining("badarg")]);
    });

    it("that is always active sends while the mailbox has room, then its peer has to wait, and nothing is lost", async () => {
      const [pid, peer] = await connected({ limits: { mailbox: 3 } });
      await does(pid, "always");
      const gate = town.host.runtime.spawn(async (self) => void (await self.receive()));
      town.host.send(pid, tuple(atom("gather"), gate, 4));
      await until(() => waiting(pid) === 0);
      for (const [i, text] of ["a", "b", "c"].entries()) {
        await write(peer, text);
        await until(() => waiting(pid) === i + 1);
      }
      let sent = 3;
      const piece = new Uint8Array(65_536).fill(120);
      for (let idle = 0; idle < 50; ) {
        const taken = peer.write(piece);
        if (taken === 0) idle++;
        else sent += taken as number;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(waiting(pid)).toBe(3);
      expect(sent).toBeLessThan(16 * 1024 * 1024);
      town.host.kill(gate);
      expect(await line()).toMatch(/^gathered abcx+$/);
    });

    it("tells the end once, and only while it is active", async () => {
      const [pid, peer] = await connected();
      await write(peer, "last");
      peer.finish();
      await does(pid, "once");
      expect(await does(pid, "take")).toBe("data last");
      expect(await does(pid, "look")).toBe("nothing");
      await does(pid, "once");
      expect(await does(pid, "take")).toBe("closed");
      await does(pid, "active", 5);
      await does(pid, "always");
      expect(await does(pid, "look")).toBe("nothing");
    });

    it("tells that it was broken off, and then the end", async () => {
      const [pid, peer] = await connected();
      await does(pid, "active", 5);
      peer.abort();
      expect(await does(pid, "take")).toBe("error econnreset");
      expect(await does(pid, "take")).toBe("closed");
    });

    it("tells the end when the mailbox has room for it, if it had none", async () => {
      const [pid, peer] = await connected({ limits: { mailbox: 1 } });
      await does(pid, "active", 1);
      const gate = town.host.runtime.spawn(async (self) => void (await self.receive()));
      town.host.send(pid, tuple(atom("gather"), gate, 2));
      await until(() => waiting(pid) === 0);
      await write(peer, "one");
      await until(() => waiting(pid) === 1);
      town.host.kill(gate);
      expect(await line()).toBe("gathered one?");
    });

    it("takes messages that were not received along to another owner, and stays active there", async () => {
      const [pid, peer] = await connected();
      const child = await childOf(pid);
      await does(pid, "active", 3);
      await write(peer, "one");
      await until(() => waiting(pid) === 1);
      await write(peer, "two");
      await until(() => waiting(pid) === 2);
      giveTo(pid, child);
      expect(await line()).toBe("given");
      expect(await does(pid, "look")).toBe("nothing");
      await write(peer, "three");
      for (const said of ["data one", "data two", "data three", "passive"])
        expect(await does(child, "take")).toBe(said);
      expect(await does(child, "look")).toBe("nothing");
    });

    it("takes the news of its end along as well", async () => {
      const [pid, peer] = await connected();
      const child = await childOf(pid);
      await does(pid, "always");
      peer.finish();
      await until(() => waiting(pid) === 1);
      giveTo(pid, child);
      await line();
      expect(await does(child, "take")).toBe("closed");
      expect(await does(pid, "look")).toBe("nothing");
    });

    it("is not given to who has no room for the messages that come with it", async () => {
      const [pid, peer] = await connected();
      const child = await childOf(pid);
      town.host.runtime.process(child)!.suspend(undefined);
      const { bound } = town.host.runtime.process(child)!.mailbox;
      for (let i = 0; i < bound; i++) town.host.send(child, i);
      await does(pid, "always");
      await write(peer, "one");
      await until(() => waiting(pid) === 1);
      giveTo(pid, child);
      expect(await line()).toBe("given");
      expect(await does(pid, "take")).toBe("data one");
      town.host.kill(child);
    });

    it("is given to nobody of another family, towards whose limits it would count", async () => {
      const [pid] = await connected();
      const stranger = spawn("listenerTaker");
      expect(await line()).toBe("child");
      giveTo(pid, stranger);
      await town.host.exited(pid);
      expect(town.crashes).toEqual([expect.stringContaining("not_granted")]);
    });
  });

  describe("a listening socket", () => {
    async function listening(
      options?: GuestSpawnOptions,
    ): Promise<readonly [owner: Pid, taker: Pid, port: number]> {
      const pid = spawn("listens", options);
      const lines = [await line(), await line()];
      const taker = town.host.runtime.processes().find((one) => !one.equals(pid))!;
      return [pid, taker, Number(lines.find((said) => said !== "child"))];
    }
    /** A client that says its name. */
    async function client(port: number, name: string): Promise<Connection> {
      const connection = await connect(network, port);
      open.push(connection);
      await write(connection, name);
      return connection;
    }

    it("sends as many connections as it was asked for, and keeps as many as its backlog holds", async () => {
      const [pid, , port] = await listening();
      await does(pid, "active", 2);
      for (const name of ["a", "b", "c", "d"]) await client(port, name);
      for (const name of ["a", "b"]) expect(await does(pid, "take")).toBe(`accepted ${name}`);
      expect(await does(pid, "take")).toBe("passive");
      expect(await does(pid, "look")).toBe("nothing");
      const turnedAway = await connect(network, port).then(next, (reason) => `broken: ${reason}`);
      expect(turnedAway).toMatch(/^broken/);
      await does(pid, "once");
      expect(await does(pid, "take")).toBe("accepted c");
      expect(await does(pid, "look")).toBe("nothing");
    });

    it("is not asked for one while it sends them", async () => {
      const [pid] = await listening();
      await does(pid, "once");
      order(pid, "accept");
      await town.host.exited(pid);
      expect(town.crashes).toEqual([expect.stringContaining("badarg")]);
    });

    it("sends no more than its owner may have open, and goes on when that closes one", async () => {
      const [pid, , port] = await listening({ limits: { openResources: 3 } });
      await does(pid, "always");
      for (const name of ["a", "b", "c"]) await client(port, name);
      for (const name of ["a", "b"]) expect(await does(pid, "take")).toBe(`accepted ${name}`);
      expect(await does(pid, "look")).toBe("nothing");
      await does(pid, "close");
      expect(await does(pid, "take")).toBe("accepted c");
    });

    it("takes connections that were sent and not received along to another owner", async () => {
      const [pid, taker, port] = await listening();
      await does(pid, "active", 2);
      const first = await client(port, "a");
      await until(() => waiting(pid) === 1);
      giveTo(pid, taker);
      await line();
      expect(await does(taker, "take")).toBe("accepted a");
      town.host.kill(pid);
      await client(port, "b");
      expect(await does(taker, "take")).toBe("accepted b");
      expect(await does(taker, "take")).toBe("passive");
      await does(taker, "close");
      expect(await next(first)).toBe("end");
    });

    it("breaks off what its owner was sent and had not received when it died, and what waited", async () => {
      const [pid, , port] = await listening();
      await does(pid, "once");
      const clients = [await client(port, "a"), await client(port, "b")];
      await until(() => waiting(pid) === 1);
      town.host.kill(pid);
      for (const one of clients) expect(await next(one)).toMatch(/^(broken|end)/);
      await expect(connect(network, port)).rejects.toBe("econnrefused");
    });
  });

  describe("a request that goes out", () => {
    async function calling(): Promise<readonly [Pid, HttpExchange]> {
      const server = await serve(network);
      open.push(server);
      const pid = spawn("calls", { args: portOf(server) });
      return [pid, await accepted(server)];
    }

    it("has its response sent: the head, the body, the end, as many messages as were asked for", async () => {
      const [pid, exchange] = await calling();
      await does(pid, "active", 2);
      exchange.respond({ status: 203, headers: [["x-kind", "good"]] }, false);
      await write(exchange, "one");
      expect(await does(pid, "take")).toBe("status 203 good");
      expect(await does(pid, "take")).toBe("body one");
      expect(await does(pid, "take")).toBe("passive");
      exchange.finish();
      expect(await does(pid, "look")).toBe("nothing");
      await does(pid, "once");
      expect(await does(pid, "take")).toBe("end");
      await does(pid, "always");
      expect(await does(pid, "look")).toBe("nothing");
    });

    it("tells that the rest does not come, that there is no response, and that none came in time", async () => {
      const [pid, exchange] = await calling();
      await does(pid, "always");
      exchange.respond({ status: 200, headers: [["x-kind", "half"]] }, false);
      await write(exchange, "half");
      expect(await does(pid, "take")).toBe("status 200 half");
      expect(await does(pid, "take")).toBe("body half");
      exchange.abort();
      expect(await does(pid, "take")).toMatch(/^error (closed|econnreset)$/);
      const [late] = await calling();
      await does(late, "always");
      expect(await does(late, "take")).toBe("error timeout");
      const gone = spawn("calls", { args: 1 });
      await does(gone, "once");
      expect(await does(gone, "take")).toBe("error econnrefused");
    });
  });

  describe("an HTTP server", () => {
    async function serving(options?: GuestSpawnOptions): Promise<readonly [Pid, number]> {
      const pid = spawn("serves", options);
      return [pid, Number(await line())];
    }
    async function get(port: number, path: string) {
      const call = await ask(network, port, { path });
      open.push(call);
      call.finish();
      return answer(call);
    }

    it("sends each request as a message that is answered from the mailbox, whatever else waits there", async () => {
      const [pid, port] = await serving();
      await does(pid, "always");
      const answers = ["/a", "/b"].map((path) => get(port, path));
      await until(() => waiting(pid) === 2);
      const taken = [await does(pid, "take"), await does(pid, "take")];
      expect(taken.sort()).toEqual(["request /a", "request /b"]);
      await does(pid, "reply");
      await does(pid, "reply");
      expect(await Promise.all(answers)).toEqual(Array(2).fill([200, "reply"]));
    });

    it("sends as many as it was asked for, keeps as many as its backlog holds, and turns the rest away", async () => {
      const [pid, port] = await serving();
      await does(pid, "active", 1);
      const answers: Promise<unknown>[] = [];
      answers.push(get(port, "/a"));
      await until(() => waiting(pid) === 2);
      expect(await does(pid, "take")).toBe("request /a");
      expect(await does(pid, "take")).toBe("passive");
      const more = ["/b", "/c", "/d"].map((path) => get(port, path));
      expect((await Promise.race(more))[0]).toBe(503);
      await does(pid, "active", 2);
      for (let i = 0; i < 2; i++) expect(await does(pid, "take")).toMatch(/^request/);
      expect(await does(pid, "take")).toBe("passive");
      for (let i = 0; i < 3; i++) await does(pid, "reply");
      const statuses = (await Promise.all([...answers, ...more])).map(
        (one) => (one as readonly unknown[])[0],
      );
      expect(statuses.sort()).toEqual([200, 200, 200, 503]);
    });

    it("answers 500 for what was sent and not received when its owner dies, and 503 for what waited", async () => {
      const [pid, port] = await serving();
      await does(pid, "once");
      const first = get(port, "/a");
      await until(() => waiting(pid) === 1);
      // Two of them have come when the third is turned away.
      const more = ["/b", "/c", "/d"].map((path) => get(port, path));
      expect((await Promise.race(more))[0]).toBe(503);
      town.host.kill(pid);
      expect((await first)[0]).toBe(500);
      expect((await Promise.all(more)).map(([status]) => status)).toEqual([503, 503, 503]);
    });

    it("sends more requests than its owner may have open, as those are answered", async () => {
      const [pid, port] = await serving({ limits: { openResources: 2 } });
      await does(pid, "always");
      for (const path of ["/a", "/b", "/c", "/d"]) {
        const answered = get(port, path);
        expect(await does(pid, "take")).toBe(`request ${path}`);
        await does(pid, "reply");
        expect(await answered).toEqual([200, "reply"]);
      }
    });

    it("has the body of a request sent, piece by piece, and told when the rest will not come", async () => {
      const [pid, port] = await serving();
      await does(pid, "always");
      const call = await ask(network, port, { method: "POST" });
      await write(call, "one");
      expect(await does(pid, "take")).toBe("request /");
      await does(pid, "body", 1);
      expect(await does(pid, "take")).toBe("body one");
      expect(await does(pid, "take")).toBe("passive");
      await write(call, "two");
      expect(await does(pid, "look")).toBe("nothing");
      await does(pid, "body", 5);
      expect(await does(pid, "take")).toBe("body two");
      call.finish();
      expect(await does(pid, "take")).toBe("end");
      await does(pid, "reply");
      expect(await answer(call)).toEqual([200, "reply"]);
      const cut = await ask(network, port, { method: "POST" });
      await write(cut, "half");
      expect(await does(pid, "take")).toBe("request /");
      await does(pid, "body", 5);
      expect(await does(pid, "take")).toBe("body half");
      cut.abort();
      expect(await does(pid, "take")).toMatch(/^error (closed|econnreset)$/);
    });

    it("tells that a client has gone when there is room to tell it", async () => {
      const [pid, port] = await serving({ limits: { mailbox: 2 } });
      await does(pid, "once");
      const call = await ask(network, port);
      call.finish();
      expect(await does(pid, "take")).toBe("request /");
      await does(pid, "watch");
      const gate = town.host.runtime.spawn(async (self) => void (await self.receive()));
      town.host.send(pid, tuple(atom("gather"), gate, 0));
      await until(() => waiting(pid) === 0);
      for (let i = 0; i < 2; i++) order(pid, "look");
      call.abort();
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(waiting(pid)).toBe(2);
      town.host.kill(gate);
      expect(await line()).toBe("gathered");
      const looks = [await line(), await line()];
      expect([...looks, ...(looks.includes("client gone") ? [] : [await does(pid, "take")])]).toContain(
        "client gone",
      );
    });
  });
});
