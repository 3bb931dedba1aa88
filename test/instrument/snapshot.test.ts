import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Coroutine,
  createCoroutine,
  type InstrumentOptions,
  instrument,
  parseWat,
  type ReferenceNames,
  SnapshotError,
} from "../../instrument/index.ts";
import { seal } from "../../instrument/snapshot-format.ts";

/** State of every kind: a captured stack with references in it, memory that grew, globals, a table that the program writes. */
const SOURCE = `(module
  (import "host" "wait" (func $wait (param i32) (result i64)))
  (type $step (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table $steps 2 4 funcref)
  (table $objects 1 8 externref)
  (global $vector (mut v128) (v128.const i64x2 1 2))
  (global $object (mut externref) (ref.null extern))
  (global $last (mut funcref) (ref.null func))
  (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (elem declare func $double $next)
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "work") (param $n i32) (param $object externref) (result i32) (local $sum i32) (local $fn funcref)
    (local.set $fn (ref.func $next))
    (global.set $object (local.get $object))
    (global.set $last (ref.func $double))
    (drop (table.grow $steps (ref.null func) (i32.const 2)))
    (table.set $steps (i32.const 0) (ref.func $double))
    (drop (memory.grow (i32.const 1)))
    (loop $again
      (table.set $steps (i32.const 3) (local.get $fn))
      (table.set $objects (i32.const 0) (local.get $object))
      (i32.store (i32.const 70000) (call $fib (i32.const 5)))
      (global.set $vector (i32x4.add (global.get $vector) (v128.const i32x4 1 2 3 4)))
      (local.set $sum (call_indirect $steps (type $step)
        (i32.add (local.get $sum) (i32.load (i32.const 70000)))
        (select (i32.const 0) (i32.const 3) (i32.and (local.get $n) (i32.const 1)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $sum) (i32.add (i32x4.extract_lane 2 (global.get $vector))
      (i32.add (ref.is_null (global.get $object)) (ref.is_null (local.get $object))))))
  (func (export "ask") (param i32) (result i64) (i64.add (call $wait (local.get 0)) (call $wait (i32.const 5)))))`;

const OBJECT = { held: "by the host" };
const NAMES: ReferenceNames = {
  nameOf: (value) => (value === OBJECT ? "the object" : undefined),
  valueOf: (name) => (name === "the object" ? OBJECT : undefined),
};

interface Guest {
  readonly coroutine: Coroutine;
  readonly exports: Record<string, (...args: never[]) => unknown>;
}

async function program(options: InstrumentOptions = {}, source = SOURCE) {
  const { wasm, manifest } = await instrument(parseWat(source), { suspending: ["host.wait"], ...options });
  const module = new WebAssembly.Module(wasm as BufferSource);
  const fresh = (onWait?: (coroutine: Coroutine) => void): Guest => {
    const coroutine = createCoroutine(manifest);
    const wait = () => {
      onWait?.(coroutine);
      coroutine.suspend();
      return 0n;
    };
    const instance = new WebAssembly.Instance(module, coroutine.imports({ host: { wait } }));
    coroutine.attach(instance);
    return { coroutine, exports: instance.exports as Guest["exports"] };
  };
  return { wasm, manifest, fresh };
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SnapshotError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

/** A guest stopped in the middle of its work. */
async function stopped() {
  const built = await program();
  const guest = built.fresh();
  guest.coroutine.fuel = 60;
  expect(guest.coroutine.start(guest.exports.work as never, [40, OBJECT])).toBe("preempted");
  return { ...built, guest, snapshot: guest.coroutine.save(NAMES) };
}

describe("a snapshot", () => {
  it("moves a guest into a new instance after every slice, and nothing changes: result, fuel, state", async () => {
    const { fresh } = await program();
    const whole = fresh();
    whole.coroutine.fuel = 1_000_000;
    whole.coroutine.start(whole.exports.work as never, [40, OBJECT]);
    for (const slice of [1, 7, 50]) {
      let guest = fresh();
      let given = slice;
      guest.coroutine.fuel = slice;
      let stop = guest.coroutine.start(guest.exports.work as never, [40, OBJECT]);
      let moves = 0;
      while (stop !== "returned") {
        const snapshot = guest.coroutine.save(NAMES);
        guest = fresh();
        expect(guest.coroutine.restore(snapshot, NAMES)).toBe("preempted");
        moves++;
        given += slice;
        guest.coroutine.fuel += slice;
        stop = guest.coroutine.resume();
      }
      expect(moves).toBeGreaterThan(2);
      expect(guest.coroutine.returned).toBe(whole.coroutine.returned);
      expect(given - guest.coroutine.fuel).toBe(1_000_000 - whole.coroutine.fuel);
    }
  });

  it("of a guest that waits in an import goes on with the value that it is given elsewhere", async () => {
    const { fresh } = await program();
    const first = fresh();
    first.coroutine.fuel = 1_000;
    expect(first.coroutine.start(first.exports.ask as never, [1])).toBe("suspended");
    const second = fresh();
    expect(second.coroutine.restore(first.coroutine.save())).toBe("suspended");
    expect(second.coroutine.stopped).toBe(true);
    expect(second.coroutine.resume(40n)).toBe("suspended");
    const third = fresh();
    third.coroutine.restore(second.coroutine.save());
    expect(third.coroutine.resume(2n)).toBe("returned");
    expect(third.coroutine.returned).toBe(42n);
  });

  it("of a guest that is not in a call keeps what its calls have left", async () => {
    const { fresh } = await program();
    const first = fresh();
    first.coroutine.fuel = 10_000;
    first.coroutine.start(first.exports.work as never, [3, OBJECT]);
    const second = fresh();
    expect(second.coroutine.restore(first.coroutine.save(NAMES), NAMES)).toBe("idle");
    second.coroutine.start(second.exports.work as never, [3, OBJECT]);
    first.coroutine.start(first.exports.work as never, [3, OBJECT]);
    expect(second.coroutine.returned).toBe(first.coroutine.returned);
    expect(second.coroutine.fuel).toBe(first.coroutine.fuel);
  });

  it("goes on in another process", async () => {
    const { wasm, guest, snapshot } = await stopped();
    const folder = mkdtempSync(join(tmpdir(), "moonlet-snapshot-"));
    try {
      writeFileSync(join(folder, "program.wasm"), wasm);
      writeFileSync(join(folder, "snapshot"), snapshot);
      const script = `
        import { readFileSync } from "node:fs";
        import { createCoroutine, readManifest } from ${JSON.stringify(`file://${resolve("dist/instrument/running.js")}`)};
        const module = new WebAssembly.Module(readFileSync("program.wasm"));
        const coroutine = createCoroutine(readManifest(module));
        coroutine.attach(new WebAssembly.Instance(module, coroutine.imports({ host: { wait: () => 0n } })));
        const state = coroutine.restore(readFileSync("snapshot"), { nameOf: () => undefined, valueOf: (name) => ({ name }) });
        coroutine.fuel += 10_000;
        const stop = coroutine.resume();
        console.log(JSON.stringify([state, stop, coroutine.returned, coroutine.fuel]));`;
      const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: folder,
        encoding: "utf8",
      });
      expect(child.stderr).toBe("");
      guest.coroutine.fuel += 10_000;
      const stop = guest.coroutine.resume();
      expect(JSON.parse(child.stdout)).toEqual([
        "preempted",
        stop,
        guest.coroutine.returned,
        guest.coroutine.fuel,
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is small: zeros and what lies below the captured frames are left out", async () => {
    const { snapshot } = await stopped();
    expect(snapshot.length).toBeLessThan(2_000);
  });

  it("is refused from inside an import", async () => {
    const codes: string[] = [];
    const { fresh } = await program();
    const guest = fresh((coroutine) => {
      codes.push(
        code(() => coroutine.save()),
        code(() => coroutine.restore(new Uint8Array(9))),
      );
    });
    guest.coroutine.fuel = 1_000;
    guest.coroutine.start(guest.exports.ask as never, [1]);
    expect(codes).toEqual(["E_GUEST_RUNNING", "E_GUEST_RUNNING"]);
  });

  it("is refused by another program, and by the same program with other frames", async () => {
    const { snapshot } = await stopped();
    const other = await program({}, SOURCE.replace("(i32.const 70000)", "(i32.const 70004)"));
    const alike = await program({ stackBytes: 500_000 });
    for (const { fresh } of [other, alike]) {
      expect(code(() => fresh().coroutine.restore(snapshot, NAMES))).toBe("E_SNAPSHOT_MISMATCH");
    }
  });

  it("is refused by an instance whose memory or tables have grown further", async () => {
    const { fresh, snapshot } = await stopped();
    const used = fresh();
    (used.exports.memory as unknown as WebAssembly.Memory).grow(5);
    expect(code(() => used.coroutine.restore(snapshot, NAMES))).toBe("E_NOT_FRESH");
  });

  it("says which reference it cannot keep, and which it does not find", async () => {
    const { guest, fresh, snapshot } = await stopped();
    expect(() => guest.coroutine.save()).toThrow(/moonlet:.* holds a object that is not of the program/);
    expect(code(() => fresh().coroutine.restore(snapshot))).toBe("E_NOT_SERIALISABLE");
  });

  it("is refused when it is cut short or damaged anywhere", async () => {
    const { fresh, snapshot } = await stopped();
    const { coroutine } = fresh();
    for (let length = 0; length < snapshot.length; length++) {
      expect(code(() => coroutine.restore(snapshot.subarray(0, length), NAMES))).toMatch(/^E_SNAPSHOT/);
    }
    for (let at = 0; at < snapshot.length; at++) {
      const damaged = snapshot.slice();
      damaged[at]! ^= 1 << (at % 8);
      expect(code(() => coroutine.restore(damaged, NAMES))).toMatch(/^E_SNAPSHOT/);
    }
    expect(coroutine.restore(snapshot, NAMES)).toBe("preempted");
  });

  it("harms nobody but its own guest when it is forged with a checksum that is right", async () => {
    const { fresh, snapshot } = await stopped();
    const whole = seal(new Uint8Array(0)).length;
    const outcomes = new Set<string>();
    for (let at = whole; at < snapshot.length; at++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const body = snapshot.slice(whole);
        body[at - whole]! ^= bits;
        const { coroutine } = fresh();
        try {
          coroutine.restore(seal(body), NAMES);
          coroutine.fuel = 10_000;
          outcomes.add(coroutine.stopped ? coroutine.resume() : "idle");
        } catch (error) {
          if (!(error instanceof SnapshotError || error instanceof WebAssembly.RuntimeError)) throw error;
          outcomes.add(error.name);
        }
        expect(coroutine.fuel).toBeLessThanOrEqual(10_000);
      }
    }
    expect([...outcomes].sort()).toEqual(["RuntimeError", "SnapshotError", "idle", "preempted", "returned"]);
  });
});
