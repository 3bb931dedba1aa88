import { afterEach, expect, it } from "vitest";
import { createHost, type Host } from "../../host/index.ts";
import { parseWat } from "../../instrument/index.ts";

let host: Host;
afterEach(() => host.close());

/** Adds up what it is sent; answers with the sum, a byte, when that is sent with it as a pid. */
const ADDER = parseWat(`(module
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\83\\61\\00")
  (data (i32.const 128) "\\83\\77\\07counter")
  (global $sum (mut i32) (i32.const 0))
  (func (export "main")
    (loop $again
      ;; 131, SMALL_INTEGER_EXT, the number
      (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 4096) (i32.const 16) (i32.const -1)))
      (global.set $sum (i32.add (global.get $sum) (i32.load8_u (i32.const 4098))))
      (i32.store8 (i32.const 18) (global.get $sum))
      (drop (call $send (i32.const 128) (i32.const 10) (i32.const 16) (i32.const 3)))
      (br $again))))`);

it("50,000 processes share 100 instances; each has run, waits, and is woken twice more", async () => {
  const count = 50_000;
  host = await createHost({ maxProcesses: count + 1, pool: { maxInstances: 100 } });
  const program = await host.load(ADDER);
  let answers = 0;
  let sum = 0;
  let wanted: () => void;
  const counter = host.runtime.spawn(async (self) => {
    for (;;) {
      const message = await self.receive();
      sum += message as number;
      if (++answers % count === 0) wanted();
    }
  });
  host.runtime.register("counter", counter);
  const pids = Array.from({ length: count }, () => host.spawn(program));
  for (const [add, expected] of [
    [1, 1],
    [2, 3],
    [3, 6],
  ] as const) {
    const all = new Promise<void>((resolve) => {
      wanted = resolve;
    });
    sum = 0;
    for (const pid of pids) host.send(pid, add);
    await all;
    expect(sum).toBe(expected * count);
  }
  expect(host.pool.parked).toBe(count - 100);
  expect(host.pool.instances).toBe(100);
  expect(host.pool.parkedBytes / count).toBeLessThan(256);
}, 60_000);
