import { describe, expect, it } from "vitest";
import { createCoroutine, instrument } from "../../instrument/index.ts";
import { assemble, engineRuns } from "./support/assemble.ts";
import { type Call, outcome, SLICES } from "./support/both-ways.ts";

const SPIN = `(import "env" "note" (func $note (param i32)))
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (func $spin (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (local.get $s))`;

const WIDE = assemble(`(module ${SPIN}
  (memory $m (export "memory") i64 2 10)
  (table $t i64 3 funcref)
  (elem (table $t) (i64.const 1) func $spin)
  (data (i64.const 16) "hello")
  (data $passive "world!")
  (type $f (func (param i32) (result i32)))
  (func (export "loads and stores") (param $n i32) (result i64)
    (i64.store offset=8 (i64.const 65528) (i64.extend_i32_s (call $spin (local.get $n))))
    (i64.add (i64.load (i64.const 65536)) (i64.load8_u (i64.extend_i32_u (i32.add (call $wait (i32.const 10)) (local.get $n))))))
  (func (export "size and growth") (param $n i32) (result i64)
    (call $note (i32.wrap_i64 (memory.size)))
    (call $note (i32.wrap_i64 (memory.grow (i64.extend_i32_u (call $spin (i32.const 2))))))
    (call $note (i32.wrap_i64 (memory.grow (i64.const 0x100000000))))
    (memory.size))
  (func (export "bulk") (param $n i32) (result i32)
    (memory.fill (i64.const 1000) (call $spin (local.get $n)) (i64.const 60000))
    (memory.copy (i64.const 70000) (i64.const 500) (i64.const 50000))
    (memory.init $passive (i64.const 70000) (i32.const 0) (i32.const 6))
    (i32.add (i32.load8_u (i64.const 70002)) (i32.load8_u (i64.const 71000))))
  (func (export "fills too much") (param $n i32) (memory.fill (i64.const 1000) (local.get $n) (i64.const 0x7000000000000000)))
  (func (export "just past the end") (param $n i32) (result i32) (drop (call $spin (local.get $n))) (i32.load8_u (i64.mul (memory.size) (i64.const 65536))))
  (func (export "tables") (param $n i32) (result i64)
    (i64.add (table.size $t)
      (i64.add (table.grow $t (ref.null func) (i64.const 5))
        (i64.extend_i32_s (call_indirect $t (type $f) (local.get $n) (i64.const 1))))))
)`);

const SEVERAL = assemble(`(module ${SPIN}
  (memory $a (export "memory") 1 3)
  (memory $b (export "second") 1 4)
  (data (memory $a) (i32.const 0) "first")
  (data (memory $b) (i32.const 0) "second")
  (func (export "loads and stores") (param $n i32) (result i32)
    (i32.store $b (i32.const 100) (call $spin (local.get $n)))
    (i32.store $a (i32.const 100) (call $spin (i32.const 2)))
    (i32.add (i32.load $b (i32.const 100)) (i32.add (i32.load8_u $a (i32.const 0)) (i32.load8_u $b (call $wait (i32.const 0))))))
  (func (export "size and growth") (param $n i32) (result i32)
    (call $note (memory.grow $b (call $spin (i32.const 2))))
    (call $note (memory.grow $a (i32.const 1)))
    (call $note (memory.grow $a (i32.const 9)))
    (i32.add (i32.mul (memory.size $a) (i32.const 100)) (memory.size $b)))
  (func (export "bulk") (param $n i32) (result i32)
    (memory.fill $b (i32.const 10) (call $spin (local.get $n)) (i32.const 5000))
    (memory.copy $a $b (i32.const 1) (i32.const 8) (i32.const 4000))
    (memory.copy $b $a (i32.const 1) (i32.const 0) (i32.const 4000))
    (i32.load (i32.const 0)))
  (func (export "copies past the end") (param $n i32)
    (drop (call $spin (local.get $n)))
    (memory.copy $a $b (i32.const 65535) (i32.const 0) (i32.const 2)))
  (func (export "just past the end") (param $n i32) (result i32) (drop (call $spin (local.get $n))) (i32.load8_u $b (i32.const 65536)))
)`);

const names = (list: readonly string[]): Call[] => list.map((name) => ({ name, args: [6] }));

async function compare(source: Uint8Array, call: Call): Promise<void> {
  const raw = await outcome(source, [call], "raw");
  const whole = await outcome(source, [call], 1_000_000);
  for (const slice of SLICES) {
    const ours = await outcome(source, [call], slice);
    expect({ results: ours.results, notes: ours.notes }).toEqual({ results: raw.results, notes: raw.notes });
    expect(ours.fuel).toBe(whole.fuel);
  }
}

describe.skipIf(!engineRuns(WIDE))("a program with 64-bit addresses", () => {
  it.each(
    names(["loads and stores", "size and growth", "bulk", "fills too much", "just past the end", "tables"]),
  )("does the same when it is stopped: $name", async (call) => {
    await compare(WIDE, call);
  });

  it("pays for the length of bulk instructions", async () => {
    const { fuel } = await outcome(WIDE, [{ name: "bulk", args: [6] }], 1_000_000);
    expect(fuel).toBeGreaterThan(110_000 / 128);
  });

  it("does not grow above the limit of the process", async () => {
    expect(await sizeAfterGrowth(WIDE, 3)).toBe(2n);
  });
});

describe.skipIf(!engineRuns(SEVERAL))("a program with several memories", () => {
  it.each(names(["loads and stores", "size and growth", "bulk", "copies past the end", "just past the end"]))(
    "does the same when it is stopped: $name",
    async (call) => {
      await compare(SEVERAL, call);
    },
  );

  it("has one limit for all of them", async () => {
    // One page each, and the second would get three more.
    expect(await sizeAfterGrowth(SEVERAL, 4)).toBe(201);
  });
});

/** What "size and growth" gives with this many pages allowed. */
async function sizeAfterGrowth(source: Uint8Array, pages: number): Promise<unknown> {
  const { wasm, manifest } = await instrument(source);
  const coroutine = createCoroutine(manifest);
  const imports = { env: { note: () => {}, wait: (n: number) => n } };
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(wasm as BufferSource),
    coroutine.imports(imports),
  );
  coroutine.attach(instance);
  coroutine.limitMemory(pages * 65_536);
  coroutine.fuel = 1_000_000;
  coroutine.start(instance.exports["size and growth"] as never, [6]);
  return coroutine.returned;
}

describe("a memory that two programs share", () => {
  const SOURCE = `(module
    (import "env" "memory" (memory 1))
    (func (export "count") (param $n i32) (result i32)
      (loop $l
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.load8_u (i32.const 0))))`;

  async function two(): Promise<readonly [Guest, Guest]> {
    const { wasm, manifest } = await instrument(assemble(SOURCE));
    const module = new WebAssembly.Module(wasm as BufferSource);
    const memory = new WebAssembly.Memory({ initial: 1 + manifest.frameBytes / 65_536 });
    const make = (): Guest => {
      const coroutine = createCoroutine(manifest);
      const instance = new WebAssembly.Instance(module, coroutine.imports({ env: { memory } }));
      coroutine.attach(instance);
      return { coroutine, count: instance.exports.count as never, memory, manifest };
    };
    return [make(), make()];
  }
  interface Guest {
    readonly coroutine: ReturnType<typeof createCoroutine>;
    readonly count: never;
    readonly memory: WebAssembly.Memory;
    readonly manifest: { readonly frameBytes: number };
  }

  it("is the same for both, behind the room for frames", async () => {
    const [one, other] = await two();
    one.coroutine.fuel = other.coroutine.fuel = 1_000;
    expect(one.coroutine.start(one.count, [3])).toBe("returned");
    expect(other.coroutine.start(other.count, [4])).toBe("returned");
    expect(other.coroutine.returned).toBe(7);
    expect(new Uint8Array(one.memory.buffer)[one.manifest.frameBytes]).toBe(7);
  });

  it("holds one captured stack: nobody else is started meanwhile", async () => {
    const [one, other] = await two();
    one.coroutine.fuel = 2;
    other.coroutine.fuel = 1_000;
    expect(one.coroutine.start(one.count, [50])).toBe("preempted");
    expect(() => other.coroutine.start(other.count, [4])).toThrow(
      /another guest that shares this one's memory is stopped/,
    );
    one.coroutine.fuel = 1_000;
    expect(one.coroutine.resume()).toBe("returned");
    expect(other.coroutine.start(other.count, [4])).toBe("returned");
  });

  it("has to be larger than the program says by the room for frames", async () => {
    const { wasm, manifest } = await instrument(assemble(SOURCE));
    const imports = { env: { memory: new WebAssembly.Memory({ initial: 1 }) } };
    expect(
      () =>
        new WebAssembly.Instance(
          new WebAssembly.Module(wasm as BufferSource),
          createCoroutine(manifest).imports(imports),
        ),
    ).toThrow(WebAssembly.LinkError);
  });
});
