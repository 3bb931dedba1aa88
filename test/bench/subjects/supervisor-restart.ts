// Kills the child of a supervisor. The figure is the time until the child that was started in its place says that it is up. A new
// supervisor every hundred restarts, because it remembers those that count.
import { type Context, GenServer, type Pid, Supervisor } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

const BATCH = 100;

async function restarts(self: Context, count: number): Promise<number> {
  const start = (supervisor: Context): Pid =>
    supervisor.spawnLink(async (child) => {
      child.send(self.pid, child.pid);
      await child.receive((message) => message === "never");
    });
  let total = 0;
  for (let batch = Math.floor(count / BATCH); batch > 0; batch--) {
    const spec = { intensity: BATCH, period: 5, children: [{ id: "child", start }] };
    const supervisor = GenServer.startedPid(await Supervisor.startLink(self, spec));
    let pid = (await self.receive<Pid>())!;
    const begun = performance.now();
    for (let i = 0; i < BATCH; i++) {
      self.exitSignal(pid, "kill");
      pid = (await self.receive<Pid>())!;
    }
    total += nanosecondsSince(begun);
    await GenServer.stop(self, supervisor);
  }
  return total;
}

export const supervisorRestart: Subject = {
  name: "supervisor_restart",
  title: "restart by a supervisor",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("supervisorRestart", 5_000),
    javascript: javascript(restarts, 10_000),
    beam: beam(20_000),
  },
};
