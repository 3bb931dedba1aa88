// One case of syscalls: a guest that makes some calls, any of those there are, with any arguments. A function of its seed.

import { atom, float, Pid, Ref, tuple } from "../../../host/otp/index.ts";
import { encodeTerm } from "../../../host/otp/term/encode.ts";
import { Random } from "../../fuzz/random.ts";
import { BAD_TERMS, EDGES, FLOATS, LONGS } from "../../wasm/support/edges.ts";
import { ARGUMENT_BYTES, BYTES_AT, type Call, SHAPES, script } from "../../wasm/support/hostile-guest.ts";

const MOST_CALLS = 12;
const NODE = "nonode@nohost";

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
  ...BAD_TERMS,
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
