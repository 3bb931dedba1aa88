// Asks a process and awaits the reply by its tag, while other messages wait. The figure is one question and its reply.
import type { Context, MonitorRef } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

interface Question {
  readonly ref: MonitorRef;
  readonly n: number;
}

async function asker(self: Context, count: number, waiting: number): Promise<number> {
  const peer = self.spawn(async (answering) => {
    for (;;) {
      const { ref, n } = (await answering.receive<Question>())!;
      answering.send(ref, { ref, n });
    }
  });
  for (let n = 0; n < waiting; n++) self.send(self.pid, { type: "waiting", n });
  const start = performance.now();
  for (let n = count; n > 0; n--) {
    const ref = self.monitor(peer, { alias: "reply_demonitor" });
    self.send(peer, { ref, n });
    await self.receiveTagged(ref);
  }
  const elapsed = nanosecondsSince(start);
  self.exitSignal(peer, "kill");
  return elapsed;
}

export const selectiveReceives: readonly Subject[] = [0, 1_000, 1_000_000].map((waiting) => ({
  name: `selective_receive_${waiting}`,
  title: `reply by tag, ${waiting.toLocaleString("en")} waiting`,
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest(`selectiveReceive${waiting}`, 50_000),
    javascript: javascript((self, count) => asker(self, count, waiting), 50_000),
    beam: beam(100_000),
  },
}));
