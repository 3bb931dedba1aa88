import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Context, Pid } from "../../host/otp/index.ts";
import { atom, encodeTerm, float, tuple } from "../../host/otp/term/index.ts";
import { createSimulation, type SimEvent, type Simulation } from "../../host/sim/index.ts";
import type { Program } from "../../host/wasm/program.ts";
import { BAD_TERMS, EDGES, FLOATS, LONGS } from "./support/edges.ts";
import {
  ARGUMENT_BYTES,
  BYTES_AT,
  type Call,
  HOSTILE,
  SHAPES,
  script,
  VICTIM,
} from "./support/hostile-guest.ts";

/** A world with a guest that must not notice anything, and one that asks it how it is. */
interface Town {
  readonly sim: Simulation;
  readonly hostile: Program;
  readonly victim: Pid;
  checks: number;
}

/** What an exit reason must never say: these are the words of a JavaScript engine, and our own bugs. */
const ENGINE_TALK =
  /Cannot |undefined|not iterable|not a function|Invalid (array|typed array|string|date)|BigInt|out of range|stack|constructor|moonlet is broken|Offset is outside/i;
const KINDS = [
  "abort",
  "bad_argument",
  "fuel_exhausted",
  "memory_limit",
  "table_limit",
  "suspended_in_callback",
  "out_of_bounds_memory_access",
  "indirect_call_type_mismatch",
  "unreachable",
];

let town: Town;
const rejections: unknown[] = [];
const onRejection = (error: unknown) => rejections.push(error);

beforeEach(async () => {
  process.on("unhandledRejection", onRejection);
  const sim = createSimulation({
    fuelPerMs: 1,
    host: {
      grants: "all",
      maxProcesses: 100,
      limits: { memoryBytes: 4 * 65_536, mailbox: 50, messageBytes: 100_000 },
    },
  });
  const victim = sim.spawn(await sim.load(VICTIM, { name: "victim" }), "main", {
    name: "victim",
    grants: [],
  });
  town = { sim, victim, hostile: await sim.load(HOSTILE, { name: "hostile" }), checks: 0 };
});
afterEach(async () => {
  await town.sim.close();
  process.off("unhandledRejection", onRejection);
  expect(rejections.splice(0)).toEqual([]);
});

/** Lets a hostile guest run, ends whatever it left behind, and looks at the neighbour and at how the guilty ended. */
async function attack(calls: readonly Call[], bytes: Uint8Array = new Uint8Array(0)): Promise<SimEvent[]> {
  const { sim, hostile, victim } = town;
  const before = sim.log.length;
  sim.spawn(hostile, "main", { args: script(calls, bytes), limits: { fuel: 100_000 } });
  await sim.advance("10m");
  for (const pid of sim.runtime.processes()) if (!pid.equals(victim)) sim.runtime.kill(pid);
  await sim.advance("1m");
  const answer = await ask(sim, victim);
  town.checks++;
  expect(answer).toEqual(
    new Uint8Array([town.checks & 255, town.checks >> 8, 0, 0, ...new TextEncoder().encode("do not touch")]),
  );
  const ends = sim.log.events.slice(before).filter(({ type }) => type === "exited");
  for (const { reason } of ends) expectClear(reason);
  sim.log.events.length = 0;
  return ends;
}

function expectClear(reason: unknown): void {
  if (typeof reason !== "object" || reason === null || !("type" in reason)) return;
  expect(reason.type).toBe("trap");
  const { kind, message } = reason as unknown as { kind: string; message: string };
  expect(KINDS, message).toContain(kind);
  expect(message).not.toMatch(ENGINE_TALK);
}

async function ask(sim: Simulation, victim: Pid): Promise<unknown> {
  let answer: unknown;
  const asker = sim.runtime.spawn(async (self: Context) => {
    self.send(victim, self.pid);
    answer = await self.receive(undefined, { timeoutMs: 60_000 });
  });
  await sim.exited(asker);
  return answer;
}

// ---- arguments

const i32 = fc.oneof(fc.constantFrom(...EDGES), fc.integer());
const f64 = fc.oneof(fc.constantFrom(...FLOATS), fc.double());
const i64 = fc.oneof(fc.constantFrom(...LONGS), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));

// ---- what pointers lead to

const self = () => encodeTerm(new Pid("nonode@nohost", 5, 1));
const goodTerms: readonly Uint8Array[] = [
  encodeTerm(atom("main")),
  encodeTerm("main"),
  encodeTerm(0),
  encodeTerm(SHAPES.length),
  encodeTerm(SHAPES.length + 1),
  encodeTerm(SHAPES.length + 2),
  encodeTerm(-1),
  encodeTerm(2 ** 40),
  encodeTerm(new Pid("nonode@nohost", 3, 1)),
  self(),
  encodeTerm(new Pid("nonode@nohost", 999_999, 1)),
  encodeTerm(new Pid("other@node", 1, 7)),
  encodeTerm(atom("nobody")),
  encodeTerm(tuple(atom("nobody"), atom("nonode@nohost"))),
  encodeTerm(tuple(atom("x"), atom("other@node"))),
  encodeTerm({ link: true, monitor: true }),
  encodeTerm({ name: atom("child"), label: "child", priority: atom("low") }),
  encodeTerm({ link: 1, name: 3 }),
  encodeTerm({ __proto__x: 1 }),
  encodeTerm([]),
  encodeTerm(tuple()),
  encodeTerm(tuple(atom("trap"), atom("x"), "y", [])),
  encodeTerm(atom("normal")),
  encodeTerm(atom("kill")),
  encodeTerm(tuple(atom("shutdown"), 1)),
  encodeTerm(float(1.5)),
  encodeTerm(2n ** 200n),
  encodeTerm(new Map<unknown, unknown>([[1, 2]])),
  encodeTerm(new Uint8Array(50_000)),
  encodeTerm(["a", ["b"], tuple(1, 2, 3)]),
];
interface Placed {
  readonly bytes: Uint8Array;
  readonly places: readonly { readonly pointer: number; readonly length: number }[];
}

/** What a guest is to do; a failing one is shown as its calls, not as the 64 KB that they point to. */
class Attack {
  readonly calls: readonly Call[];
  readonly bytes: Uint8Array;

  constructor(calls: readonly Call[], bytes: Uint8Array) {
    this.calls = calls;
    this.bytes = bytes;
  }

  [fc.toStringMethod](): string {
    return this.calls
      .map(({ syscall, args }) => this.#show(SHAPES[syscall]!, new DataView(args.buffer, args.byteOffset)))
      .join("; ");
  }

  #show({ name, params }: (typeof SHAPES)[number], view: DataView): string {
    const shown = params.map((type, i) => {
      if (type === "f64") return view.getFloat64(i * 8, true);
      if (type === "i64") return `${view.getBigInt64(i * 8, true)}n`;
      const [value, next] = [view.getInt32(i * 8, true), view.getInt32(i * 8 + 8, true)];
      const at = value - BYTES_AT;
      const isPointer = at >= 0 && at < this.bytes.length && next > 0 && next < 200;
      return isPointer ? `[${this.bytes.slice(at, at + next)}]` : value;
    });
    return `${name}(${shown.join(", ")})`;
  }
}

function place(terms: readonly Uint8Array[]): Placed {
  const bytes = new Uint8Array(terms.reduce((sum, term) => sum + term.length, 0));
  let at = 0;
  const places = terms.map((term) => {
    bytes.set(term, at);
    at += term.length;
    return { pointer: BYTES_AT + at - term.length, length: term.length };
  });
  return { bytes, places };
}

const mutated = fc
  .tuple(
    fc.constantFrom(...goodTerms.filter(({ length }) => length < 1000)),
    fc.nat(),
    fc.nat(255),
    fc.nat(40),
  )
  .map(([term, at, byte, cut]) => {
    const changed = term.slice(0, cut < 30 ? term.length : Math.max(1, term.length - cut + 30));
    changed[at % changed.length] = byte;
    return changed;
  });
const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from([131, ...bytes]));
const world = fc
  .array(fc.oneof(mutated, noise), { minLength: 1, maxLength: 6 })
  .map((terms) => place([...goodTerms, ...BAD_TERMS, ...terms]));

type Slot =
  | { readonly pair: number; readonly first: number; readonly second: number }
  | { readonly number: number };
const slot: fc.Arbitrary<Slot> = fc.oneof(
  { arbitrary: fc.record({ pair: fc.nat(), first: fc.constant(0), second: fc.constant(0) }), weight: 5 },
  { arbitrary: fc.record({ pair: fc.constant(-1), first: i32, second: i32 }), weight: 2 },
  { arbitrary: fc.record({ number: fc.oneof(fc.constantFrom(0, 1, 2, 3, -1, 1000), i32) }), weight: 2 },
);

/** Arguments of these types; pointers and lengths come in pairs where they are neighbours. */
function argumentsOf(params: readonly string[], { places }: Placed) {
  return fc
    .tuple(
      fc.array(slot, { minLength: 9, maxLength: 9 }),
      fc.array(f64, { minLength: 6, maxLength: 6 }),
      fc.array(i64, { minLength: 3, maxLength: 3 }),
    )
    .map(([slots, floats, longs]) => {
      const view = new DataView(new ArrayBuffer(ARGUMENT_BYTES));
      let [s, f, l] = [0, 0, 0];
      const pending: number[] = [];
      params.forEach((type, k) => {
        if (type === "f64") view.setFloat64(k * 8, floats[f++ % 6]!, true);
        else if (type === "i64") view.setBigInt64(k * 8, longs[l++ % 3]!, true);
        else {
          if (pending.length === 0) pending.push(...numbersOf(slots[s++ % 9]!, places));
          view.setInt32(k * 8, pending.shift()!, true);
        }
      });
      return new Uint8Array(view.buffer);
    });
}

function numbersOf(from: Slot, places: Placed["places"]): number[] {
  if ("number" in from) return [from.number];
  if (from.pair < 0) return [from.first, from.second];
  const { pointer, length } = places[from.pair % places.length]!;
  return [pointer, length];
}

function callsOf(syscalls: readonly number[], placed: Placed): fc.Arbitrary<Call[]> {
  return fc.tuple(
    ...syscalls.map((syscall) =>
      argumentsOf(SHAPES[syscall]!.params, placed).map((args): Call => ({ syscall, args })),
    ),
  );
}

const attacks = fc
  .tuple(world, fc.array(fc.nat(SHAPES.length - 1), { minLength: 1, maxLength: 12 }))
  .chain(([placed, syscalls]) => callsOf(syscalls, placed).map((calls) => new Attack(calls, placed.bytes)));

// ---- the tests

describe("a hostile guest", () => {
  it.each(SHAPES.map(({ name }, index) => [name, index] as const))(
    "cannot do harm with %s",
    async (_, index) => {
      const single = world.chain((placed) =>
        callsOf([index, index], placed).map((calls) => new Attack(calls, placed.bytes)),
      );
      await fc.assert(
        fc.asyncProperty(single, async ({ calls, bytes }) => {
          await attack(calls, bytes);
        }),
        { numRuns: 12 },
      );
    },
  );

  it("cannot do harm with any sequence of syscalls", async () => {
    await fc.assert(
      fc.asyncProperty(attacks, async ({ calls, bytes }) => {
        await attack(calls, bytes);
      }),
      { numRuns: 200 },
    );
  });
});
