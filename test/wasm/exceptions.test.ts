import { describe, expect, it } from "vitest";
import type { ExitReason } from "../../host/otp/index.ts";
import { createSimulation } from "../../host/sim/index.ts";
import { parseWat } from "../../instrument/index.ts";

/** How a guest with these functions ends; `$spin` is there, takes a number and can be stopped. */
async function endOf(functions: string, limits: { fuel?: number } = {}): Promise<ExitReason> {
  await using sim = createSimulation({ host: { grants: "all", limits: { fuel: 1_000_000, ...limits } } });
  const program = await sim.load(
    parseWat(`(module
      (import "process" "exit" (func $exit (param i32 i32)))
      (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\83\\77\\03bye")
      (tag $t (param i32))
      (func $sleep (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 100) (i32.const 5))))
      (func $spin (param $n i32)
        (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      ${functions})`),
    { name: "throws.wasm" },
  );
  return await sim.exited(sim.spawn(program));
}

describe("an exception in a guest", () => {
  it("ends the process when nobody catches it, also behind frames that were captured", async () => {
    const reason = await endOf(`
      (func $throw (call $sleep) (call $spin (i32.const 100)) (throw $t (i32.const 1)))
      (func (export "main") (call $throw) (call $spin (i32.const 3)))`);
    expect(reason).toMatchObject({ type: "trap", kind: "uncaught_exception" });
  });

  it("is caught over a time of waiting", async () => {
    const reason = await endOf(`
      (func $throw (call $sleep) (throw $t (i32.const 1)))
      (func (export "main")
        (try (do (call $throw)) (catch $t (drop (pop i32)) (call $exit (i32.const 0) (i32.const 6))))
        (unreachable))`);
    expect(String((reason as { name?: string }).name ?? reason)).toBe("bye");
  });
});

describe("a guest that catches all", () => {
  it("still ends when it exits", async () => {
    const reason = await endOf(`
      (func (export "main")
        (loop $l (try (do (call $exit (i32.const 0) (i32.const 6))) (catch_all (call $spin (i32.const 5)))) (br $l)))`);
    expect(String((reason as { name?: string }).name ?? reason)).toBe("bye");
  });

  it("still ends when its arguments are no good", async () => {
    const reason = await endOf(`
      (func (export "main")
        (loop $l (try (do (call $exit (i32.const -5) (i32.const 6))) (catch_all (call $spin (i32.const 5)))) (br $l)))`);
    expect(reason).toMatchObject({ type: "trap" });
    expect((reason as { kind: string }).kind).not.toBe("fuel_exhausted");
  });

  it("still ends when its fuel is used up", async () => {
    const reason = await endOf(
      `(func $throw (call $spin (i32.const 50)) (throw $t (i32.const 1)))
       (func (export "main") (loop $l (try (do (call $throw)) (catch_all)) (br $l)))`,
      { fuel: 100_000 },
    );
    expect(reason).toMatchObject({ type: "trap", kind: "fuel_exhausted" });
  });

  it("gets no fuel back by throwing out of a loop", async () => {
    // All of its work is done by functions that end with an exception; what they have used in a local must not be lost.
    const reason = await endOf(
      `(func $raise (throw $t (i32.const 1)))
       (func $work (param $n i32)
         (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
         (call $raise))
       (func (export "main") (local $i i32)
         (loop $l
           (try (do (call $work (i32.const 1000))) (catch_all))
           (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000)))))`,
      { fuel: 500_000 },
    );
    expect(reason).toMatchObject({ type: "trap", kind: "fuel_exhausted" });
  });
});
