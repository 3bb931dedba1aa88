// Many processes that have run and wait. The figure is the resident memory that one adds, as the operating system counts it.
import { type Context, Runtime } from "../../../host/otp/index.ts";
import type { Round, Subject } from "../subject.ts";
import { beam, guestHost, report } from "./message-sides.ts";

async function guests(folder: string): Promise<Round> {
  const { host, program } = await guestHost(folder);
  return (count) => grown(count, () => report(host, program, "idleMemory", count));
}

async function processes(): Promise<Round> {
  const runtime = new Runtime();
  return (count) => grown(count, () => spawnWaiters(runtime, count));
}

function spawnWaiters(runtime: Runtime, count: number): Promise<void> {
  return new Promise((resolve) => {
    runtime.spawn(async (self) => {
      for (let i = 0; i < count; i++) self.spawn((waiter) => wait(waiter, self));
      for (let i = 0; i < count; i++) await self.receive((message) => message === "ready");
      resolve();
      await self.receive();
    });
  });
}

async function wait(waiter: Context, parent: Context): Promise<void> {
  waiter.send(parent.pid, "ready");
  await waiter.receive((message) => message === "never");
}

/** Resident bytes per process that `work` adds. Garbage is collected first where Node was started with --expose-gc. */
async function grown(count: number, work: () => Promise<unknown>): Promise<{ value: number }> {
  const before = resident();
  await work();
  return { value: (resident() - before) / count };
}

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

export const idleMemory: Subject = {
  name: "idle_memory",
  title: "memory per idle process",
  group: "messages",
  unit: "bytes",
  baseline: "beam",
  sides: {
    guest: { count: 50_000, prepare: guests },
    javascript: { count: 50_000, prepare: processes },
    beam: beam(50_000),
  },
  fresh: true,
};
