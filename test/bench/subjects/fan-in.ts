// A hundred processes send to one. The figure is one message.
import type { Context, Pid } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

const SENDERS = 100;

interface Item {
  readonly type: "item";
  readonly from: Pid;
  readonly n: number;
}

async function receiver(self: Context, count: number): Promise<number> {
  const share = Math.floor(count / SENDERS);
  const senders = Array.from({ length: SENDERS }, () =>
    self.spawn(async (sender) => {
      await sender.receive();
      for (let n = 0; n < share; n++) sender.send(self.pid, { type: "item", from: sender.pid, n });
    }),
  );
  const start = performance.now();
  for (const sender of senders) self.send(sender, "start");
  for (let n = share * SENDERS; n > 0; n--) await self.receive<Item>((message) => message.type === "item");
  return nanosecondsSince(start);
}

export const fanIn: Subject = {
  name: "fan_in",
  title: "fan-in from 100, per message",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: { guest: guest("fanIn", 200_000), javascript: javascript(receiver, 200_000), beam: beam(1_000_000) },
};
