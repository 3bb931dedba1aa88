// Standard streams, clocks and waiting: who waits is suspended while others run, and nothing here reads a real clock.
import { describe, expect, it } from "vitest";
import { Host } from "../../../host/host.ts";
import type { Pid } from "../../../host/otp/index.ts";
import { checkDeterminism, type Simulation, simulate } from "../../../host/sim/index.ts";
import { ERRNO } from "../../../host/wasm/wasi/errno.ts";
import { parseWat } from "../../../instrument/index.ts";
import { OPEN, Script, textAt } from "./support/script.ts";

const { success, badf, inval, again } = ERRNO;
const encoder = new TextEncoder();

/** A source of pieces that come when they are pushed. */
class Source implements AsyncIterable<Uint8Array> {
  readonly #pieces: (string | undefined)[] = [];
  #waiting: (() => void) | undefined;
  asked = 0;

  push(piece?: string): void {
    this.#pieces.push(piece);
    this.#waiting?.();
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.asked++;
      if (this.#pieces.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      yield encoder.encode(piece);
    }
  }
}

/** Reads `length` bytes, if there are so many; the buffer and the count. */
function read(script: Script, length = 64): { readonly at: number; readonly count: number } {
  const [at, count] = [script.room(length), script.room(4)];
  script.call("fd_read", 0, ...script.vectors([at, length]), count);
  return { at, count };
}

function clock(ns: bigint, options: { id?: number; absolute?: boolean; userdata?: bigint } = {}): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setBigUint64(0, options.userdata ?? 1n, true);
  view.setUint32(16, options.id ?? 1, true);
  view.setBigUint64(24, ns, true);
  view.setUint16(40, options.absolute ? 1 : 0, true);
  return new Uint8Array(view.buffer);
}

function descriptor(type: 1 | 2, fd: number, userdata: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setBigUint64(0, userdata, true);
  view.setUint8(8, type);
  view.setUint32(16, fd, true);
  return new Uint8Array(view.buffer);
}

/** Polls; where the events are, and their number. */
function poll(
  script: Script,
  ...subscriptions: readonly Uint8Array[]
): { readonly events: number; readonly count: number } {
  const [at] = script.bytes(Buffer.concat(subscriptions));
  const [events, count] = [script.room(32 * subscriptions.length), script.room(4)];
  script.call("poll_oneoff", at, events, subscriptions.length, count);
  return { events, count };
}

describe("standard input", () => {
  it("is read as it comes, and then at its end", async () => {
    const script = new Script();
    const [first, second, third] = [read(script, 3), read(script), read(script)];
    const { errnos, memory } = await script.play({ stdin: "hello\n" });
    expect(errnos).toEqual([success, success, success]);
    expect([first, second, third].map(({ count }) => memory.getUint32(count, true))).toEqual([3, 3, 0]);
    expect(textAt(memory, first.at, 3) + textAt(memory, second.at, 3)).toBe("hello\n");
  });

  it("is at its end for whom it is not granted, and where there is none", async () => {
    for (const options of [{ stdin: "hello", grants: ["stdio"] as const }, {}]) {
      const script = new Script();
      const { count } = read(script);
      const { errnos, memory } = await script.play(options);
      expect([errnos, memory.getUint32(count, true)]).toEqual([[success], 0]);
    }
  });

  it("suspends its reader until something comes, while others run; nothing is asked of it before", async () => {
    const source = new Source();
    const pieces: Uint8Array[] = [];
    await using host = new Host({
      grants: "all",
      stdin: source,
      write: (_, bytes) => void pieces.push(bytes),
    });
    const script = new Script();
    const { at, count } = read(script);
    const program = await script.load(host);
    expect(source.asked).toBe(0);
    const reader = host.spawn(program);
    // Both run on one thread: this would never come back if the reader held it.
    const other = await new Script().play();
    expect(other.reason).toBe("normal");
    expect(host.info(reader)?.status).toBe("waiting");
    source.push("late");
    const { memory } = script.read(await host.exited(reader), pieces);
    expect([textAt(memory, at, 4), memory.getUint32(count, true), source.asked]).toEqual(["late", 4, 1]);
  });

  it("is shared by several readers, each of which gets what it is there for", async () => {
    const source = new Source();
    const written = new Map<Pid, Uint8Array[]>();
    await using host = new Host({
      grants: "all",
      stdin: source,
      write: (_, bytes, pid) => void written.set(pid, [...(written.get(pid) ?? []), bytes]),
    });
    const script = new Script();
    const { at } = read(script, 4);
    const program = await script.load(host);
    const pids = [1, 2, 3].map(() => host.spawn(program));
    // The second one dies while it waits, and takes nothing with it.
    host.kill(pids[1]!);
    source.push("one.two.");
    const texts = [];
    const reasons = [pids[0]!, pids[2]!].map(async (pid) => [pid, await host.exited(pid)] as const);
    for (const [pid, reason] of await Promise.all(reasons)) {
      const { memory } = script.read(reason, written.get(pid)!);
      texts.push(textAt(memory, at, 4));
    }
    expect(texts.sort()).toEqual(["one.", "two."]);
  });

  it("does not wait for a reader that asked not to", async () => {
    const script = new Script();
    script.call("fd_fdstat_set_flags", 0, 4);
    read(script);
    expect((await script.play({ stdin: new Source() })).errnos).toEqual([success, again]);
  });

  it("ends when its source fails", async () => {
    const script = new Script();
    const { count } = read(script);
    const failing = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("the cable was pulled")) }),
    };
    const { errnos, memory } = await script.play({ stdin: failing });
    expect([errnos, memory.getUint32(count, true)]).toEqual([[success], 0]);
  });
});

/** Writes some lines and waits, ends or loops. */
const WRITER = `(module
  (import "stdio" "write" (func $write (param i32 i32 i32) (result i32)))
  (import "process" "yield" (func $yield))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "half a line, whole\\nrest")
  (data (i32.const 116) "\\01\\00\\00\\00\\00\\00\\00\\00\\40\\42\\0f")
  (func $say (param i32 i32) (drop (call $write (i32.const 1) (local.get 0) (local.get 1))))
  (func (export "main") (call $say (i32.const 0) (i32.const 13)) (call $yield) (call $say (i32.const 13) (i32.const 6)))
  (func (export "rest") (call $say (i32.const 13) (i32.const 10)) (unreachable))
  (func (export "waits") (call $say (i32.const 19) (i32.const 4)) (drop (call $poll (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 300)))
    (call $say (i32.const 19) (i32.const 4)))
  (func (export "flood") (loop $l (call $say (i32.const 13) (i32.const 6)) (br $l))))`;

describe("what a guest writes", () => {
  async function host(options: ConstructorParameters<typeof Host>[0] = {}) {
    const written: string[] = [];
    const host = new Host({
      grants: "all",
      write: (stream, bytes, pid) => void written.push(`${pid} ${stream} ${new TextDecoder().decode(bytes)}`),
      ...options,
    });
    return { host, written, program: await host.load(parseWat(WRITER), { name: "writer" }) };
  }

  it("goes out in whole lines, so that those of several processes do not mix", async () => {
    const { host: it, written, program } = await host();
    const pids = [it.spawn(program), it.spawn(program)];
    for (const pid of pids) await it.exited(pid);
    expect(written).toEqual(["<0.1.0> 1 half a line, whole\n", "<0.2.0> 1 half a line, whole\n"]);
  });

  it("goes out to the last byte when it ends, also by a trap", async () => {
    const { host: it, written, program } = await host();
    await it.exited(it.spawn(program, "rest"));
    expect(written).toEqual(["<0.1.0> 1 whole\n", "<0.1.0> 1 rest"]);
  });

  it("goes out before it waits, so that a prompt is seen", async () => {
    const written: string[] = [];
    const write = (_: number, bytes: Uint8Array) => void written.push(new TextDecoder().decode(bytes));
    const { error } = await simulate(
      async (sim) => {
        const pid = sim.spawn(await sim.load(parseWat(WRITER), { name: "writer" }), "waits", { write });
        await sim.exited(pid);
      },
      { host: { grants: "all" } },
    );
    expect([error, written]).toEqual([undefined, ["rest", "rest"]]);
  });

  it("is labelled with its writer where that is asked for", async () => {
    const { host: it, written, program } = await host({ output: "labelled" });
    await it.exited(it.spawn(program, "rest"));
    await it.exited(it.spawn(program, "main", { name: "printer" }));
    expect(written).toEqual([
      "<0.1.0> 1 <0.1.0>: whole\n",
      "<0.1.0> 1 <0.1.0>: rest\n",
      "<0.2.0> 1 <0.2.0> printer: half a line, whole\n",
    ]);
  });

  it("is captured for one process where that is asked for", async () => {
    const { host: it, written, program } = await host();
    const captured: string[] = [];
    const write = (_: 1 | 2, bytes: Uint8Array) => void captured.push(new TextDecoder().decode(bytes));
    await it.exited(it.spawn(program, "main", { write }));
    expect([captured, written]).toEqual([["half a line, whole\n"], []]);
  });

  it("has it wait while whoever takes it has no room, and others run", async () => {
    let open: () => void = () => {};
    let lines = 0;
    const { host: it, program } = await host({
      write: () => {
        lines++;
        return new Promise<void>((resolve) => (open = resolve));
      },
    });
    const flood = it.spawn(program, "flood");
    const exited = it.exited(flood);
    expect((await new Script().play()).reason).toBe("normal");
    expect([lines, it.info(flood)?.status]).toEqual([1, "waiting"]);
    open();
    expect((await new Script().play()).reason).toBe("normal");
    expect([lines, it.info(flood)?.status]).toEqual([2, "waiting"]);
    it.kill(flood);
    expect(await exited).toBe("killed");
  });
});

describe("poll_oneoff", () => {
  async function inVirtualTime(script: Script, options: { stdin?: AsyncIterable<Uint8Array> } = {}) {
    let passed = 0;
    const pieces: Uint8Array[] = [];
    let played: ReturnType<Script["read"]> | undefined;
    const run = await simulate(
      async (sim) => {
        const program = await script.load(sim);
        const started = sim.now;
        const pid = sim.spawn(program, "_start", { write: (_, bytes) => void pieces.push(bytes) });
        const reason = await sim.exited(pid);
        passed = sim.now - started;
        played = script.read(reason, pieces);
      },
      { host: { grants: ["stdio", "stdin", "clock"], ...options } },
    );
    expect(run.error).toBeUndefined();
    return { ...played!, passed };
  }

  it("waits for the first of several clocks, on the time of the Environment", async () => {
    const script = new Script();
    const { events, count } = poll(
      script,
      clock(90_000_000_000_000n, { userdata: 7n }),
      clock(60_000_000_000n, { userdata: 8n }),
      clock(61_000_000_000n, { id: 0, userdata: 9n }),
    );
    const { errnos, memory, passed } = await inVirtualTime(script);
    expect([errnos, memory.getUint32(count, true), memory.getBigUint64(events, true)]).toEqual([
      [success],
      1,
      8n,
    ]);
    expect(Math.floor(passed)).toBe(60_000);
  });

  it("takes a time that is absolute as such, and one that is over as now", async () => {
    const script = new Script();
    // A simulated world begins with 2026.
    const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
    poll(script, clock(start + 5_000_000_000n, { id: 0, absolute: true }));
    poll(script, clock(start, { id: 0, absolute: true }), clock(10_000_000_000n));
    const { errnos, passed } = await inVirtualTime(script);
    expect([errnos, Math.floor(passed)]).toEqual([[success, success], 5000]);
  });

  it("finds what can be read and written ready, and says what is wrong with the rest", async () => {
    const script = new Script();
    const { events, count } = poll(
      script,
      descriptor(2, 1, 1n),
      descriptor(1, 0, 2n),
      descriptor(1, 77, 3n),
      descriptor(2, 0, 4n),
      clock(1n, { id: 9, userdata: 5n }),
      clock(1_000_000_000n, { userdata: 6n }),
    );
    const { errnos, memory, passed } = await inVirtualTime(script);
    expect([errnos, memory.getUint32(count, true), Math.floor(passed)]).toEqual([[success], 5, 0]);
    const found = Array.from({ length: 5 }, (_, i) => {
      const at = events + 32 * i;
      const [userdata, errno, type] = [
        memory.getBigUint64(at, true),
        memory.getUint16(at + 8, true),
        memory.getUint8(at + 10),
      ];
      return [userdata, errno, type, memory.getUint16(at + 24, true)];
    });
    expect(found).toEqual([
      [1n, success, 2, 0],
      // At its end, which is hanging up.
      [2n, success, 1, 1],
      [3n, badf, 1, 0],
      [4n, badf, 2, 0],
      [5n, inval, 0, 0],
    ]);
  });

  it("waits for input as long as its clock says, and no longer", async () => {
    const script = new Script();
    const first = poll(script, descriptor(1, 0, 1n), clock(2_000_000_000n, { userdata: 2n }));
    const { memory, passed } = await inVirtualTime(script, { stdin: new Source() });
    expect([memory.getBigUint64(first.events, true), Math.floor(passed)]).toEqual([2n, 2000]);
  });

  it("is woken by input before its clock, and a later wait has its whole time", async () => {
    const script = new Script();
    const source = new Source();
    const first = poll(script, descriptor(1, 0, 1n), clock(90_000_000_000_000n, { userdata: 2n }));
    const got = read(script, 4);
    const pieces: Uint8Array[] = [];
    await using host = new Host({
      grants: "all",
      stdin: source,
      write: (_, bytes) => void pieces.push(bytes),
    });
    const pid = host.spawn(await script.load(host));
    await new Script().play();
    source.push("text");
    const { memory } = script.read(await host.exited(pid), pieces);
    expect([memory.getBigUint64(first.events, true), memory.getBigUint64(first.events + 16, true)]).toEqual([
      1n,
      4n,
    ]);
    expect(textAt(memory, got.at, 4)).toBe("text");
  });

  it("refuses nothing at all and far too much", async () => {
    const script = new Script();
    script.call("poll_oneoff", 0, 0, 0, 0);
    script.call("poll_oneoff", 0, 0, 5000, 0);
    expect((await script.play()).errnos).toEqual([inval, inval]);
  });
});

describe("a simulated run", () => {
  it("is the same every time: clocks, randomness, files and waiting", async () => {
    const script = new Script();
    const [time, bytes, stat] = [script.room(8), script.room(32), script.room(64)];
    script.call("random_get", bytes, 32);
    const fd = script.open("file", { flags: OPEN.create });
    script.call("fd_write", fd, ...script.vectors([bytes, 32]), script.room(4));
    poll(script, clock(123_456_789n));
    script.call("clock_time_get", 0, 0n, time);
    script.call("fd_filestat_get", fd, stat);
    const seen: string[] = [];
    const scenario = async (sim: Simulation) => {
      const pieces: Uint8Array[] = [];
      const program = await script.load(sim);
      const reason = await sim.exited(
        sim.spawn(program, "_start", { write: (_, bytes) => void pieces.push(bytes) }),
      );
      const { errnos, memory } = script.read(reason, pieces);
      expect(errnos).toEqual(Array(6).fill(success));
      const file = Buffer.from(sim.files.read("/data/file")!).toString("hex");
      seen.push(`${file} ${memory.getBigUint64(time, true)} ${memory.getBigUint64(stat + 48, true)}`);
    };
    const directories = [{ host: "/data", guest: "/", mode: "write" as const }];
    const run = await checkDeterminism(scenario, {
      seed: 5,
      files: { data: {} },
      host: { grants: ["stdio", "clock"], directories },
    });
    expect(run.error).toBeUndefined();
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toMatch(/^[0-9a-f]{64} 17672256001\d+ 1767225600\d+$/);
  });
});
