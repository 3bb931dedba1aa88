// Servers that mean harm to a guest which asks them: answers without end, answers that are none, answers that never come. The guest asks each of them
// in turn, is told each time that there is no whole answer or gets one, and goes on.
import type { Socket } from "node:net";
import { LIVES, NORMAL, type Subject } from "../attack.ts";
import { attacker, expectResult, type GuestData, times } from "../guest-text.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** Sends this for ever, as fast as it is taken. */
const forEver = (first: string, more: string) => (socket: Socket) => {
  socket.write(first);
  const piece = more.repeat(Math.ceil(16_384 / more.length));
  const pump = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", pump);
  pump();
};
const says = (text: string) => (socket: Socket) => void socket.write(text, "latin1");
const saysAndGoes = (text: string) => (socket: Socket) => {
  socket.write(text, "latin1", () => socket.resetAndDestroy());
};

/** What each does, and whether the guest may get a whole answer. */
const SERVERS: readonly (readonly [name: string, serve: (socket: Socket) => void, mayBeWhole: boolean])[] = [
  ["a head without end", forEver(`${OK}x: `, "y"), false],
  ["headers without end", forEver(OK, "a: b\r\n"), false],
  ["three thousand headers", says(`${OK}${"a:b\r\n".repeat(3000)}Content-Length: 0\r\n\r\n`), false],
  ["a reason without end", forEver("HTTP/1.1 200 ", "x"), false],
  ["announcements without end", forEver("", "HTTP/1.1 100 Continue\r\n\r\n"), false],
  [
    "early hints without end",
    forEver("", `HTTP/1.1 103 Early Hints\r\nLink: ${"x".repeat(1000)}\r\n\r\n`),
    false,
  ],
  ["a body without end", forEver(`${OK}\r\n`, "x"), false],
  ["chunks without end", forEver(CHUNKED, "1\r\nx\r\n"), false],
  ["a chunk extension without end", forEver(`${CHUNKED}1;`, "x"), false],
  ["trailers without end", forEver(`${CHUNKED}0\r\n`, "a: b\r\n"), false],
  ["nothing", () => {}, false],
  ["half a head", says("HTTP/1.1 200 O"), false],
  ["half a body", says(`${OK}Content-Length: 10\r\n\r\nhello`), false],
  ["half a body, and a reset", saysAndGoes(`${OK}Content-Length: 10\r\n\r\nhello`), false],
  [
    "a length and chunks",
    says(`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    false,
  ],
  ["two lengths", says(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`), false],
  ["bare line feeds", says("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), false],
  ["a folded header", says(`${OK}x: a\r\n b\r\nContent-Length: 0\r\n\r\n`), false],
  ["no status", says("HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n"), false],
  [
    "another protocol",
    says("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"),
    false,
  ],
  ["what is no HTTP", says("SSH-2.0-x\r\n"), false],
  [
    "a good answer, and more behind it",
    says(`${OK}Content-Length: 2\r\n\r\nok${OK}Content-Length: 2\r\n\r\nno`),
    true,
  ],
  [
    "a way out",
    says("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"),
    true,
  ],
];

const OUT = "(i32.const 256) (i32.const 128)";
/** The URL is the argument: five bytes of tag and length behind the version. */
const URL = "(i32.const 6) (i32.sub (global.get $url) (i32.const 6))";
const CALL = "(i32.const 256) (global.get $length)";

/** Asks, and reads to the end: $n is 0 for a whole answer, and negative for none. */
const asks = ({ text, term }: GuestData) => `
  (global.set $length (call $http.request ${text("GET")} ${URL} (i32.const 0) (i32.const 0)
    ${term({ response_timeout: 200, inactivity_timeout: 200, max_body_bytes: 200_000 })} ${OUT}))
  (if (i32.lt_s (global.get $length) (i32.const 0)) (then (unreachable)))
  (drop (call $http.finish ${CALL}))
  (local.set $n (call $http.response ${CALL} (i32.const 1024) (i32.const 4096) (i32.const -1)))
  (if (i32.gt_s (local.get $n) (i32.const 0)) (then
    (loop $body (br_if $body (i32.gt_s (local.tee $n (call $http.read ${CALL} (i32.const 16384) (i32.const 32768) (i32.const -1))) (i32.const 0))))))
  (drop (call $http.close ${CALL}))`;
const GLOBALS = "(global $url (mut i32) (i32.const 0)) (global $length (mut i32) (i32.const 0))";
const BEGIN = "(global.set $url (call $process.argument (i32.const 0) (i32.const 128)))";
const HTTP = { grants: ["http:127.0.0.1:*"] as const };

export const upstreams: Subject = {
  name: "upstreams",
  attacks: [
    ...SERVERS.map(([name, serve, mayBeWhole]) => ({
      tries: `asks a server that answers with ${name}`,
      module: () =>
        attacker(
          (data) =>
            `${BEGIN} ${times(
              2,
              `${asks(data)}
            (if (i32.${mayBeWhole ? "lt_s" : "ge_s"} (local.get $n) (i32.const 0)) (then (call $wasi.proc_exit (i32.const 1))))`,
            )}`,
          GLOBALS,
        ),
      options: HTTP,
      outside: { serves: serve },
      ends: NORMAL,
    })),
    {
      tries: "follows a redirect to what it was not granted",
      module: () =>
        attacker(
          (data) => `${BEGIN} ${asks(data)}
          ${[
            "http://169.254.169.254/",
            "http://[::ffff:7f00:1]:1/",
            "http://localhost:80/",
            "http://10.0.0.1/",
            "https://127.0.0.1:1@evil.example/",
          ]
            .map((url, i) =>
              expectResult(
                `(call $http.request ${data.text("GET")} ${data.text(url)} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) ${OUT})`,
                url.includes("@") ? -2 : url.includes("7f00") ? 35 : -5,
                i + 1,
              ),
            )
            .join("\n")}`,
          GLOBALS,
        ),
      options: HTTP,
      outside: { serves: SERVERS.at(-1)![1] },
      ends: NORMAL,
    },
    {
      tries: "asks without end and reads no answer",
      module: () =>
        attacker(
          ({ text }) => `${BEGIN} (loop $on
            (global.set $length (call $http.request ${text("GET")} ${URL} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) ${OUT}))
            (if (i32.gt_s (global.get $length) (i32.const 0)) (then (drop (call $http.finish ${CALL}))))
            (br $on))`,
          GLOBALS,
        ),
      options: { ...HTTP, limits: { openResources: 20 } },
      outside: { serves: forEver(`${OK}\r\n`, "x") },
      turns: 3000,
      ends: LIVES,
    },
  ],
};
