// Clients that mean harm, and guests that want out.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { nodeNetwork } from "../../host/node/network.ts";
import { defaultEnvironment, tuple } from "../../host/otp/index.ts";
import { MemoryNetwork } from "../../host/sim/index.ts";
import { canonicalHost, kindOfAddress } from "../../host/wasm/net/address.ts";
import type { Connection } from "../../host/wasm/net/network.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { callsGuest, OUT, step, term } from "../wasm/support/calls.ts";
import {
  accepted,
  answer,
  ask,
  connect,
  listen,
  next,
  portOf,
  response,
  rest,
  serve,
  until,
  write,
} from "./support/networks.ts";
import { networkGuests, Town } from "./support/town.ts";

beforeAll(async () => {
  await networkGuests();
}, 60_000);

describe("an HTTP server in a guest", () => {
  let town: Town;
  const open: Connection[] = [];
  beforeEach(() => {
    town = new Town(nodeNetwork, { maxProcesses: 20 });
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.abort();
    await town.close();
  });

  async function raw(port: number, text: string): Promise<Connection> {
    const connection = await connect(nodeNetwork, port);
    open.push(connection);
    await write(connection, text);
    return connection;
  }
  /** The status lines of what a client gets for what it sends, and how it ends. */
  async function statuses(port: number, text: string): Promise<unknown> {
    const [, answered] = await rest(await raw(port, text));
    return [...answered.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }
  async function hello(port: number) {
    const call = await ask(nodeNetwork, port);
    call.finish();
    return answer(call);
  }

  it("gives a head that never ends so much time and no more, and others their answers meanwhile", async () => {
    const { port } = await town.serving("serves");
    const slow = await Promise.all(
      Array.from({ length: 20 }, () => raw(port, "GET / HTTP/1.1\r\nHost: x\r\nx-slow: ")),
    );
    expect(await hello(port)).toEqual([200, "hello"]);
    for (const connection of slow) expect((await rest(connection))[1]).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ["a head that is too large", `GET / HTTP/1.1\r\nHost: x\r\nx: ${"y".repeat(5000)}\r\n\r\n`, [431]],
    ["too many headers", `GET / HTTP/1.1\r\nHost: x\r\n${"a:b\r\n".repeat(150)}\r\n`, [431]],
    ["what is no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n", [400]],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      [400],
    ],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      [400],
    ],
    [
      "a chunk of nonsense",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      [400],
    ],
    ["no host", "GET / HTTP/1.1\r\n\r\n", [400]],
    ["two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", [400]],
    ["a host that is none", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", [400]],
    [
      "a body in another coding",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      [501],
    ],
    [
      "chunks in a version that has none",
      "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      [400],
    ],
    ["a version that has no heads", "GET /\r\n\r\n", [400]],
    ["a tunnel", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", []],
  ])("answers %s by itself", async (_, text, expected) => {
    const { port } = await town.serving("serves");
    const got = await statuses(port, text);
    // The head of a response may be on its way when the nonsense comes.
    expect(got).toEqual(text.includes("zz") ? expect.anything() : expected);
    expect(await hello(port)).toEqual([200, "hello"]);
    expect(town.crashes).toEqual([]);
  });

  it("answers requests that were sent ahead in their order, and cuts off who sends too many ahead", async () => {
    const { port } = await town.serving("serves");
    const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
    expect(await statuses(port, get("/") + get("/nothing") + get("/", "Connection: close\r\n"))).toEqual([
      200, 404, 200,
    ]);
    const greedy = await raw(port, get("/slow").repeat(100));
    // Not even those are answered that came first.
    expect((await rest(greedy))[1]).toBe("");
    expect(await hello(port)).toEqual([200, "hello"]);
  });

  it("has so many connections and no more, however many come", async () => {
    const { port } = await town.serving("serves", { limits: { openResources: 5 } });
    const flood = await Promise.all(Array.from({ length: 40 }, () => raw(port, "")));
    const cut = flood.slice(5).map((connection) => next(connection));
    for (const end of cut) expect(await end).toMatch(/^(end|broken)/);
    for (const connection of flood) connection.abort();
    let status: unknown;
    while (status !== 200) [status] = await hello(port);
    expect(town.crashes).toEqual([]);
  });

  it("answers 503 where there is no room for another process, and goes on", async () => {
    const { port } = await town.serving("serves");
    const slow = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const call = await ask(nodeNetwork, port, { path: "/slow" });
        call.finish();
        return answer(call);
      }),
    );
    const counts = slow.map(([status]) => status);
    expect(counts.filter((status) => status === 504).length).toBeGreaterThan(15);
    expect(counts.filter((status) => status === 503).length).toBeGreaterThan(9);
    expect(new Set(counts)).toEqual(new Set([503, 504]));
    // Whoever was given up has been ended, and there is room again.
    expect(await hello(port)).toEqual([200, "hello"]);
    expect(town.crashes).toEqual([]);
  });

  it("ends a body that is cut off, and one that comes too slowly", async () => {
    const { port } = await town.serving("serves");
    const cut = await raw(
      port,
      "POST /whole HTTP/1.1\r\nHost: x\r\nx-name: a\r\nContent-Length: 100\r\n\r\nhalf",
    );
    cut.abort();
    const slow = await raw(
      port,
      "POST /whole HTTP/1.1\r\nHost: x\r\nx-name: a\r\nContent-Length: 100\r\n\r\nhalf",
    );
    expect((await rest(slow))[1]).toMatch(/^HTTP\/1\.1 504 /);
    expect(await hello(port)).toEqual([200, "hello"]);
  });

  it("does not ask for a body that it will not take", async () => {
    const { port } = await town.serving("serves");
    const waits = (size: number) =>
      `POST /whole HTTP/1.1\r\nHost: x\r\nx-name: a\r\nContent-Length: ${size}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    expect(await statuses(port, waits(1_000_000))).toEqual([413]);
    const client = await raw(port, waits(5));
    expect(await next(client)).toMatch(/^HTTP\/1\.1 100 /);
    await write(client, "hello");
    expect((await rest(client))[1]).toMatch(/^HTTP\/1\.1 200 /);
  });
});

it("a body is bytes, in however many chunks it comes, which are counted", async () => {
  const server = await serve(nodeNetwork);
  const client = await connect(nodeNetwork, portOf(server));
  await write(
    client,
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(5000)}0\r\n\r\n`,
  );
  const exchange = await accepted(server);
  const [sum, reads] = [{ bytes: 0, pieces: 0 }, [] as unknown[]];
  for (let isOver = false; !isOver; ) {
    const result = await until(exchange, () => {
      const read = exchange.read(1000);
      return read.type === "empty" ? undefined : read;
    });
    isOver = result.type !== "data";
    reads.push(result.type);
    if (result.type !== "data") continue;
    sum.bytes += result.bytes.length;
    sum.pieces += result.pieces ?? 1;
  }
  expect(reads.at(-1)).toBe("end");
  expect(sum.bytes).toBe(5000);
  // What a read leaves of a piece is one more.
  expect(sum.pieces).toBeGreaterThanOrEqual(5000);
  expect(sum.pieces).toBeLessThan(5100);
  client.abort();
  server.close();
});

describe("an HTTP client is not taken in by a server that", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  it.each([
    ["announces without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(17), "eproto"],
    ["sends more headers than anybody needs", `${head}${"a:b\r\n".repeat(257)}\r\n`, "emsgsize"],
    ["sends a larger head than was asked for", `${head}a:${"b".repeat(5000)}\r\n\r\n`, "emsgsize"],
    ["sends no status", "HTTP/1.1 000 No\r\n\r\n", "eproto"],
    ["switches to something else", "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "eproto"],
    ["gives two lengths", `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, "eproto"],
    [
      "sends some announcements and many headers, all of which it gets",
      `${"HTTP/1.1 100 Continue\r\n\r\n".repeat(16)}${head}${"a:b\r\n".repeat(256)}\r\n`,
      256,
    ],
  ])("%s", async (_, text, expected) => {
    const listener = await listen(nodeNetwork);
    const call = await ask(nodeNetwork, portOf(listener));
    call.finish();
    const connection = await accepted(listener);
    expect(await next(connection)).toMatch(/^GET/);
    await write(connection, text);
    const result = await response(call);
    expect("reason" in result ? result.reason : result.headers.length).toBe(expected);
    connection.abort();
    call.abort();
    listener.close();
  });
});

describe("a TCP server in a guest", () => {
  it("closes connections where there is no room for another process, and goes on", async () => {
    const town = new Town(nodeNetwork, { maxProcesses: 6 });
    const { port } = await town.serving("echo");
    const clients = await Promise.all(Array.from({ length: 12 }, () => connect(nodeNetwork, port)));
    const answers = await Promise.all(
      clients.map(async (client) => {
        await write(client, "hello");
        return next(client);
      }),
    );
    expect(answers.filter((text) => text === "hello").length).toBe(5);
    for (const client of clients) client.abort();
    for (let text = ""; text !== "again"; ) {
      const client = await connect(nodeNetwork, port);
      await write(client, "again");
      text = await next(client);
      client.abort();
    }
    await town.close();
  });
});

describe("a guest that wants to reach what it may not", () => {
  const network = new MemoryNetwork(defaultEnvironment());
  const get = (url: string) =>
    step(
      "http.request",
      { bytes: new TextEncoder().encode("GET") },
      { bytes: new TextEncoder().encode(url) },
      0,
      0,
      0,
      0,
      OUT,
    );
  const tries = async (grants: readonly string[], steps: Parameters<typeof callsGuest>[0][string]) => {
    const host = new Host({ network, grants: grants as never });
    const guest = await host.load(callsGuest({ main: steps }), { name: "guest" });
    const results = await host.exited(host.spawn(guest, "main"));
    await host.close({ timeoutMs: 0 });
    return results;
  };
  const OK = expect.toSatisfy((result: number) => result > 0, "a length");

  it("finds this machine in no notation, with a grant for everything", async () => {
    const urls = [
      "http://127.0.0.1/",
      "http://localhost/",
      "http://a.localhost/",
      "http://127.1/",
      "http://2130706433/",
      "http://0x7f.0.0.1/",
      "http://0177.0.0.1/",
      "http://[::1]/",
      "http://[::ffff:127.0.0.1]/",
      "http://[::ffff:7f00:1]/",
      "http://0.0.0.0/",
      "http://169.254.169.254/latest/meta-data/",
      "http://10.0.0.1/",
      "http://[fe80::1]/",
      "http://[fd00::1]/",
      "http://[64:ff9b::7f00:1]/",
      "http://１２７.0.0.1/",
    ];
    expect(await tries(["http", "connect"], urls.map(get))).toEqual(urls.map(() => ERROR.not_granted));
  });

  it("and not by a name that leads there, unless the address is granted too", async () => {
    network.host("evil.example", "127.0.0.1");
    network.host("good.example", "93.184.216.34");
    for (const address of [
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "169.254.169.254",
      "64:ff9b::a00:1",
      "fd00::1",
      "0.0.0.0",
    ]) {
      network.host("also.example", address);
      const also = [
        get("http://also.example/"),
        step("http.response", { answerOf: 0 }, OUT, -1),
        step("message.read", OUT),
      ];
      expect(await tries(["http:*.example", "http:also.example"], also)).toEqual([OK, ERROR.failed, 9]);
    }
    const asks = (url: string) => [
      get(url),
      step("http.response", { answerOf: 0 }, OUT, -1),
      step("message.read", OUT),
    ];
    const evil = asks("http://evil.example:8080/");
    expect(await tries(["http:evil.example"], evil)).toEqual([OK, ERROR.failed, 9]);
    expect(await tries(["http:*.example"], evil)).toEqual([OK, ERROR.failed, 9]);
    // econnrefused is longer than eacces: it got there, and nobody listens.
    const refused = [OK, ERROR.failed, 15];
    expect(await tries(["http:evil.example", "http:127.0.0.1:8080"], evil)).toEqual(refused);
    // A network that is granted is open by its addresses, and under the names that are granted, too.
    expect(await tries(["http:evil.example", "http:127.0.0.0/8"], evil)).toEqual(refused);
    expect(await tries(["http:evil.example", "http:10.0.0.0/8"], evil)).toEqual([OK, ERROR.failed, 9]);
    expect(
      await tries(
        ["http:127.0.0.0/8"],
        [get("http://evil.example:8080/"), get("http://127.9.9.9/"), get("http://[::1]/")],
      ),
    ).toEqual([ERROR.not_granted, OK, ERROR.not_granted]);
    expect(await tries(["http:good.example"], asks("http://good.example/"))).toEqual(refused);
  });

  it("and gets no more for a child than it has itself", async () => {
    const child = (grant: string) =>
      step("process.spawn", term("main"), 0, 0, term({ grants: [grant] }), OUT);
    expect(
      await tries(
        ["spawn", "connect:*.example:443", "listen:8000-8001", "http"],
        [
          child("connect:api.example:443"),
          child("connect:api.example:80"),
          child("connect:*:443"),
          child("connect:127.0.0.1:443"),
          child("listen:8001"),
          child("listen:8002"),
          child("listen"),
          child("http:api.example"),
          child("http:10.0.0.0/8"),
          child("http:127.0.0.1"),
          child("http:localhost"),
        ],
      ),
    ).toEqual([
      OK,
      ...[ERROR.not_granted, ERROR.not_granted, ERROR.not_granted],
      OK,
      ...[ERROR.not_granted, ERROR.not_granted],
      OK,
      ...[ERROR.not_granted, ERROR.not_granted, ERROR.not_granted],
    ]);
  });

  it("cannot write what another reader takes for something else", async () => {
    const method = (text: string) => ({ bytes: new TextEncoder().encode(text) });
    const request = (name: string, headers: unknown, url = "http://good.example/") =>
      step("http.request", method(name), method(url), term(headers), 0, 0, OUT);
    const header = (name: string, value: string) => request("GET", [tuple(name, value)]);
    const steps = [
      header("x-fine", "value"),
      header("x\r\ny", "value"),
      header("x", "value\r\nhost: other"),
      header("x", "nul\0"),
      header("", "value"),
      header("host", "other"),
      header("Transfer-Encoding", "chunked"),
      header("connection", "upgrade"),
      header("content-length", "-1"),
      header("content-length", "1e3"),
      request("GET", [tuple("content-length", "1"), tuple("content-length", "1")]),
      request(
        "GET",
        Array.from({ length: 200 }, () => tuple("a", "b")),
      ),
      request("CONNECT", []),
      request("GE T", []),
      request("GET", [], "http://user:secret@good.example/"),
      request("GET", [], "ftp://good.example/"),
      request("GET", [], "good.example"),
    ];
    expect(await tries(["http"], steps)).toEqual([OK, ...steps.slice(1).map(() => ERROR.badarg)]);
  });
});

describe("hosts and addresses", () => {
  it.each([
    ["Example.COM.", "example.com"],
    ["127.0.0.1", "127.0.0.1"],
    ["[::1]", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::ffff:a00:1", "10.0.0.1"],
    ["::", "::"],
    ["1::", "1::"],
    ["a..b", undefined],
    ["a b", undefined],
    ["a\0b", undefined],
    [":::", undefined],
    ["1:2:3:4:5:6:7", undefined],
    ["fe80::1%eth0", undefined],
    ["", undefined],
  ])("%j is written %j", (text, canonical) => {
    expect(canonicalHost(text)).toBe(canonical);
  });

  it.each([
    [
      "public",
      ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "172.32.0.1", "64:ff9b::808:808", "2002:808:808::"],
    ],
    [
      "private",
      [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "fd12::1",
        "::ffff:192.168.1.1",
        "2002:c0a8:101::",
      ],
    ],
    [
      "local",
      [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::",
        "::1",
      ].concat([
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "::7f00:1",
        "example.org",
      ]),
    ],
  ])("%s: %j", (kind, addresses) => {
    expect(addresses.map((address) => [address, kindOfAddress(address)])).toEqual(
      addresses.map((address) => [address, kind]),
    );
  });
});
