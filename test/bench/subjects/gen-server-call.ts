// Calls to a gen_server, one after the other. The figure is one call and its reply.
import { type Context, GenServer, reply, started } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

async function caller(self: Context, count: number): Promise<number> {
  const callbacks = {
    init: () => started(0),
    handleCall: (n: unknown, _from: unknown, total: number) => reply(n, total + 1),
  };
  const server = GenServer.startedPid(await GenServer.startLink(self, callbacks, undefined));
  const start = performance.now();
  for (let n = count; n > 0; n--) await GenServer.call(self, server, n);
  const elapsed = nanosecondsSince(start);
  await GenServer.stop(self, server);
  return elapsed;
}

export const genServerCall: Subject = {
  name: "gen_server_call",
  title: "call to a gen_server",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("genServerCall", 50_000),
    javascript: javascript(caller, 100_000),
    beam: beam(200_000),
  },
};
