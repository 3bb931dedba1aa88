// What all guests of a host may have together: beyond it they are told, and the host goes on.
import { afterEach, describe, expect, it } from "vitest";
import { createHost, type Host, type HostOptions, type RuntimeEvent } from "../../host/index.ts";
import { parseWat } from "../../instrument/index.ts";

let host: Host;
afterEach(() => host?.close());

async function open(options: HostOptions): Promise<Host> {
  host = await createHost({ grants: "all", ...options });
  return host;
}

/** Takes messages from guests, one after the other. */
function parent(): { next(): Promise<unknown> } {
  const messages: unknown[] = [];
  let arrived = () => {};
  const pid = host.runtime.spawn(async (self) => {
    for (;;) {
      messages.push(await self.receive());
      arrived();
    }
  });
  host.runtime.register("parent", pid);
  return {
    next: async () => {
      while (messages.length === 0)
        await new Promise<void>((done) => {
          arrived = done;
        });
      return messages.shift();
    },
  };
}

/** Sends its parent a byte: `{131, SMALL_INTEGER_EXT, n}`. */
const TELL = `
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (import "process" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\83\\61\\00")
  (data (i32.const 128) "\\83\\77\\06parent")
  (func $tell (param $n i32)
    (i32.store8 (i32.const 18) (local.get $n))
    (drop (call $send (i32.const 128) (i32.const 9) (i32.const 16) (i32.const 3))))
  (func $wait (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 2048) (i32.const 1024) (i32.const -1))))`;

/** Grows page by page until that fails, tells how many pages it has, waits, and tries again. */
const GROWER = parseWat(`(module ${TELL}
  (func (export "main")
    (loop $again
      (loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (call $tell (memory.size))
      (call $wait)
      (br $again))))`);

/** Sends a child that never looks messages of so many bytes until that fails, and tells how many there were. */
const flooder = (bytes: number) =>
  parseWat(`(module ${TELL}
  (data (i32.const 512) "\\83\\77\\05child")
  ;; {131, BINARY_EXT, length}
  (data (i32.const 4096) "\\83\\6d\\00\\00\\${hex((bytes - 6) >> 8)}\\${hex((bytes - 6) & 255)}")
  (func (export "child") (call $wait))
  (func (export "main") (local $pid i32) (local $sent i32)
    (local.set $pid
      (call $spawn (i32.const 512) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 512)))
    (loop $more
      (if (i32.eqz (call $send (i32.const 1024) (local.get $pid) (i32.const 4096) (i32.const ${bytes})))
        (then (local.set $sent (i32.add (local.get $sent) (i32.const 1))) (br $more))))
    (call $tell (local.get $sent))))`);

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

describe("memory of all instances", () => {
  const FOUR = { limits: { memoryBytes: 4 * 65_536 } };

  it("is bounded: beyond it none grows and none begins, which is told, until one has ended", async () => {
    await open({ pool: { maxMemoryBytes: 10 * 65_536, parking: "never" } });
    const events: RuntimeEvent[] = [];
    host.runtime.subscribe((event) => {
      if (event.type === "limitReached") events.push(event);
    });
    const program = await host.load(GROWER);
    const guests = parent();
    const first = host.spawn(program, "main");
    expect(await guests.next()).toBe(10);
    expect(events).toMatchObject([{ pid: first, limit: "memoryBytes", scope: "host", max: 10 * 65_536 }]);
    expect(await host.exited(host.spawn(program, "main", FOUR))).toBe("system_limit");
    host.kill(first);
    await host.exited(first);
    host.spawn(program, "main", FOUR);
    expect(await guests.next()).toBe(4);
    host.spawn(program, "main");
    expect(await guests.next()).toBe(6);
  });

  it("is left to others by who waits, and made room for when they come back", async () => {
    await open({ pool: { maxMemoryBytes: 10 * 65_536 } });
    const program = await host.load(GROWER);
    const guests = parent();
    const first = host.spawn(program, "main");
    expect(await guests.next()).toBe(10);
    const second = host.spawn(program, "main", FOUR);
    expect(await guests.next()).toBe(4);
    expect(host.pool).toMatchObject({ instances: 1, parked: 1 });
    host.send(first, 1);
    expect(await guests.next()).toBe(10);
    expect(host.pool).toMatchObject({ instances: 1, parked: 1 });
    host.send(second, 1);
    expect(await guests.next()).toBe(4);
  });
});

describe("messages that wait for all guests", () => {
  // Short messages and long ones lie in different places.
  it.each([400, 600])(
    "are bounded: whoever sends %i bytes more gets system_limit; and are gone with who had them",
    async (bytes) => {
      await open({ maxMailboxBytes: 100_000 });
      const program = await host.load(flooder(bytes));
      for (let round = 0; round < 3; round++) {
        const guests = parent();
        host.spawn(program, "main");
        expect(await guests.next()).toBe(Math.ceil(100_000 / (bytes + (bytes > 508 ? 256 : 32))));
        for (const pid of host.runtime.processes()) host.kill(pid);
        while (host.runtime.processes().length > 0) await new Promise(setImmediate);
      }
    },
  );

  it("of whom there may be more once some were taken", async () => {
    await open({ maxMailboxBytes: 10_000 });
    const program = await host.load(
      parseWat(`(module ${TELL}
      (func (export "main") (loop $again (call $wait) (call $tell (i32.const 1)) (br $again))))`),
    );
    const guests = parent();
    const pid = host.spawn(program, "main");
    for (let round = 0; round < 5; round++) {
      let sent = 0;
      const send = () => {
        for (; sent < 100; sent++) host.send(pid, new Uint8Array(600));
      };
      expect(send).toThrow("is full");
      expect(sent).toBe(12);
      for (let i = 0; i < sent; i++) expect(await guests.next()).toBe(1);
    }
  });
});

describe("processes", () => {
  const wait = () => host.runtime.spawn((self) => self.receive());

  it("are bounded", async () => {
    await open({ maxProcesses: 3 });
    for (let i = 0; i < 3; i++) wait();
    expect(wait).toThrow("there are 3 processes, and no more may be");
  });
});
