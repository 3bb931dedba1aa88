// A token goes round a ring of 1,000 processes. The figure is one hop.
import type { Context } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

const SIZE = 1000;

interface Token {
  readonly type: "token";
  readonly rounds: number;
}

const isToken = (message: Token) => message.type === "token";

async function ringRounds(self: Context, count: number): Promise<number> {
  let first = self.pid;
  for (let i = 1; i < SIZE; i++) {
    const next = first;
    first = self.spawn(async (node) => {
      for (;;) {
        const token = (await node.receive(isToken))!;
        node.send(next, token);
        if (token.rounds === 0) return;
      }
    });
  }
  const round = (rounds: number) => {
    self.send(first, { type: "token", rounds });
    return self.receive(isToken);
  };
  await round(1);
  const start = performance.now();
  for (let rounds = Math.floor(count / SIZE); rounds > 0; rounds--) await round(rounds);
  const elapsed = nanosecondsSince(start);
  await round(0);
  return elapsed;
}

export const ring: Subject = {
  name: "ring",
  title: "ring of 1,000, per hop",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("ring", 200_000),
    javascript: javascript(ringRounds, 400_000),
    beam: beam(1_000_000),
  },
};
