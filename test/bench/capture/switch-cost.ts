// What one suspension and resumption costs at the top of stacks of several depths, the driver's loop included.
import { createCoroutine, instrument, parseWat, readManifest } from "../../../instrument/index.ts";

const SOURCE = `(module
  (import "host" "wait" (func $wait (param i32) (result i32)))
  (memory (export "memory") 1)
  (func $dive (export "dive") (param $depth i32) (param $times i32) (result i32) (local $sum i32)
    (if (i32.eqz (local.get $depth))
      (then
        (loop $again
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $wait (local.get $times))))
          (local.set $times (i32.sub (local.get $times) (i32.const 1)))
          (br_if $again (local.get $times)))
        (return (local.get $sum))))
    (i32.add (local.get $depth)
      (i32.mul (call $dive (i32.sub (local.get $depth) (i32.const 1)) (local.get $times)) (i32.const 3)))))`;
const TIMES = 200_000;

export async function switchCosts(): Promise<{ depth: number; ns: number }[]> {
  const { wasm } = await instrument(parseWat(SOURCE, "switch-cost.wat"), {
    suspending: ["host.wait"],
    stackBytes: 262_144,
  });
  const module = new WebAssembly.Module(wasm as BufferSource);
  const manifest = readManifest(module)!;
  return [3, 200, 2_000].map((depth) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const coroutine = createCoroutine(manifest);
      const wait = () => {
        coroutine.suspend();
        return 0;
      };
      const instance = new WebAssembly.Instance(module, coroutine.imports({ host: { wait } }));
      coroutine.attach(instance);
      coroutine.fuel = 100_000;
      let stop = coroutine.start(instance.exports.dive as never, [depth, TIMES]);
      const start = performance.now();
      while (stop !== "returned") {
        coroutine.fuel = 100_000;
        stop = coroutine.resume(7);
      }
      best = Math.min(best, ((performance.now() - start) * 1e6) / TIMES);
    }
    return { depth, ns: best };
  });
}
