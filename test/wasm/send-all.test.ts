import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createHost, type Host, type Pid } from "../../host/index.ts";
import { atom, tuple } from "../../host/otp/term/index.ts";

const SOURCE = `
import { argument, Pid, send, sendAll } from "moonlet/guest-sdk";

@message class Task { constructor(public receivers: Pid[], public report: Pid) {} }
@message class News { constructor(public text: string) {} }

export function main(): void {
  const task = argument<Task>();
  send(task.report, sendAll<News>(task.receivers, new News("what everybody shall know")));
}`;

let host: Host;
afterEach(() => host.close());

/** Spawns the program with these receivers; gives what it reports. */
async function broadcast(receivers: readonly Pid[]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "moonlet-send-all-"));
  const path = join(folder, "news.ts");
  await writeFile(path, SOURCE);
  const program = await host.load(path);
  return new Promise((resolve) => {
    host.runtime.spawn(async (self) => {
      host.spawn(program, "main", { args: tuple(atom("task"), receivers, self.pid) });
      resolve(await self.receive());
    });
  });
}

it("one message reaches each of many, and those that cannot take it are counted", async () => {
  host = await createHost();
  const got: unknown[] = [];
  const listeners = Array.from({ length: 5 }, () =>
    host.runtime.spawn(async (self) => void got.push(await self.receive())),
  );
  const full = host.runtime.spawn((self) => self.receive((message) => message === "never"), {
    maxMailbox: { messages: 0, policy: "reject" },
  });
  const gone = host.runtime.spawn(async () => {});
  await host.exited(gone);
  expect(await broadcast([...listeners, full, gone])).toBe(1);
  await Promise.all(listeners.map((pid) => host.exited(pid)));
  expect(got).toHaveLength(5);
  expect(new Set(got.map(String)).size).toBe(1);
  expect(String(got[0])).toContain("what everybody shall know");
});

it("nobody at all is fine", async () => {
  host = await createHost();
  expect(await broadcast([])).toBe(0);
});
