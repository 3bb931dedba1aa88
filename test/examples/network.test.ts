// The examples with a network, run as a reader would run them, with a port that is free.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, expect, it, vi } from "vitest";

// Each is compiled first, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let program: ChildProcess | undefined;
afterEach(async () => {
  if (!program) return;
  const exited = once(program, "exit");
  program.kill("SIGTERM");
  await exited;
});

/** What the example prints. */
let lines: AsyncIterator<string> | undefined;

/** The port that it tells next. */
async function port(): Promise<number> {
  return Number(/:(\d+)\/?$/.exec((await lines!.next()).value!)![1]);
}

/** Starts an example, and gives the port that it tells. */
async function start(example: string): Promise<number> {
  const args = ["run", example, "--grant", "all,listen:0", "--log", "off", "--", "0"];
  program = spawn(process.execPath, ["dist/host/cli/main.cjs", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  lines = createInterface(program.stdout!)[Symbol.asyncIterator]();
  return port();
}

/** A connection to the example, as lines. */
function dial(port: number) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  return {
    say: (line: string) => socket.write(`${line}\n`),
    /** The next line; undefined at the end, however that comes. */
    hear: () =>
      lines.next().then(
        ({ value }) => value as string | undefined,
        () => undefined,
      ),
    hangUp: () => socket.end(),
  };
}

it("tcp-echo gives back what it gets, and a connection that crashes is the only one that ends", async () => {
  const port = await start("examples/tcp-echo/main.ts");
  const [first, second] = [dial(port), dial(port)];
  first.say("hello");
  second.say("hi");
  expect([await first.hear(), await second.hear()]).toEqual(["hello", "hi"]);
  first.say("crash");
  expect(await first.hear()).toBeUndefined();
  second.say("still there");
  expect(await second.hear()).toBe("still there");
  second.hangUp();
  expect(await second.hear()).toBeUndefined();
});

it("chat tells everybody what one says", async () => {
  const port = await start("examples/chat/main.ts");
  const ada = dial(port);
  expect(await ada.hear()).toMatch(/^\d+ is here$/);
  const joe = dial(port);
  expect(await joe.hear()).toMatch(/is here$/);
  expect(await ada.hear()).toMatch(/is here$/);
  joe.say("hello, all");
  expect([await ada.hear(), await joe.hear()]).toEqual(
    Array(2).fill(expect.stringMatching(/^\d+: hello, all$/)),
  );
  joe.hangUp();
  ada.say("anybody?");
  expect(await ada.hear()).toMatch(/: anybody\?$/);
});

it("http-guest answers each request in a process of its own", async () => {
  const url = `http://127.0.0.1:${await start("examples/http-guest/main.ts")}`;
  const get = async (path: string, init?: RequestInit): Promise<[number, string]> => {
    const response = await fetch(url + path, init);
    return [response.status, await response.text()];
  };
  const loop = get("/loop");
  expect(await get("/")).toEqual([200, "hello from a guest\n"]);
  expect(await get("/crash")).toEqual([500, "internal server error\n"]);
  const [status, numbers] = await get("/count");
  expect([status, numbers.split("\n").length]).toEqual([200, 10_001]);
  expect(await get("/shout", { method: "POST", body: "quiet?" })).toEqual([200, "QUIET?"]);
  expect(await get("/nothing")).toEqual([404, "nothing at /nothing\n"]);
  expect(await loop).toEqual([504, "no answer in time\n"]);
});

it("http-gen-server serves from its mailbox, and another one takes its place when it crashes", async () => {
  let url = `http://127.0.0.1:${await start("examples/http-gen-server/main.ts")}`;
  const get = async (path: string, init?: RequestInit): Promise<[number, string]> => {
    const response = await fetch(url + path, init);
    return [response.status, await response.text()];
  };
  const post = (body: string) => get("/", { method: "POST", body });
  expect(await get("/")).toEqual([200, "\n"]);
  expect(await post("hello")).toEqual([201, "thank you\n"]);
  expect(await post("x".repeat(1001))).toEqual([413, "at most 1000 bytes\n"]);
  expect(await get("/")).toEqual([200, "hello\n"]);
  // More than it asks for at a time.
  const many = await Promise.all(Array.from({ length: 40 }, () => get("/")));
  expect(many).toEqual(Array(40).fill([200, "hello\n"]));
  expect(await get("/crash")).toEqual([500, "internal server error\n"]);
  url = `http://127.0.0.1:${await port()}`;
  expect(await get("/")).toEqual([200, "\n"]);
});
