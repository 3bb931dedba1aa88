// Guests as servers and clients, written with the library, over the real network and the one in memory.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Network } from "../../host/wasm/net/network.ts";
import {
  accepted,
  answer,
  ask,
  connect,
  listen,
  NETWORKS,
  next,
  portOf,
  response,
  rest,
  serve,
  write,
} from "./support/networks.ts";
import { networkGuests, Town } from "./support/town.ts";

beforeAll(async () => {
  await networkGuests();
}, 60_000);

describe.each(NETWORKS)("guests on %s", (_, make) => {
  let network: Network;
  let town: Town;
  beforeEach(() => {
    network = make();
    town = new Town(network);
  });
  afterEach(() => town.close());

  describe("by TCP", () => {
    it("serve each connection in a process of its own, and one that crashes takes only its own with it", async () => {
      const { port } = await town.serving("echo");
      const [first, second] = [await connect(network, port), await connect(network, port)];
      await write(first, "one");
      await write(second, "two");
      expect([await next(first), await next(second)]).toEqual(["one", "two"]);
      await write(first, "!");
      expect(await next(first)).toBe("!");
      // A reset that comes together with the last bytes is shown as an end by libuv.
      expect(await next(first)).toMatch(/^(broken|end)/);
      expect(town.crashes).toEqual(["unreachable"]);
      await write(second, "still there");
      expect(await next(second)).toBe("still there");
      second.finish();
      expect(await next(second)).toBe("end");
    });

    it("give back a megabyte to a client that reads slowly, byte for byte", async () => {
      const { port } = await town.serving("echo");
      const client = await connect(network, port);
      const sent = new Uint8Array(1_000_000).map((_, i) => 65 + (i % 23));
      const writing = write(client, sent).then(() => client.finish());
      let got = "";
      for (let piece = await next(client, 10_000); piece !== "end"; piece = await next(client, 10_000))
        got += piece;
      await writing;
      expect(got.length).toBe(sent.length);
      expect(got === new TextDecoder().decode(sent)).toBe(true);
    });

    it("ask others, read exactly what they want, and are told why there is no connection", async () => {
      const listener = await listen(network);
      const done = town.run("asks", portOf(listener));
      const connection = await accepted(listener);
      let heard = "";
      while (heard.length < 12) heard += await next(connection);
      expect(heard).toBe("hello, there");
      await write(connection, "general");
      await write(connection, " quest");
      connection.close();
      expect(await done).toBe("normal");
      expect(town.printed).toEqual(["general ques", "false", "nxdomain"]);
      listener.close();
    });

    it("hand a connection over to another process", async () => {
      const listener = await listen(network);
      const done = town.run("handsOver", portOf(listener));
      const connection = await accepted(listener);
      expect(await rest(connection)).toEqual([10, "it is mine", "end"]);
      // Whoever gave it away has it no longer.
      expect(await done).toMatchObject(["badarg", expect.stringContaining("TcpSocket.recv")]);
      expect(town.printed).toEqual(["true"]);
      listener.close();
    });

    it("get what comes as messages", async () => {
      const listener = await listen(network);
      const done = town.run("active", portOf(listener));
      const connection = await accepted(listener);
      await write(connection, "one");
      expect(await next(connection)).toBe("more");
      await write(connection, "two");
      await town.line(1);
      connection.finish();
      expect(await done).toBe("normal");
      expect(town.printed).toEqual(["one", "two", "closed"]);
      listener.close();
    });
  });

  describe("by HTTP", () => {
    async function get(port: number, path: string) {
      const call = await ask(network, port, { path });
      call.finish();
      return answer(call);
    }

    it("answer each request in a process of its own, with head and body", async () => {
      const { port } = await town.serving("serves");
      expect(await get(port, "/")).toEqual([200, "hello"]);
      expect(await get(port, "/nothing")).toEqual([404, "nothing here"]);
      const headers = [["x-name", "Ada"]] as const;
      const call = await ask(network, port, {
        method: "POST",
        path: "/whole?a=b",
        headers,
        bodyBytes: 90_000,
      });
      await write(call, new Uint8Array(90_000));
      call.finish();
      expect(await answer(call)).toEqual([200, "90000 POST a=b Ada"]);
      const stream = await ask(network, port, { path: "/stream" });
      stream.finish();
      expect(await response(stream)).toMatchObject({
        status: 200,
        headers: expect.arrayContaining([["x-kind", "stream"]]),
      });
      expect((await rest(stream)).toSpliced(1, 1)).toEqual([1_000_000, "end"]);
    });

    it("stream a body in and out at the same time", async () => {
      const { port } = await town.serving("serves");
      const call = await ask(network, port, { method: "POST", path: "/echo" });
      await write(call, "ping");
      expect(await response(call)).toMatchObject({ status: 200 });
      expect(await next(call)).toBe("ping");
      await write(call, "pong");
      expect(await next(call)).toBe("pong");
      call.finish();
      expect(await next(call)).toBe("end");
    });

    it.each([
      ["/crash", 500, "internal server error\n", ["unreachable"]],
      ["/silent", 500, "internal server error\n", []],
      ["/exit", 500, "internal server error\n", ["gone"]],
      ["/slow", 504, "no answer in time\n", []],
      ["/bad-header", 500, "internal server error\n", [expect.stringContaining("badarg")]],
    ])("%s is a %d for that request only", async (path, status, text, crashes) => {
      const { port } = await town.serving("serves");
      expect(await get(port, path)).toEqual([status, text]);
      expect(town.crashes).toEqual(crashes);
      expect(await get(port, "/")).toEqual([200, "hello"]);
    });

    it("a request that loops for ever holds up no other, and gets 504", async () => {
      const { port } = await town.serving("serves", { limits: { fuel: 100_000_000 } });
      const loop = get(port, "/loop");
      expect(await Promise.all([1, 2, 3].map(() => get(port, "/")))).toEqual(Array(3).fill([200, "hello"]));
      expect([500, 504]).toContain((await loop)[0]);
    });

    it("a response that is begun and not ended, or too short, is broken off", async () => {
      const { port } = await town.serving("serves");
      const half = await ask(network, port, { path: "/half" });
      half.finish();
      expect(await response(half)).toMatchObject({ status: 200 });
      expect((await rest(half))[2]).toMatch(/^broken/);
      const short = await ask(network, port, { path: "/short" });
      short.finish();
      await response(short);
      expect((await rest(short))[2]).toMatch(/^broken/);
      expect(town.crashes).toEqual(["unreachable", expect.stringContaining("badarg")]);
    });

    it("a body that is too large is a 413, announced or not", async () => {
      const { port } = await town.serving("serves");
      const announced = await ask(network, port, { method: "POST", path: "/echo", bodyBytes: 200_001 });
      announced.write(new Uint8Array(10));
      expect((await answer(announced))[0]).toBe(413);
      for (const path of ["/whole", "/drain"]) {
        const call = await ask(network, port, { method: "POST", path });
        void write(call, new Uint8Array(400_000)).then(() => call.finish());
        expect(await answer(call)).toEqual([413, path === "/whole" ? "no" : "the body is too large\n"]);
      }
      expect(await get(port, "/")).toEqual([200, "hello"]);
    });

    it("a client that goes away is noticed by who writes to it, and told to who watches", async () => {
      const { port } = await town.serving("serves");
      const endless = await ask(network, port, { path: "/endless" });
      endless.finish();
      await response(endless);
      endless.abort();
      expect(await town.line(1)).toBe("the client is gone");
      const watched = await ask(network, port, { path: "/watched" });
      watched.finish();
      expect(await town.line(2)).toBe("watching");
      watched.abort();
      expect(await town.line(3)).toBe("told");
    });

    it("a process that dies with a request it has accepted, and a server that dies with those that wait", async () => {
      const { port } = await town.serving("acceptsAndDies");
      expect(await get(port, "/")).toEqual([500, "internal server error\n"]);
      const { pid, port: other } = await town.serving("neverAccepts");
      const [first, second] = [get(other, "/"), get(other, "/")];
      // Two wait; the third is turned away at once.
      const third = await get(other, "/");
      expect(third[0]).toBe(503);
      town.host.kill(pid);
      expect([(await first)[0], (await second)[0]]).toEqual([503, 503]);
    });

    it("make requests: whole, with a body, piece by piece, to who is too slow, and to where nobody is", async () => {
      const server = await serve(network);
      const done = town.run("client", portOf(server));
      const one = await accepted(server);
      expect(one.head).toMatchObject({ method: "GET", target: "/one?x=1" });
      expect(one.head.headers).toContainEqual(["x-name", "Ada"]);
      expect(one.head.headers).toContainEqual(["host", `127.0.0.1:${portOf(server)}`]);
      one.respond({ status: 203, headers: [["x-kind", "first"]] }, false);
      await write(one, "fine");
      one.finish();
      const two = await accepted(server);
      expect(await rest(two)).toEqual([3, "AAA", "end"]);
      two.respond({ status: 200, headers: [] }, false);
      await write(two, "posted");
      two.finish();
      await accepted(server);
      const stuck = await accepted(server);
      stuck.respond({ status: 200, headers: [] }, false);
      await write(stuck, "half");
      const three = await accepted(server);
      expect(await rest(three)).toEqual([14, "piece by piece", "end"]);
      three.respond({ status: 302, headers: [["location", "http://127.0.0.1:1/"]] }, false);
      three.finish();
      expect(await done).toBe("normal");
      expect(town.printed).toEqual(["203 first fine", "posted", "timeout", "true", "302", "econnrefused"]);
      server.close();
    });
  });
});
