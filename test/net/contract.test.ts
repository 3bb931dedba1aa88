// What every network has to keep, whatever it is made of.
import { beforeEach, describe, expect, it } from "vitest";
import type { Network } from "../../host/wasm/net/network.ts";
import {
  accepted,
  answer,
  ask,
  begun,
  connect,
  LIMITS,
  LOOPBACK,
  listen,
  NETWORKS,
  next,
  portOf,
  response,
  rest,
  serve,
  until,
  write,
} from "./support/networks.ts";

describe.each(NETWORKS)("%s", (_, make) => {
  let network: Network;
  beforeEach(() => {
    network = make();
  });

  async function pair() {
    const listener = await listen(network);
    const client = await connect(network, portOf(listener));
    const server = await accepted(listener);
    listener.close();
    return { client, server };
  }

  describe("a connection", () => {
    it("carries bytes in both directions, in order, and ends each by itself", async () => {
      const { client, server } = await pair();
      expect(client.remote).toEqual(server.local);
      expect(client.local).toEqual(server.remote);
      await write(client, "one ");
      await write(client, "two");
      client.finish();
      expect(await rest(server)).toEqual([7, "one two", "end"]);
      await write(server, "still here");
      server.close();
      expect(await rest(client)).toEqual([10, "still here", "end"]);
    });

    it("gives no more than it is asked for", async () => {
      const { client, server } = await pair();
      await write(client, "abcdef");
      expect(await next(server, 4)).toBe("abcd");
      expect(await next(server, 4)).toBe("ef");
      client.abort();
    });

    it("takes no more than its bounds hold while nobody reads, and all of it when somebody does", async () => {
      const { client, server } = await pair();
      const piece = new Uint8Array(65_536).fill(120);
      let sent = 0;
      for (let idle = 0; idle < 20; ) {
        const taken = client.write(piece);
        if (taken === 0) idle++;
        else sent += taken as number;
        await new Promise((resolve) => setImmediate(resolve));
      }
      // What the two kernels of a real connection keep is theirs; the rest of it is small.
      expect(sent).toBeLessThan(16 * 1024 * 1024);
      const total = sent + 1_000_000;
      const writing = write(client, new Uint8Array(1_000_000)).then(() => client.finish());
      expect((await rest(server))[0]).toBe(total);
      await writing;
      server.close();
    });

    it("that is broken off tells the other side that this was not the end", async () => {
      const { client, server } = await pair();
      await write(client, "half");
      expect(await next(server)).toBe("half");
      client.abort();
      expect(await next(server)).toBe("broken: econnreset");
      expect(await write(server, "anybody?")).toBeDefined();
    });

    it("gives nothing to who has finished, and refuses what is written after it", async () => {
      const { client, server } = await pair();
      client.finish();
      client.finish();
      expect(client.write(new Uint8Array(1))).toEqual({ type: "failure", reason: "closed" });
      expect(await next(server)).toBe("end");
      server.close();
      expect(await next(client)).toBe("end");
    });
  });

  describe("a listener", () => {
    it("has a port of its own, which nobody else gets", async () => {
      const listener = await listen(network);
      expect(listener.local).toEqual({ address: LOOPBACK, port: expect.any(Number) });
      await expect(listen(network, portOf(listener))).rejects.toBe("eaddrinuse");
      await expect(serve(network, {}, 1, portOf(listener))).rejects.toBe("eaddrinuse");
      listener.close();
      await expect(connect(network, portOf(listener))).rejects.toBe("econnrefused");
    });

    it("keeps as many as its backlog, turns away the next, and lets the first ones in", async () => {
      const listener = await listen(network, 0, 2);
      const clients = [await connect(network, portOf(listener)), await connect(network, portOf(listener))];
      // It is turned away when it is there already, or while it still comes.
      const third = connect(network, portOf(listener)).then(next, (reason) => `broken: ${reason}`);
      expect(await third).toMatch(/^broken/);
      await write(clients[0]!, "first");
      expect(await next(await accepted(listener))).toBe("first");
      listener.close();
      expect(await next(clients[1]!)).toMatch(/^(broken|end)/);
    });
  });

  describe("connecting", () => {
    it("to a name that nobody has fails, and so does an address that is not admitted", async () => {
      await expect(connect(network, 80, "no-such-host.invalid")).rejects.toBe("nxdomain");
      const listener = await listen(network);
      const denied = (host: string) =>
        begun((done) =>
          network.connect({ host, port: portOf(listener), admits: () => false, asker: network }, done),
        );
      await expect(denied(LOOPBACK)).rejects.toBe("eacces");
      await expect(denied("localhost")).rejects.toBe("eacces");
      listener.close();
    });

    it("that is given up connects nobody", async () => {
      const listener = await listen(network);
      let isDone = false;
      network.connect({ host: LOOPBACK, port: portOf(listener), admits: () => true, asker: network }, () => {
        isDone = true;
      })();
      const other = await connect(network, portOf(listener));
      await write(other, "only I");
      expect(await next(await accepted(listener))).toBe("only I");
      expect(isDone).toBe(false);
      other.abort();
      listener.close();
    });
  });

  describe("a request", () => {
    it("has head and body, and so has its response", async () => {
      const server = await serve(network);
      const call = await ask(network, portOf(server), {
        method: "POST",
        path: "/shout?x=1",
        headers: [
          ["x-one", "1"],
          ["x-two", "a"],
          ["x-two", "b"],
        ],
        bodyBytes: 5,
      });
      await write(call, "hello");
      call.finish();
      const exchange = await accepted(server);
      expect(exchange.head).toMatchObject({
        method: "POST",
        target: "/shout?x=1",
        peer: { address: LOOPBACK },
      });
      expect(exchange.head.headers).toEqual(
        expect.arrayContaining([
          ["x-one", "1"],
          ["x-two", "a"],
          ["x-two", "b"],
          ["content-length", "5"],
        ]),
      );
      expect(await rest(exchange)).toEqual([5, "hello", "end"]);
      exchange.respond({ status: 201, headers: [["x-answer", "yes"]] }, false);
      await write(exchange, "HEL");
      await write(exchange, "LO");
      exchange.finish();
      const head = await response(call);
      expect(head).toMatchObject({ status: 201, headers: expect.arrayContaining([["x-answer", "yes"]]) });
      expect(await rest(call)).toEqual([5, "HELLO", "end"]);
      server.close();
    });

    it("streams, and a slow reader stops its writer", async () => {
      const server = await serve(network);
      const call = await ask(network, portOf(server));
      call.finish();
      const exchange = await accepted(server);
      exchange.respond({ status: 200, headers: [] }, false);
      expect(await response(call)).toMatchObject({ status: 200 });
      const piece = new Uint8Array(65_536).fill(120);
      let sent = 0;
      for (let idle = 0; idle < 20; ) {
        const taken = exchange.write(piece);
        if (taken === 0) idle++;
        else sent += taken as number;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(sent).toBeLessThan(16 * 1024 * 1024);
      const reading = rest(call);
      await write(exchange, new Uint8Array(500_000));
      exchange.finish();
      expect((await reading)[0]).toBe(sent + 500_000);
      server.close();
    });

    it("that nobody listens for is refused, and one over the backlog is told so", async () => {
      const server = await serve(network, {}, 1);
      const [first, second] = [await ask(network, portOf(server)), await ask(network, portOf(server))];
      first.finish();
      second.finish();
      const waiting = first.response === undefined ? second : first;
      expect((await answer(await ask(network, portOf(server)).then(finished)))[0]).toBe(503);
      waiting.abort();
      first.abort();
      server.close();
      expect((await answer(await ask(network, portOf(server)).then(finished)))[0]).toBe("econnrefused");
    });

    it("whose head is too large is told so", async () => {
      const server = await serve(network);
      const headers = [["x-large", "x".repeat(LIMITS.maxHeaderBytes)]] as const;
      const call = finished(await ask(network, portOf(server), { headers }));
      expect((await answer(call))[0]).toBe(431);
      server.close();
    });

    it("that is broken off by either side is broken for the other", async () => {
      const server = await serve(network);
      const gone = finished(await ask(network, portOf(server)));
      const left = await accepted(server);
      expect(left.isOpen).toBe(true);
      gone.abort();
      await until(left, () => (left.isOpen ? undefined : true));

      const unanswered = finished(await ask(network, portOf(server)));
      (await accepted(server)).abort();
      expect((await answer(unanswered))[0]).toBe("econnreset");

      const cut = finished(await ask(network, portOf(server)));
      const exchange = await accepted(server);
      exchange.respond({ status: 200, headers: [] }, false);
      await write(exchange, "half");
      expect(await response(cut)).toMatchObject({ status: 200 });
      expect(await next(cut)).toBe("half");
      exchange.abort();
      expect(await next(cut)).toMatch(/^broken/);
      server.close();
    });
  });
});

function finished<T extends { finish(): void }>(call: T): T {
  call.finish();
  return call;
}
