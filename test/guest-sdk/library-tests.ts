// What the libraries for C and Rust have in common, as tests of a program that was made with one of them: entries of the same names, which do the same.
import fc from "fast-check";
import { expect, it } from "vitest";
import { atom, createHost, type Host, type Pid, type Program, tuple } from "../../host/index.ts";
import { GenServer, Sys } from "../../host/otp/index.ts";
import { anyTerm } from "../support/terms.ts";

export interface Made {
  readonly host: Host;
  readonly program: Program;
}

/** What a guest of this entry sends to whoever is its argument. */
function answerOf({ host, program }: Made, entry: string, options: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    host.runtime.spawn(async (self) => {
      const pid: Pid = host.spawn(program, entry, { args: self.pid, ...options });
      void host.exited(pid).then((reason) => reason !== "normal" && reject(reason));
      resolve(await self.receive());
    });
  });
}

/** `made` is asked once a test runs. */
export function testLibrary(made: () => Made): void {
  it("reads and writes every term as the host does", async () => {
    const { host, program } = made();
    const echo = host.spawn(program, "echo");
    const asked = new Promise<void>((resolve, reject) => {
      host.runtime.spawn(async (self) => {
        const there = fc.asyncProperty(anyTerm, async (sent) => {
          self.send(echo, tuple(self.pid, sent));
          expect(await self.receive(undefined, { timeoutMs: 5000 })).toEqual(tuple(atom("echo"), sent));
        });
        await fc.assert(there, { numRuns: 300 }).then(resolve, reject);
      });
    });
    await asked;
    host.kill(echo);
  });

  it("serves calls, casts and OTP's system messages", async () => {
    const { host, program } = made();
    const pid = host.spawn(program, "counter");
    const told = new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        GenServer.cast(self, pid, 40);
        await Sys.suspend(self, pid);
        GenServer.cast(self, pid, 2);
        const before = await Sys.getState(self, pid);
        await Sys.resume(self, pid);
        resolve([before, await Sys.getState(self, pid)]);
      });
    });
    expect(await told).toEqual([40, 42]);
    const end = host.exited(pid);
    expect(await host.call(pid, atom("stop"))).toBe(42);
    await end;
  });

  it("uses tables: makes, inserts, looks up, counts, deletes, by reference and by name", async () => {
    const BADARG = -2;
    expect(await answerOf(made(), "tables")).toEqual([0, 0, 0, 1, 3, 2, 5, 1, 0, 0, 1, 0, BADARG]);
  });

  it("passes five thousand bytes through a stream that holds a hundred", async () => {
    const sum = Array.from({ length: 5000 }, (_, i) => i & 255).reduce((a, b) => a + b);
    expect(await answerOf(made(), "streams")).toEqual([0, 5000, sum]);
  });

  it("joins, watches and leaves groups", async () => {
    expect(await answerOf(made(), "groups")).toEqual([0, 0, 0, 2, 1, 4, 1, 1, 1, 0]);
  });

  it("asks for grants, lends them and takes them back", async () => {
    const [BADARG, NOT_GRANTED] = [-2, -5];
    await using host = await createHost({
      grants: "all",
      log: { level: "off" },
      ask: ({ grant }) => grant === "register:cart.1",
    });
    const other = { host, program: made().program };
    expect(await answerOf(other, "grants", { grants: ["spawn", "register:own.*"] })).toEqual([
      ...[1, 0, BADARG, NOT_GRANTED, 1, 1],
      // What the borrower says before, during and after, and what came of lending and revoking.
      ...[0, 0, 1, 1, 0, 0],
    ]);
  });
}
