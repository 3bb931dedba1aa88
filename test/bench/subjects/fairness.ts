// A thousand guests that never wait, and what others have of the processor: a process that gets a message, Node's timers, Node's sockets.
// `alone` is the same without the thousand. The figures are percentiles over the samples of all rounds.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Host } from "../../../host/host.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import type { Program } from "../../../host/wasm/program.ts";
import { percentile } from "../statistics.ts";
import type { Figure, Side, Subject } from "../subject.ts";
import { beam, guestHost } from "./message-sides.ts";

const SPINNERS = 1000;
const MOST_PAUSE_MS = 20;
const SAMPLES = 50;
const TIMER_MS = 5;

/** Takes one sample, in nanoseconds. */
type Sample = () => Promise<number>;
type Probe = (host: Host, program: Program) => Sample | Promise<Sample>;

const now = (): number => performance.now() * 1e6;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** From the sending of a message until the guest that waited for it runs. */
function messageProbe(host: Host, program: Program): Sample {
  let heard: (late: number) => void = () => {};
  const listener = host.runtime.spawn(
    async (self) => {
      for (;;) {
        const late = Number(await self.receive());
        heard(late);
      }
    },
    // What is measured is the guest's wait, which it measures itself: not how long its answer takes.
    { priority: "high" },
  );
  const latecomer = host.spawn(program, "latecomer", { args: listener });
  return async () => {
    await pause(1 + Math.random() * MOST_PAUSE_MS);
    const late = new Promise<number>((resolve) => {
      heard = resolve;
    });
    // By the clock that the guest reads.
    host.send(latecomer, tuple(atom("sent"), Math.round(host.runtime.environment.now() * 1e6)));
    return late;
  };
}

/** How much later than asked for a timer of Node's goes off. */
function timerProbe(): Sample {
  return async () => {
    const start = now();
    await pause(TIMER_MS);
    return now() - start - TIMER_MS * 1e6;
  };
}

/** A byte to a socket of the same program and back. */
async function socketProbe(): Promise<Sample> {
  const server = createServer((socket: Socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  return async () => {
    await pause(Math.random() * MOST_PAUSE_MS);
    const start = now();
    socket.write("x");
    await once(socket, "data");
    return now() - start;
  };
}

function side(probe: Probe, spinners: number): Side {
  return {
    count: SAMPLES,
    prepare: async (folder) => {
      const { host, program } = await guestHost(folder);
      const sample = await probe(host, program);
      for (let i = 0; i < spinners; i++) host.spawn(program, "spinner");
      // Until each has had its first turn, which makes its instance.
      if (spinners > 0) await pause(100);
      return async (count): Promise<Figure> => {
        const samples: number[] = [];
        for (let i = 0; i < count; i++) samples.push(await sample());
        return { value: percentile(samples, 0.5), samples };
      };
    },
  };
}

const subject = (name: string, title: string, probe: Probe, others: Subject["sides"] = {}): Subject => ({
  name,
  title,
  group: "fairness",
  unit: "ns",
  baseline: "alone",
  sides: { alone: side(probe, 0), guest: side(probe, SPINNERS), ...others },
});

export const fairness: readonly Subject[] = [
  subject("fairness_message", "a message to a process that waits", messageProbe, { beam: beam(SAMPLES) }),
  subject("fairness_timer", "a timer of Node's, too late by", timerProbe),
  subject("fairness_socket", "a byte to a socket and back", socketProbe),
];
