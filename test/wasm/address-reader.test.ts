// From the bytes of pids in a guest's memory to processes and pids.
import { describe, expect, test } from "vitest";
import { Pid, type Process, Runtime } from "../../host/otp/index.ts";
import { encodeTerm } from "../../host/otp/term/index.ts";
import { addressReader } from "../../host/wasm/address-reader.ts";
import { GuestMemory } from "../../host/wasm/guest-memory.ts";

/** Processes whose numbers have the same low bits share a place in the reader. */
const SHARING = 1024;

function scene() {
  const runtime = new Runtime();
  const pids = Array.from({ length: SHARING + 1 }, () =>
    runtime.spawn(async (self) => {
      await self.receive();
    }),
  );
  const [one, other] = [pids[0]!, pids[SHARING]!];
  const memory = new GuestMemory();
  const linear = new WebAssembly.Memory({ initial: 1 });
  memory.attach(linear, 0);
  const write = (pid: Pid, at: number) => {
    const encoded = encodeTerm(pid);
    new Uint8Array(linear.buffer).set(encoded, at);
    return encoded.length;
  };
  const reader = addressReader(runtime);
  const process = (pid: Pid, at = 64) => reader.localProcess(memory, at, write(pid, at));
  const pid = (of: Pid, at = 64) => reader.localPid(memory, at, write(of, at));
  return { runtime, one, other, process, pid };
}

const numberOf = (process: Process | undefined) => process?.pid.number;

describe("the reader of addresses", () => {
  test("tells processes apart whose numbers end alike, however they are asked for in turn", () => {
    const { one, other, process, pid } = scene();
    expect(other.number - one.number).toBe(SHARING);
    for (let i = 0; i < 3; i++) {
      expect(numberOf(process(one))).toBe(one.number);
      expect(numberOf(process(one))).toBe(one.number);
      expect(pid(other)?.number).toBe(other.number);
      expect(numberOf(process(one))).toBe(one.number);
      expect(numberOf(process(other))).toBe(other.number);
    }
  });

  test("finds them at any address", () => {
    const { one, process } = scene();
    for (let at = 64; at < 72; at++) expect(numberOf(process(one, at))).toBe(one.number);
  });

  test("finds no process that has ended, and its pid all the same", () => {
    const { runtime, one, process, pid } = scene();
    expect(numberOf(process(one))).toBe(one.number);
    runtime.kill(one);
    expect(process(one)).toBeUndefined();
    expect(pid(one)?.number).toBe(one.number);
  });

  test("takes no pid of another node or of an earlier life of this one for its own", () => {
    const { runtime, one, process } = scene();
    expect(numberOf(process(one))).toBe(one.number);
    expect(process(new Pid(runtime.name, one.number, runtime.creation + 1))).toBeUndefined();
    expect(process(new Pid(`${runtime.name.slice(0, -1)}~`, one.number, runtime.creation))).toBeUndefined();
    expect(process(new Pid(`${runtime.name}x`, one.number, runtime.creation))).toBeUndefined();
  });
});
