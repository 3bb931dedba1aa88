import { expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { parseWat } from "../../instrument/index.ts";

const ECHO = `(module
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "process" "self" (func $self (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "main")
    (local $n i32)
    (loop $again
      (local.set $n (call $receive (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 4096) (i32.const -1)))
      (br_if $again (local.get $n))))
  (func (export "spin") (loop $l (br $l)))
  (func (export "boom") unreachable))`;

it("runs a guest", async () => {
  const host = new Host();
  const program = await host.load(parseWat(ECHO, "echo.wat"), { name: "echo.wat" });
  const spin = host.spawn(program, "spin");
  const boom = host.spawn(program, "boom");
  const main = host.spawn(program, "main");
  host.send(main, "hello");
  expect(await host.exited(boom)).toMatchObject({ type: "trap", kind: "unreachable" });
  expect(host.info(main)).toMatchObject({ status: "waiting", messageQueueLength: 0 });
  const over = host.exited(spin);
  host.kill(spin);
  expect(await over).toBe("killed");
});
