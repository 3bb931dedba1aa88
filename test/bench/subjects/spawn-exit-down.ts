// Spawns a process that ends at once, and waits for the news of its end. The figure is all of that once.
import type { Context } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

async function spawner(self: Context, count: number): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < count; n++) {
    const [, ref] = self.spawnMonitor(async () => {});
    await self.receiveTagged(ref);
  }
  return nanosecondsSince(start);
}

export const spawnExitDown: Subject = {
  name: "spawn_exit_down",
  title: "spawn + exit + DOWN",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("spawnExitDown", 50_000),
    javascript: javascript(spawner, 50_000),
    beam: beam(200_000),
  },
};
