// The library for guests in C, compiled here: what programs made with it do as processes of a host.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atom, createHost, type Host, type Program, tuple } from "../../host/index.ts";
import { GenServer, Sys } from "../../host/otp/index.ts";
import { compileC, hasClang } from "../support/clang.ts";
import { testLibrary } from "./library-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "moonlet-c-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];

// Skipped where clang and lld are not installed.
describe.skipIf(!hasClang)("the library for C", { timeout: 120_000 }, () => {
  let host: Host;
  let program: Program;

  beforeAll(async () => {
    host = await createHost({ grants: "all", log: { level: "off" } });
    compileC("test/guest-sdk/guests/c.c", join(folder, "c.wasm"), { flags: WARNINGS });
    program = await host.load(join(folder, "c.wasm"));
    return () => host.close();
  }, 120_000);

  it.each(readdirSync("guest-sdk/include"))("%s compiles alone, as C and as C++", (header) => {
    for (const language of ["c", "c++"]) {
      const flags = [
        ...WARNINGS,
        "-Wno-unused-command-line-argument",
        "-c",
        "-x",
        language,
        "-include",
        `guest-sdk/include/${header}`,
      ];
      compileC("/dev/null", join(folder, "header.o"), { flags });
    }
  });

  testLibrary(() => ({ host, program }));

  it("spawns with an argument, monitors, and tells what failed", async () => {
    const answer = new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        host.spawn(program, "parent", { args: self.pid as never });
        resolve(await self.receive());
      });
    });
    expect(await answer).toEqual([true, true, -6, -2, -1]);
  });

  it("serves host.call, casts, other messages and OTP's system messages", async () => {
    const pid = host.spawn(program, "counter");
    expect(await host.call(pid, tuple(atom("add"), 40))).toBe(40);
    GenServer.cast(host.runtime, pid, 2);
    host.send(pid, "what is this?");
    const told = new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        const state = await Sys.getState(self, pid);
        await Sys.suspend(self, pid);
        const late = GenServer.sendRequest(self, pid, tuple(atom("add"), 1));
        await Sys.resume(self, pid);
        resolve([state, await GenServer.receiveResponse(self, late)]);
      });
    });
    expect(await told).toEqual([1042, expect.objectContaining({ reply: 1043 })]);
    const end = host.exited(pid);
    expect(await host.call(pid, atom("stop"))).toBe(1043);
    expect(await end).toBe("normal");
  });

  it("ends a server that gets a request which it does not understand", async () => {
    const pid = host.spawn(program, "counter");
    const end = host.exited(pid);
    await expect(host.call(pid, "nonsense")).rejects.toThrow();
    expect(await end).toBe("bad_call");
  });

  describe("that recurses for ever", () => {
    async function ends(...flags: string[]) {
      compileC("test/guest-sdk/guests/c.c", join(folder, "deep.wasm"), { flags: [...WARNINGS, ...flags] });
      const deep = await host.load(join(folder, "deep.wasm"));
      const found = [];
      for (let n = 0; n < 3; n++) {
        const pid = host.spawn(deep, "recurse");
        const process = host.runtime.process(pid)!;
        found.push([await host.exited(pid), process.reductions]);
      }
      expect(found[1]).toEqual(found[0]);
      expect(found[2]).toEqual(found[0]);
      return found[0]![0];
    }

    it("ends with moonlet's stack overflow, at the same depth each time", async () => {
      const trap = { type: "trap", kind: "stack_overflow", message: "stack overflow" };
      expect(await ends("-Wl,--stack-first", "-Wl,-z,stack-size=4194304")).toMatchObject(trap);
    });

    // What C keeps in memory, its compiler bounds: 64 KiB by itself.
    it("ends before that where its own stack in memory is smaller, at the same depth each time", async () => {
      expect(await ends("-Wl,--stack-first")).toMatchObject({ kind: "out_of_bounds_memory_access" });
    });
  });
});
