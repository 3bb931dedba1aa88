// The three sides of a message program: a guest, JavaScript processes, and the BEAM.
import { Host } from "../../../host/host.ts";
import { type Context, Runtime } from "../../../host/otp/index.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import type { Program } from "../../../host/wasm/program.ts";
import { messagePrograms } from "../programs.ts";
import type { Round, Side } from "../subject.ts";

/** Messages that the floods may pile up. */
const MAILBOX = 100_000_000;

/** A message program in JavaScript; gives the nanoseconds that `count` operations took. */
export type MessageProgram = (self: Context, count: number) => Promise<number>;

/** An entry of guests/ that reports nanoseconds. */
export function guest(entry: string, count: number): Side {
  return {
    count,
    prepare: async (folder) => {
      const { host, program } = await guestHost(folder);
      return async (operations) => ({ value: (await report(host, program, entry, operations)) / operations });
    },
  };
}

export function javascript(program: MessageProgram, count: number): Side {
  return {
    count,
    prepare: async (): Promise<Round> => {
      const runtime = new Runtime();
      return async (operations) => {
        const elapsed = await new Promise<number>((resolve, reject) => {
          runtime.spawn((self) => program(self, operations).then(resolve, reject));
        });
        return { value: elapsed / operations };
      };
    },
  };
}

export function beam(count: number): Side {
  return { count };
}

/** A host that loads the guests of the benchmarks. */
export async function guestHost(folder: string): Promise<{ host: Host; program: Program }> {
  const host = new Host({ grants: "all", limits: { mailbox: MAILBOX, memoryBytes: 2 ** 32 } });
  const program = await host.load(await messagePrograms(folder), { name: "guests", trusted: true });
  return { host, program };
}

/** Spawns a guest and gives the first number that it reports; rejects when it ends without. */
export function report(host: Host, program: Program, entry: string, count: number): Promise<number> {
  return new Promise((resolve, reject) => {
    host.runtime.spawn(async (self) => {
      const job = tuple(atom("job"), self.pid, count);
      host.spawn(program, entry, { args: job, monitor: self });
      const message = await self.receive();
      if (typeof message === "number") resolve(message);
      else reject(new Error(`the guest "${entry}" ended early: ${JSON.stringify(message)}`));
    });
  });
}

/** Nanoseconds since `start`, a reading of `performance.now`. */
export function nanosecondsSince(start: number): number {
  return (performance.now() - start) * 1e6;
}
