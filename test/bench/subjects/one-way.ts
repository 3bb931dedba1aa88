// One process sends as fast as it can, another receives. The figure is one send and one receive.
import type { Context } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

interface Item {
  readonly type: "item";
  readonly n: number;
}

async function receiver(self: Context, count: number): Promise<number> {
  const start = performance.now();
  self.spawn(async (sender) => {
    for (let n = 0; n < count; n++) sender.send(self.pid, { type: "item", n });
  });
  for (let n = 0; n < count; n++) await self.receive<Item>((message) => message.type === "item");
  return nanosecondsSince(start);
}

export const oneWay: Subject = {
  name: "one_way",
  title: "one-way send + receive",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("oneWay", 200_000),
    javascript: javascript(receiver, 200_000),
    beam: beam(1_000_000),
  },
};
