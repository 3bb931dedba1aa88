// The network in the hands of a guest: what it was not granted, sockets of others and without end, peers that do not read, responses that it
// breaks off or splits.
import { createServer } from "node:net";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { allSockets } from "../../../host/wasm/net/resource.ts";
import { LIVES, NORMAL, type Subject, traps } from "../attack.ts";
import { attacker, expectResult, forever, type GuestData, guest, main, times } from "../guest-text.ts";
import { Client, get, hasGrown, heldBytes, turns, until } from "../outside.ts";
import type { Town } from "../town.ts";

const [BADARG, SYSTEM_LIMIT, NOT_GRANTED, FAILED] = [-2, -4, -5, -8];
const NONE = "(i32.const 0) (i32.const 0)";
const OUT = "(i32.const 4096) (i32.const 2048)";
const NO_MESSAGE = `(drop (call $message.receive ${NONE} ${NONE} (i32.const -1)))`;
const LISTEN = { grants: ["listen:0"] as const };

/** What listens lies at 64, what it has accepted at 256; a reference is as long as any other. */
const LISTENER = "(i32.const 64) (global.get $length)";
const SOCKET = "(i32.const 256) (global.get $length)";
const AT_SOCKET = "(i32.const 256) (i32.const 128)";
const LENGTH = "(global $length (mut i32) (i32.const 0))";
const listens = (call: "tcp" | "http", options = NONE) =>
  `(global.set $length (call $${call}.listen (i32.const 0) ${options} (i32.const 64) (i32.const 128)))`;

/** An HTTP server: it does this with each request, whose reference then lies at 1051. */
export const REQUEST = "(i32.const 1051) (global.get $length)";
export function httpServer(
  write: (data: GuestData) => string,
  options: Readonly<Record<string, number>> = {},
): () => Uint8Array {
  return () =>
    guest(
      (data) => `${LENGTH}
      (func $handle (local $i i32) (local $n i32) ${write(data)})
      ${main(`${listens("http", data.term(options))}
        ${forever(`(drop (call $http.accept ${LISTENER} (i32.const 1024) (i32.const 6000) (i32.const -1)))
          (i32.store8 (i32.const 1051) (i32.const 131)) (call $handle)`)}`)}`,
    );
}

/** A response with this body. */
export const responds = ({ term, text }: GuestData, body: string) =>
  `(drop (call $http.respond ${REQUEST} (i32.const 200) ${term([tuple("content-length", String(body.length))])}))
   (drop (call $http.write ${REQUEST} ${text(body)} (i32.const 50)))
   (drop (call $http.finish ${REQUEST}))
   (drop (call $http.close ${REQUEST}))`;

const tries = (calls: (data: GuestData) => readonly string[], expected: number) => () =>
  attacker((data) =>
    calls(data)
      .map((call, i) => expectResult(call, expected, i + 1))
      .join("\n"),
  );

const connectsTo = (hosts: readonly string[]) => (data: GuestData) =>
  hosts.map((host) => `(call $tcp.connect ${data.text(host)} (i32.const 9) ${OUT} (i32.const 100))`);

export const network: Subject = {
  name: "network",
  attacks: [
    {
      tries: "listens where it was not allowed to",
      module: tries(
        ({ term }) =>
          [0, 22, 80, 7999, 8001, 65_535].flatMap((port) => [
            `(call $tcp.listen (i32.const ${port}) ${NONE} ${OUT})`,
            `(call $http.listen (i32.const ${port}) ${term({ ip: "0.0.0.0" })} ${OUT})`,
          ]),
        NOT_GRANTED,
      ),
      options: { grants: ["listen:8000"] },
      ends: NORMAL,
    },
    {
      tries: "connects to this machine in every notation, with a grant for the whole public network",
      module: tries(
        connectsTo([
          ...["127.0.0.1", "localhost", "a.localhost", "[::1]", "::1", "::ffff:127.0.0.1", "[::ffff:7f00:1]"],
          ...["0.0.0.0", "::", "169.254.169.254", "10.0.0.1", "192.168.0.1", "fd00::1", "fe80::1"],
          ...["64:ff9b::7f00:1", "2002:7f00:1::"],
        ]),
        NOT_GRANTED,
      ),
      options: { grants: ["connect:*:9"] },
      ends: NORMAL,
    },
    {
      tries: "connects to this machine by names that lead to it, or that a resolver takes for its address",
      module: () =>
        attacker((data) =>
          connectsTo([
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "ip6-localhost",
            "localhost.localdomain",
          ])(data)
            // eacces or nxdomain; econnrefused would be longer: it would have got there.
            .map(
              (call, i) => `${expectResult(call, FAILED, i + 1)}
              ${expectResult(`(i32.gt_s (call $message.read ${OUT}) (i32.const 11))`, 0, 100 + i)}`,
            )
            .join("\n"),
        ),
      options: { grants: ["connect"] },
      // A resolver takes real time.
      turns: 20_000,
      ends: NORMAL,
    },
    {
      tries: "opens sockets until it may not, and goes on",
      module: () =>
        attacker(
          () => `${times(5, `(if (i32.lt_s (call $tcp.listen (i32.const 0) ${NONE} ${OUT}) (i32.const 0)) (then (unreachable)))`)}
          ${times(300, expectResult(`(call $tcp.listen (i32.const 0) ${NONE} ${OUT})`, SYSTEM_LIMIT, 1))}
          ${times(300, expectResult(`(call $http.listen (i32.const 0) ${NONE} ${OUT})`, SYSTEM_LIMIT, 2))}`,
        ),
      options: { ...LISTEN, limits: { openResources: 5 } },
      turns: 4000,
      ends: NORMAL,
    },
    {
      tries: "takes every connection and closes none, by asking",
      module: () =>
        guest(
          () =>
            `${LENGTH} ${main(`${listens("tcp")} ${forever(`(drop (call $tcp.accept ${LISTENER} ${AT_SOCKET} (i32.const 10)))`)}`)}`,
        ),
      options: { ...LISTEN, limits: { openResources: 10 } },
      outside: { visits: (port, town) => floodOfConnections(port, town, 10) },
      ends: LIVES,
    },
    {
      tries: "has every connection sent and receives none",
      module: () =>
        guest(
          () =>
            `${LENGTH} ${main(`${listens("tcp")} (drop (call $tcp.active ${LISTENER} (i32.const 2) (i32.const 0)))
          (drop (call $message.receive_tagged ${LISTENER} ${NONE} (i32.const -1)))`)}`,
        ),
      options: { ...LISTEN, limits: { openResources: 10, mailbox: 5 } },
      outside: { visits: (port, town) => floodOfConnections(port, town, 6, 10) },
      ends: LIVES,
    },
    {
      tries: "listens on many ports, and has as many connections on each as it may have in all",
      module: () =>
        attacker(
          () =>
            `${times(4, `(drop (call $tcp.listen (i32.const 0) ${NONE} ${OUT})) (drop (call $http.listen (i32.const 0) ${NONE} ${OUT}))`)} ${NO_MESSAGE}`,
        ),
      options: { ...LISTEN, limits: { openResources: 8 } },
      outside: {
        visits: async (_port, _town, ports) => {
          await until(() => ports.length === 8);
          const all: Client[] = [];
          for (const port of ports) {
            all.push(...Array.from({ length: 20 }, () => new Client(port).listen()));
            await until(() => all.filter(({ isClosed }) => !isClosed).length <= 8);
          }
          for (const client of all) client.hangUp();
          return [];
        },
      },
      ends: LIVES,
    },
    {
      tries: "has every byte sent and receives none",
      module: () =>
        guest(
          () =>
            `${LENGTH} ${main(`${listens("tcp")} (drop (call $tcp.accept ${LISTENER} ${AT_SOCKET} (i32.const -1)))
          (drop (call $tcp.active ${SOCKET} (i32.const 2) (i32.const 0)))
          (drop (call $message.receive_tagged ${LISTENER} ${NONE} (i32.const -1)))`)}`,
        ),
      options: { ...LISTEN, limits: { mailboxBytes: 200_000 } },
      outside: {
        visits: async (port) => {
          const before = heldBytes("arrayBuffers");
          const client = new Client(port);
          let rounds = 0;
          while (rounds++ < 1000 && client.socket.writableLength < 1_000_000) {
            client.socket.write(Buffer.alloc(65_536));
            await turns(1);
          }
          await turns(200);
          const complaints = hasGrown(before + client.socket.writableLength, 16_000_000);
          client.hangUp();
          return rounds > 1000 ? ["it was sent 64 MB"] : complaints;
        },
      },
      ends: LIVES,
    },
    {
      tries: "sends without end to a peer that never reads",
      module: () =>
        guest(
          () =>
            `(memory (export "memory") 2) ${LENGTH} ${main(`${listens("tcp")} (drop (call $tcp.accept ${LISTENER} ${AT_SOCKET} (i32.const -1)))
          ${forever(`(br_if $forever (i32.gt_s (call $tcp.send ${SOCKET} (i32.const 65536) (i32.const 65536) (i32.const -1)) (i32.const 0)))
            (call $wasi.proc_exit (i32.const 1))`)}`)}`,
        ),
      options: LISTEN,
      outside: {
        visits: async (port, town) => {
          const before = heldBytes("arrayBuffers");
          const client = new Client(port);
          client.socket.pause();
          await turns(3000);
          const complaints = [...hasGrown(before, 16_000_000)];
          for (const pid of town.attackers()) {
            const status = town.host.info(pid)?.status;
            if (status !== "waiting") complaints.push(`it is ${status}`);
          }
          client.hangUp();
          return complaints;
        },
      },
      ends: { type: "cleanly" },
    },
    {
      tries: "uses, takes and gives away every socket whose reference it can guess",
      attackers: 2,
      module: () =>
        guest(
          () => `(data (i32.const 400) "\\83\\5a\\00\\03\\77\\0dnonode@nohost\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00")
          ${main(`(drop (call $tcp.listen (i32.const 0) ${NONE} ${OUT})) (drop (call $http.listen (i32.const 0) ${NONE} ${OUT}))
          ${times(
            2000,
            `(i32.store16 (i32.const 425) (i32.or (i32.shr_u (local.get $i) (i32.const 8)) (i32.shl (i32.and (local.get $i) (i32.const 255)) (i32.const 8))))
            ${[
              "tcp.accept REF OUT (i32.const 0)",
              "tcp.recv REF OUT (i32.const 0)",
              "tcp.send REF OUT (i32.const 0)",
              "tcp.active REF (i32.const 2) (i32.const 0)",
              "tcp.close REF",
              "tcp.sockname REF OUT",
              "tcp.controlling_process REF (i32.const 0) (call $process.self (i32.const 0) (i32.const 64))",
              "http.accept REF OUT (i32.const 0)",
              "http.active REF (i32.const 2) (i32.const 0)",
              "http.respond REF (i32.const 200) (i32.const 0) (i32.const 0)",
              "http.close REF",
            ]
              .map((call, i) =>
                expectResult(
                  `(call $${call.replace("REF", "(i32.const 400) (i32.const 35)").replace("OUT", OUT)})`,
                  BADARG,
                  i + 1,
                ),
              )
              .join("\n")}`,
          )}`)}`,
        ),
      options: LISTEN,
      turns: 20_000,
      ends: NORMAL,
    },
    {
      tries: "gives its sockets to the victim, at whose cost they would be open",
      module: () =>
        guest(
          () =>
            `${LENGTH} ${main(
              times(
                100,
                `${listens("tcp")}
          ${expectResult(`(call $tcp.controlling_process ${LISTENER} (i32.const 0) (call $victim))`, NOT_GRANTED, 1)}
          ${expectResult(`(call $http.controlling_process ${LISTENER} (i32.const 0) (call $victim))`, NOT_GRANTED, 2)}`,
              ),
            )}`,
        ),
      options: { ...LISTEN, limits: { openResources: 200 } },
      turns: 4000,
      ends: NORMAL,
    },
    {
      tries: "splits its response",
      module: httpServer(({ term, text }) => {
        const refused = [
          "a\r\nb",
          "a\nb",
          "a\rb",
          "a\0b",
          "a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
          "\u010d\u010a",
        ].flatMap((bad) => [
          [tuple("x-header", bad)],
          [tuple(bad, "x")],
          [tuple("location", `/${bad}`)],
          [tuple("content-length", bad)],
        ]);
        const framing = ["transfer-encoding", "connection", "upgrade", "trailer", "keep-alive", "te"].map(
          (name) => [tuple(name, "chunked")],
        );
        const twice = [tuple("content-length", "1"), tuple("content-length", "2")];
        const many = Array.from({ length: 129 }, () => tuple("a", "b"));
        const bad = [
          ...refused,
          ...framing,
          twice,
          many,
          [tuple("", "x")],
          [tuple("x y", "z")],
          atom("x"),
          [1],
          [tuple("a", 1)],
        ];
        return `${bad.map((headers, i) => expectResult(`(call $http.respond ${REQUEST} (i32.const 200) ${term(headers)})`, BADARG, i + 1)).join("\n")}
          ${[-1, 0, 99, 100, 101, 199, 600, 1000].map((status, i) => expectResult(`(call $http.respond ${REQUEST} (i32.const ${status}) ${NONE})`, BADARG, 100 + i)).join("\n")}
          (drop (call $http.respond ${REQUEST} (i32.const 200) ${term([tuple("content-length", "2")])}))
          ${expectResult(`(call $http.respond ${REQUEST} (i32.const 200) ${NONE})`, BADARG, 120)}
          ${expectResult(`(call $http.write ${REQUEST} ${text("okHTTP/1.1 200 OK\r\n\r\n")} (i32.const 0))`, BADARG, 121)}
          (drop (call $http.write ${REQUEST} ${text("ok")} (i32.const 0)))
          ${expectResult(`(call $http.write ${REQUEST} ${text("HTTP/1.1 200 OK")} (i32.const 0))`, BADARG, 122)}
          (drop (call $http.finish ${REQUEST}))`;
      }),
      options: LISTEN,
      outside: {
        visits: async (port) => {
          const answer = await get(port);
          return answer === "200 ok" ? [] : [`its client got ${answer}`];
        },
      },
      ends: LIVES,
    },
    {
      tries: "dies in the middle of a response, which must not look like a whole one",
      module: httpServer(
        ({ text }) => `(drop (call $http.respond ${REQUEST} (i32.const 200) ${NONE}))
        (drop (call $http.write ${REQUEST} ${text("half")} (i32.const 0))) (drop (call $message.receive ${NONE} ${NONE} (i32.const 20))) (unreachable)`,
      ),
      options: LISTEN,
      outside: {
        visits: async (port) => {
          const { heard } = await new Client(port).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").untilClosed();
          return heard.includes("half") && !heard.includes("\r\n0\r\n")
            ? []
            : [`its client got ${JSON.stringify(heard)}`];
        },
      },
      ends: traps("unreachable"),
    },
    {
      tries: "is killed in the middle of a response, and while it listens",
      module: httpServer(
        ({ text }) => `(drop (call $http.respond ${REQUEST} (i32.const 200) ${NONE}))
        (drop (call $http.write ${REQUEST} ${text("half")} (i32.const 0))) ${NO_MESSAGE}`,
      ),
      options: LISTEN,
      outside: {
        visits: async (port, town) => {
          const client = new Client(port).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").listen();
          const waits = new Client(port).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").listen();
          await until(() => client.heard.includes("half"));
          for (const pid of town.attackers()) town.host.kill(pid);
          await until(() => client.isClosed && waits.isClosed);
          const complaints = client.heard.includes("\r\n0\r\n") ? ["the response looks whole"] : [];
          if (waits.statuses.join() !== "503") complaints.push(`who waited got ${waits.heard}`);
          const again = createServer();
          const isFree = await new Promise((resolve) => {
            again.on("error", () => resolve(false));
            again.listen(port, "127.0.0.1", () => resolve(true));
          });
          again.close();
          return isFree ? complaints : [...complaints, "its port is not free"];
        },
      },
      ends: { type: "exits", reason: "killed" },
    },
    {
      tries: "has a flood of requests sent and answers none",
      module: () =>
        guest(
          ({ term }) =>
            `${LENGTH} ${main(`${listens("http", term({ backlog: 5 }))} (drop (call $http.active ${LISTENER} (i32.const 2) (i32.const 0)))
          (drop (call $message.receive_tagged ${LISTENER} ${NONE} (i32.const -1)))`)}`,
        ),
      options: { ...LISTEN, limits: { openResources: 10, mailbox: 20 } },
      outside: {
        visits: async (port, town) => {
          const clients = Array.from({ length: 100 }, () =>
            new Client(port).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").listen(),
          );
          await until(() => clients.filter(({ isClosed }) => isClosed).length >= 90);
          await turns(100);
          const open = allSockets(town.host.runtime);
          for (const client of clients) client.hangUp();
          return open > 10 ? [`it has ${open} sockets`] : [];
        },
      },
      ends: LIVES,
    },
  ],
};

/** More connections than anybody may have; those that are not taken are reset, and no more are open than that. */
async function floodOfConnections(
  port: number,
  town: Town,
  most: number,
  backlog = most,
): Promise<readonly string[]> {
  // As many as the kernel takes in at a time.
  const clients = Array.from({ length: 120 }, () => new Client(port).listen());
  await until(() => clients.filter(({ isClosed }) => isClosed).length >= 120 - most - backlog);
  await turns(100);
  const open = allSockets(town.host.runtime);
  for (const client of clients) client.hangUp();
  return open > most ? [`it has ${open} sockets open`] : [];
}
