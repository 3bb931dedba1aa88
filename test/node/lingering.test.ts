// Connections that belong to nobody any more: not for long, and not many.
import { Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { linger } from "../../host/node/lingering.ts";

const sockets: Socket[] = [];
const lingering = (count: number) => {
  const some = Array.from({ length: count }, () => new Socket());
  sockets.push(...some);
  for (const socket of some) linger(socket);
  return some;
};
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => setImmediate(resolve));
});

it("a connection that is left with something to send has ten seconds for it", () => {
  vi.useFakeTimers();
  const [socket] = lingering(1);
  linger(socket!);
  vi.advanceTimersByTime(9_999);
  expect(socket!.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(socket!.destroyed).toBe(true);
});

it("there are 512 of them, and the one that has had the longest time makes room for one more", async () => {
  const some = lingering(512);
  expect(some.some(({ destroyed }) => destroyed)).toBe(false);
  const [last] = lingering(1);
  expect([some[0]!.destroyed, some[1]!.destroyed, last!.destroyed]).toEqual([true, false, false]);
  // One that has got rid of everything is none of them any more.
  some[1]!.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  lingering(1);
  expect(some[2]!.destroyed).toBe(false);
});
