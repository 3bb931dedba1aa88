// Clients that mean harm to a guest which serves HTTP and does nothing wrong: slow ones, floods, and heads that one reader takes for one thing and
// the next for another. Whatever they do, another client gets its answer meanwhile and afterwards, and nothing of it is left.
import { tuple } from "../../../host/otp/term/index.ts";
import { LIVES, type Subject } from "../attack.ts";
import type { GuestData } from "../guest-text.ts";
import { Client, get, hasGrown, heldBytes, turns, until } from "../outside.ts";
import type { Town } from "../town.ts";
import { httpServer, REQUEST, responds } from "./network.ts";

const LISTEN = { grants: ["listen:0"] as const };
/** Of what the server sends to who asks for /l: more than all buffers on the way take. */
const LARGE_PIECES = 400;

/** Reads each body to its end, as far as that comes soon, and answers "ok". */
const good = (data: GuestData) => `
  (loop $body (br_if $body (i32.gt_s (call $http.read ${REQUEST} (i32.const 32768) (i32.const 32768) (i32.const 100)) (i32.const 0))))
  ${responds(data, "ok")}`;
/** Sends without end what nobody has asked for, as long as each piece is taken in so many milliseconds; -1 is for ever. */
const large =
  (ms: number) =>
  ({ term }: GuestData) =>
    `
  (drop (call $http.respond ${REQUEST} (i32.const 200) ${term([tuple("x-size", "large")])}))
  (local.set $i (i32.const ${LARGE_PIECES}))
  (loop $more (br_if $more (i32.and
    (i32.gt_s (call $http.write ${REQUEST} (i32.const 32768) (i32.const 32768) (i32.const ${ms})) (i32.const 0))
    (i32.gt_s (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (i32.const 0)))))
  (drop (call $http.close ${REQUEST}))`;

const SERVER = {
  headers_timeout: 300,
  keep_alive_timeout: 200,
  request_timeout: 1000,
  inactivity_timeout: 2000,
};

interface Visit {
  readonly tries: string;
  readonly visit: (port: number, town: Town) => Promise<readonly string[]>;
  readonly options?: Readonly<Record<string, number>>;
  readonly handles?: (data: GuestData) => string;
  /** What another client gets afterwards. */
  readonly answer?: string;
}

/** Another client gets its answer when it is over, and the host has not grown. */
const visited = ({ tries, visit, options = {}, handles = good, answer = "200 ok" }: Visit) => ({
  tries: `is visited by ${tries}`,
  module: httpServer(handles, { ...SERVER, ...options }),
  options: { ...LISTEN, limits: { openResources: 100 } },
  ends: LIVES,
  outside: {
    visits: async (port: number, town: Town) => {
      const before = heldBytes("arrayBuffers");
      const complaints = [...(await visit(port, town))];
      complaints.push(...hasGrown(before, 16_000_000));
      const found = answer === "" ? "" : await get(port);
      return found === answer ? complaints : [...complaints, `another client got ${found}`];
    },
  },
});

/** So many clients that send this; they are given up when another one has got its answer meanwhile. */
const crowd = (count: number, text: string) => async (port: number) => {
  const clients = Array.from({ length: count }, () => new Client(port).say(text).listen());
  const answer = await get(port);
  for (const client of clients) client.hangUp();
  return answer === "200 ok" ? [] : [`another client got ${answer} meanwhile`];
};

/** So many clients that ask and do not read; one that reads gets its answer in spite of them. */
async function neverRead(port: number, count: number): Promise<readonly string[]> {
  const ask = () => new Client(port).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const silent = Array.from({ length: count }, ask);
  for (const { socket } of silent) socket.pause();
  await until(() => silent.every(({ socket }) => !socket.connecting));
  let statuses: readonly number[] = [];
  // Who waits is silent as well, and may be cut off with them.
  for (let i = 0; i < 10 && statuses.length === 0; i++) ({ statuses } = await ask().untilClosed());
  for (const client of silent) client.hangUp();
  return statuses.join() === "200" ? [] : [`another client got ${statuses}`];
}

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const NEXT = "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
/** Whatever follows one of these on the same connection is not taken for a request. */
const SMUGGLED = [
  "GET / HTTP/1.1\nHost: x\n\n",
  "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
  "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
  "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
  "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ...[
    "5\r\nTransfer-Encoding: chunked",
    "5\r\nContent-Length: 5",
    "5\r\nContent-Length: 6",
    "5, 5",
    "+5",
    "-5",
    "0x5",
    "5 5",
    "",
  ].map((length) => `${HEAD}Content-Length: ${length}\r\n\r\nhello`),
  `${HEAD}Content-Length : 5\r\n\r\nhello`,
  `${HEAD}Content-Length:\r\n 5\r\n\r\nhello`,
  `${HEAD}Content-Length: 99999999999999999999\r\n\r\nhello`,
  ...[
    "xchunked",
    "chunked, identity",
    "gzip, chunked",
    "gzip",
    "identity",
    "\x0bchunked",
    "chunked\r\nTransfer-Encoding: x",
    "\r\n chunked",
  ].map((coding) => `${HEAD}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`),
  "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ...[
    "0x5\r\nhello\r\n0\r\n\r\n",
    "10000000000000005\r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n",
    "5;a\nb\r\nhello\r\n0\r\n\r\n",
  ].map((body) => CHUNKED + body),
  ...[
    "5\r\nhello0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "0\r\nContent-Length: 5\r\n\r\n",
  ].map((body) => CHUNKED + body),
];

export const clients: Subject = {
  name: "clients",
  attacks: [
    visited({
      tries: "90 clients whose heads never end",
      visit: crowd(90, "GET / HTTP/1.1\r\nHost: x\r\nx-slow: "),
    }),
    visited({
      tries: "clients whose heads never end, which are told so",
      visit: async (port) => {
        const slow = Array.from({ length: 50 }, () => new Client(port).say("GET / HTTP/1.1\r\nHo"));
        for (const client of slow) {
          const { statuses } = await client.untilClosed();
          if (statuses.join() !== "408") return [`a slow one got ${client.heard}`];
        }
        return [];
      },
    }),
    visited({
      tries: "clients whose bodies never end",
      visit: async (port) => {
        const slow = Array.from({ length: 20 }, () =>
          new Client(port).say(`${HEAD}Content-Length: 100000\r\n\r\nx`).listen(),
        );
        for (const client of slow) await until(() => client.isClosed || client.statuses.length > 0);
        for (const client of slow) client.hangUp();
        return [];
      },
    }),
    visited({
      tries: "clients that never read",
      handles: large(20),
      answer: "",
      visit: (port) => neverRead(port, 20),
    }),
    visited({
      tries: "clients that never read, and would wait for them for ever",
      handles: large(-1),
      answer: "",
      options: { inactivity_timeout: 100 },
      visit: (port) => neverRead(port, 3),
    }),
    visited({
      tries: "a flood of connections that say nothing",
      options: { max_connections: 20 },
      visit: async (port) => {
        // As many at a time as the kernel takes in.
        for (let round = 0; round < 5; round++) {
          const flood = Array.from({ length: 100 }, () => new Client(port).listen());
          await until(() => flood.filter(({ isClosed }) => isClosed).length >= 80);
          for (const client of flood) client.hangUp();
          await until(() => flood.every(({ isClosed }) => isClosed));
        }
        return [];
      },
    }),
    visited({
      tries: "a client that sends ten thousand requests ahead",
      visit: async (port) => {
        const { statuses } = await new Client(port)
          .say("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10_000))
          .untilClosed();
        return statuses.length > 16 ? [`it got ${statuses.length} answers`] : [];
      },
    }),
    visited({
      tries: "clients whose heads are huge, in bytes and in number",
      visit: async (port) => {
        const floods = [
          "x".repeat(1_000_000),
          `GET /${"x".repeat(1_000_000)}`,
          `GET / HTTP/1.1\r\nHost: x\r\nx: ${"y".repeat(1_000_000)}`,
        ].concat(
          `GET / HTTP/1.1\r\nHost: x\r\n${"a:b\r\n".repeat(129)}\r\n`,
          `GET / HTTP/1.1\r\nHost: x\r\n${"a:b\r\n".repeat(100_000)}\r\n`,
        );
        const complaints: string[] = [];
        for (const flood of floods) {
          const { statuses } = await new Client(port).say(flood).untilClosed();
          if (!["400", "431", ""].includes(statuses.join()))
            complaints.push(`${flood.slice(0, 40)} got ${statuses}`);
        }
        return complaints;
      },
    }),
    visited({
      tries: "a client whose chunks have endless extensions, and endless trailers",
      visit: async (port) => {
        for (const text of [`1;${"x".repeat(1_000_000)}`, `0\r\n${"a:b\r\n".repeat(100_000)}`]) {
          const client = new Client(port).say(CHUNKED + text);
          await client.untilClosed();
          if (client.statuses.includes(200)) return [`it got ${client.statuses}`];
        }
        return [];
      },
    }),
    visited({
      tries: "clients whose bodies come in a flood of chunks of one byte each",
      visit: async (port, town) => {
        const before = heldBytes("heapUsed");
        const { answers } = town;
        const some = Array.from({ length: 20 }, () =>
          new Client(port).say(`${CHUNKED}${"1\r\nx\r\n".repeat(20_000)}`),
        );
        await until(() => town.answers > answers + 30);
        const grown = heldBytes("heapUsed") - before;
        for (const client of some) client.hangUp();
        return grown > 60_000_000 ? [`the heap has grown by ${grown} bytes`] : [];
      },
    }),
    visited({
      tries: "a client whose body is larger than allowed, in chunks",
      options: { max_body_bytes: 10_000 },
      visit: async (port) => {
        const { statuses } = await new Client(port)
          .say(`${CHUNKED}${"400\r\n".concat("x".repeat(1024), "\r\n").repeat(100)}`)
          .untilClosed();
        return statuses.join() === "413" ? [] : [`it got ${statuses}`];
      },
    }),
    visited({
      tries: "clients that hide a request in another one",
      visit: async (port) => {
        const complaints: string[] = [];
        for (const text of SMUGGLED) {
          const { statuses } = await new Client(port).say(text + NEXT).untilClosed();
          if (!["400", "501", ""].includes(statuses.join()))
            complaints.push(`${JSON.stringify(text)} got ${statuses}`);
        }
        return complaints;
      },
    }),
    visited({
      tries: "two thousand clients that come and go at once, and leave nothing",
      visit: async (port) => {
        for (let round = 0; round < 40; round++) {
          const some = Array.from({ length: 50 }, (_, i) => {
            const client = new Client(port);
            if (i % 3 > 0) client.say(i % 3 === 1 ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n" : "GET / HT");
            return client;
          });
          await turns(3);
          for (const client of some) client.hangUp();
          await until(() => some.every(({ isClosed }) => isClosed));
        }
        return [];
      },
    }),
  ],
};
