// One case of syscalls: a guest that makes some calls, any of those there are, with any arguments. A function of its seed.

import { atom, float, Pid, Ref, tuple } from "../../../host/otp/index.ts";
import { encodeTerm } from "../../../host/otp/term/encode.ts";
import { Random } from "../../fuzz/random.ts";
import {
  ARGUMENT_BYTES,
  BYTES_AT,
  type Call,
  MEMORY_BYTES,
  SHAPES,
  script,
} from "../../wasm/support/hostile-guest.ts";

const MOST_CALLS = 12;
const NODE = "nonode@nohost";

/** Numbers at which something may break. */
const EDGES = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  16,
  255,
  256,
  1023,
  1024,
  4096,
  BYTES_AT,
  65_535,
  65_536,
  MEMORY_BYTES - 8,
  MEMORY_BYTES - 1,
  MEMORY_BYTES,
  MEMORY_BYTES + 1,
  -1,
  -2,
  -8,
  0x7fff_ffff,
  -0x8000_0000,
  0x2000_0001,
  0x0555_5556,
  0x1000_0000,
];
const FLOATS = [
  0,
  -0,
  -1,
  0.5,
  1,
  1e3,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e300,
  5e-324,
];
const LONGS = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 2n ** 28n - 1n];

const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
/** What pointers lead to: terms, what is nearly one, texts, records. */
const PIECES: readonly Uint8Array[] = [
  ...[
    atom("main"),
    atom("victim"),
    atom("victims"),
    atom("secret"),
    atom("nobody"),
    atom("normal"),
    atom("kill"),
    atom("_"),
    "main",
    "",
    "child",
    0,
    1,
    -1,
    255,
    2 ** 40,
    2n ** 200n,
    float(1.5),
    [],
    tuple(),
    [1, 2, 3],
    new Pid(NODE, 5, 1),
    new Pid(NODE, 60, 1),
    new Pid(NODE, 300, 1),
    new Pid(NODE, 999_999, 1),
    new Pid("other@node", 1, 7),
    new Ref(NODE, 1, 1),
    new Ref(NODE, 5, 1, 77),
    [new Pid(NODE, 5, 1), atom("victim"), 5],
    { link: true, monitor: true },
    { priority: atom("max") },
    { grants: [atom("kill")] },
    { limits: { memory: 1 } },
    { name: atom("child"), label: "child", mailbox: tuple(1, atom("kill")) },
    { link: 1, unknown: 3 },
    [atom("named_table"), atom("public"), tuple(atom("keypos"), 2)],
    [tuple(atom("heir"), new Pid(NODE, 5, 1), 1)],
    tuple(1, 2),
    tuple(atom("secret"), 1),
    [tuple(tuple(atom("$1"), atom("$2")), [], [atom("$_")])],
    [tuple(atom("_"), [tuple(atom("bsl"), 1, 100)], [true])],
    tuple(atom("shutdown"), 1),
    tuple(atom("trap"), atom("x"), "y", []),
    [tuple(atom("alias"), atom("reply_demonitor")), tuple(atom("tag"), 7)],
    new Map([[1, 2]]),
    new Uint8Array(2000),
  ].map((term) => encodeTerm(term)),
  ...[
    [131],
    [130, 97, 1],
    [131, 255],
    [131, 109, ...u32(0xffff_ffff)],
    [131, 108, ...u32(0xffff_ffff), 97, 1],
    [131, 116, ...u32(0x7fff_ffff)],
    [131, 105, ...u32(0xffff_ffff)],
    [131, 111, ...u32(0x7fff_ffff), 0],
    [131, 82, 0],
    [131, 80, ...u32(0xffff_ffff), 0x78, 0x9c, 3, 0],
    [131, 119, 3, 0xff, 0xfe, 0xfd],
    [131, 77, ...u32(1), 9, 1],
    [131, 112, ...u32(4)],
    [2, 0, 0, 0, 131, 97],
    [255, 255, 255, 255, 1],
    Array.from({ length: 2000 }, (_, i) => (i === 0 ? 131 : [108, 0, 0, 0, 1][(i - 1) % 5]!)),
    Array.from({ length: 2001 }, (_, i) => (i === 0 ? 131 : [104, 1][(i - 1) % 2]!)),
  ].map((bytes) => Uint8Array.from(bytes)),
  ...["file", "../secret", "/etc/passwd", "folder/../../x", "link", ".", "", "a\0b", "x".repeat(300)].map(
    (text) => new TextEncoder().encode(text),
  ),
  // Vectors of buffers, and subscriptions of a clock.
  new Uint8Array(new Uint32Array([BYTES_AT, 16, BYTES_AT + 16, 0xffff_ffff, 0, 8]).buffer),
  new Uint8Array(48).fill(1),
];

const BYTES = new Uint8Array(PIECES.reduce((sum, piece) => sum + piece.length, 0));
const PLACES = PIECES.map((piece, i) => {
  const at = PIECES.slice(0, i).reduce((sum, { length }) => sum + length, 0);
  BYTES.set(piece, at);
  return [BYTES_AT + at, piece.length] as const;
});

/** The argument for a guest of `HOSTILE` that does what this seed says. */
export function syscallCase(seed: number): Uint8Array {
  const random = new Random(seed);
  const calls: Call[] = [];
  for (let i = 1 + random.below(MOST_CALLS); i > 0; i--) {
    const syscall = random.below(SHAPES.length);
    calls.push({ syscall, args: argumentsFor(SHAPES[syscall]!.params, random) });
  }
  if (random.below(4) > 0) return script(calls, BYTES);
  const bytes = BYTES.slice();
  for (let i = 1 + random.below(8); i > 0; i--) bytes[random.below(bytes.length)] = random.next();
  return script(calls, bytes);
}

function argumentsFor(params: readonly string[], random: Random): Uint8Array {
  const view = new DataView(new ArrayBuffer(ARGUMENT_BYTES));
  let length: number | undefined;
  // Most of its arguments are right, so that some calls get to where they do something.
  params.forEach((type, k) => {
    if (type === "f64") view.setFloat64(k * 8, FLOATS[random.below(FLOATS.length)]!, true);
    else if (type === "i64") view.setBigInt64(k * 8, LONGS[random.below(LONGS.length)]!, true);
    else if (length !== undefined) {
      view.setInt32(k * 8, length, true);
      length = undefined;
    } else if (random.below(10) < 8) {
      const [at, size] = PLACES[random.below(PLACES.length)]!;
      view.setInt32(k * 8, at, true);
      length = random.below(20) === 0 ? EDGES[random.below(EDGES.length)]! : size;
    } else {
      const kind = random.below(4);
      const value =
        kind === 0 ? random.next() | 0 : kind === 1 ? random.below(16) : EDGES[random.below(EDGES.length)]!;
      view.setInt32(k * 8, value, true);
    }
  });
  return new Uint8Array(view.buffer);
}
