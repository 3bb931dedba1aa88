import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";

let service: ChildProcess;
let url = "";

beforeAll(async () => {
  service = spawn(process.execPath, ["examples/http-service/server.mjs", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(service.stdout!), "line")) as [string];
  url = line.replace("listening on ", "");
});

afterAll(async () => {
  const exited = once(service, "exit");
  service.kill("SIGTERM");
  await exited;
});

async function get(path: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(url + path, init);
  return [response.status, await response.text()];
}

it("answers what its guest answers", async () => {
  expect(await get("/")).toEqual([200, "hello from a guest\n"]);
  expect(await get("/fib/20")).toEqual([200, "6765\n"]);
  expect(await get("/nothing")).toEqual([404, "nothing at /nothing\n"]);
  expect(await get("/shout", { method: "POST", body: "größer" })).toEqual([200, "GRÖSSER"]);
});

it.each([
  ["/crash", /trap integer_divide_by_zero: divide by zero at .*handler\.ts:28:10\)/],
  ["/loop", /trap fuel_exhausted/],
  ["/hog", /trap /],
])("answers 500 for %s, and the next request succeeds", async (path, why) => {
  const [status, text] = await get(path);
  expect(status).toBe(500);
  expect(text).toMatch(why);
  expect(await get("/")).toEqual([200, "hello from a guest\n"]);
});

it("answers others while one loops for ever", async () => {
  const loop = get("/loop");
  const others = await Promise.all(Array.from({ length: 20 }, (_, i) => get(`/fib/${i}`)));
  expect(others.every(([status]) => status === 200)).toBe(true);
  expect((await loop)[0]).toBe(500);
});

it("refuses a body that is too large", async () => {
  expect((await get("/shout", { method: "POST", body: "x".repeat(70_000) }))[0]).toBe(413);
});
