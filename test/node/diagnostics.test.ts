// Events on Node's diagnostics channels, only while somebody listens.
import { AsyncLocalStorage } from "node:async_hooks";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, it } from "vitest";
import { createHost } from "../../host/index.ts";
import { type DiagnosticsMessage, publishDiagnostics } from "../../host/node/diagnostics.ts";
import { waiter, world } from "../otp/support/world.ts";

it("a subscriber of one type gets its events, of every runtime, and costs end with it", () => {
  const first = world().runtime;
  const second = world().runtime;
  const stops = [publishDiagnostics(first), publishDiagnostics(second)];
  expect(first.events.active).toBe(false);
  const seen: DiagnosticsMessage[] = [];
  const listener = (message: unknown) => seen.push(message as DiagnosticsMessage);
  subscribe("moonlet:exited", listener);
  expect([first.events.active, second.events.active]).toEqual([true, true]);
  const pids = [first, second].map((runtime) => {
    const pid = runtime.spawn(waiter);
    runtime.kill(pid);
    return pid;
  });
  expect(seen).toMatchObject([
    { runtime: first, event: { type: "exited", pid: pids[0], reason: "killed" } },
    { runtime: second, event: { type: "exited", pid: pids[1] } },
  ]);
  unsubscribe("moonlet:exited", listener);
  expect([first.events.active, second.events.active]).toEqual([false, false]);
  for (const stop of stops) stop();
});

it("who subscribed before a runtime was there gets its events, too; after the end nobody does", () => {
  const seen: unknown[] = [];
  const listener = (message: unknown) => seen.push(message);
  const spawned = channel("moonlet:spawned");
  spawned.subscribe(listener);
  const { runtime } = world();
  const stop = publishDiagnostics(runtime);
  runtime.spawn(waiter);
  expect(seen).toHaveLength(1);
  stop();
  runtime.spawn(waiter);
  expect([seen.length, runtime.events.active]).toEqual([1, false]);
  spawned.unsubscribe(listener);
});

it("several subscribers are several, and unsubscribing says whether there was one", () => {
  const { runtime } = world();
  const stop = publishDiagnostics(runtime);
  const listeners = [() => {}, () => {}] as const;
  for (const listener of listeners) subscribe("moonlet:sent", listener);
  expect(unsubscribe("moonlet:sent", listeners[0])).toBe(true);
  expect(unsubscribe("moonlet:sent", listeners[0])).toBe(false);
  expect(runtime.events.active).toBe(true);
  unsubscribe("moonlet:sent", listeners[1]);
  expect(runtime.events.active).toBe(false);
  stop();
});

it("a bound store counts as a subscriber", () => {
  const { runtime } = world();
  const stop = publishDiagnostics(runtime);
  const store = new AsyncLocalStorage<unknown>();
  const sent = channel("moonlet:sent");
  sent.bindStore(store);
  expect(runtime.events.active).toBe(true);
  sent.unbindStore(store);
  expect(runtime.events.active).toBe(false);
  stop();
});

it("a host's runtime publishes until it is closed", async () => {
  const seen: DiagnosticsMessage[] = [];
  const listener = (message: unknown) => seen.push(message as DiagnosticsMessage);
  const host = await createHost();
  subscribe("moonlet:exited", listener);
  host.runtime.spawn(waiter, { label: "worker" });
  await host.close({ timeoutMs: 0 });
  expect(seen).toMatchObject([{ runtime: host.runtime, event: { label: "worker", reason: "killed" } }]);
  expect(host.runtime.events.active).toBe(false);
  unsubscribe("moonlet:exited", listener);
});
