// Kills processes that wait, one after the other. The figure is one kill and the wait for its DOWN; the spawning is not in it.
import type { Context, MonitorRef, Pid } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

const BATCH = 100;

async function killer(self: Context, count: number): Promise<number> {
  let total = 0;
  for (let batch = Math.floor(count / BATCH); batch > 0; batch--) {
    const victims: [Pid, MonitorRef][] = [];
    for (let i = 0; i < BATCH; i++) {
      victims.push(
        self.spawnMonitor(async (victim) => {
          victim.send(self.pid, "ready");
          await victim.receive((message) => message === "never");
        }),
      );
    }
    for (let i = 0; i < BATCH; i++) await self.receive((message) => message === "ready");
    const start = performance.now();
    for (const [pid, ref] of victims) {
      self.exitSignal(pid, "kill");
      await self.receiveTagged(ref);
    }
    total += nanosecondsSince(start);
  }
  return total;
}

export const killDown: Subject = {
  name: "kill_down",
  title: "kill + DOWN",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("killDown", 2_000),
    javascript: javascript(killer, 20_000),
    beam: beam(100_000),
  },
};
