// What a guest frees, it can use again, in pieces of any size.
import { existsSync, readFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { compileAssemblyScript } from "../../guest-sdk/compiler/index.ts";
import { atom, createHost, type Host, tuple } from "../../host/index.ts";

const SOURCE = `
let kept = new Array<ArrayBuffer>();

/** Fills three quarters of 4 MiB with small objects. */
function fill(size: i32, bytes: i32): void {
  for (let used = 0; used < 3 * 1024 * 1024; used += bytes) kept.push(new ArrayBuffer(size));
}

export function main(): void {
  for (let size = 24; size <= 232; size += 52) {
    fill(size, size + 24);
    kept = new Array<ArrayBuffer>();
    __collect();
  }
  // As large as all of them: there is room only where the small ones were.
  assert(new ArrayBuffer(5 * 512 * 1024).byteLength > 0);
}`;

let host: Host | undefined;
afterEach(() => host?.close());

it("small objects that are gone make room for a large one, and for small ones of another size", async () => {
  host = await createHost({ limits: { memoryBytes: 4 * 1024 * 1024 } });
  const { transformed } = await compileAssemblyScript("main.ts", {
    readFile: (path) => (path.endsWith("main.ts") ? SOURCE : undefined),
  });
  const program = await host.load(transformed.wasm);
  expect(await host.exited(host.spawn(program, "main"))).toBe("normal");
});

const TALKER = `
import { Pid, receive, send } from "moonlet/guest-sdk";
@message class Ping { constructor(public text: string, public from: Pid) {} }
@message class Pong { constructor(public text: string) {} }
export function main(): void {
  while (true) {
    const ping = receive<Ping>();
    send(ping.from, new Pong(ping.text + "!"));
  }
}`;

it("a process that has dropped thousands of objects is parked in little more than one that has dropped ten", async () => {
  host = await createHost({ grants: "all", pool: { parking: "always" } });
  const { transformed } = await compileAssemblyScript("main.ts", {
    readFile: (path) =>
      path.endsWith("main.ts") ? TALKER : existsSync(path) ? readFileSync(path, "utf8") : undefined,
  });
  const guest = host.spawn(await host.load(transformed.wasm), "main");
  const talk = (times: number): Promise<void> =>
    new Promise((resolve) => {
      host!.runtime.spawn(async (self) => {
        for (let i = 0; i < times; i++) {
          self.send(guest, tuple(atom("ping"), "hello", self.pid));
          await self.receive();
        }
        resolve();
      });
    });
  await talk(10);
  const early = host.pool.parkedBytes;
  await talk(3000);
  expect(host.pool.parkedBytes).toBeLessThan(early + 1500);
});
