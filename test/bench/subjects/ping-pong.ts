// Two processes hand a message to and fro. The figure is a round trip: two sends, two switches, two receives.
import type { Context, Pid } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

interface Ping {
  readonly type: "ping";
  readonly from: Pid;
  readonly n: number;
}
interface Pong {
  readonly type: "pong";
  readonly n: number;
}

async function pong(self: Context): Promise<never> {
  for (;;) {
    const { from, n } = (await self.receive<Ping>((message) => message.type === "ping"))!;
    self.send(from, { type: "pong", n });
  }
}

export async function ping(self: Context, count: number): Promise<number> {
  const peer = self.spawn(pong);
  const start = performance.now();
  for (let n = 0; n < count; n++) {
    self.send(peer, { type: "ping", from: self.pid, n });
    await self.receive<Pong>((message) => message.type === "pong");
  }
  const elapsed = nanosecondsSince(start);
  self.exitSignal(peer, "kill");
  return elapsed;
}

export const pingPong: Subject = {
  name: "ping_pong",
  title: "ping-pong round trip",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: { guest: guest("pingPong", 100_000), javascript: javascript(ping, 200_000), beam: beam(500_000) },
};
