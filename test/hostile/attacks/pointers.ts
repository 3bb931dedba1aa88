// Every pointer and every length of every call, at every boundary.
import {
  ARGUMENT_BYTES,
  type Call,
  HOSTILE,
  MEMORY_BYTES,
  SHAPES,
  script,
} from "../../wasm/support/hostile-guest.ts";
import type { Attack, Subject } from "../attack.ts";

const BOUNDARIES = [0, -1, 1, MEMORY_BYTES - 1, MEMORY_BYTES, MEMORY_BYTES + 1, 0x7fff_ffff, -0x8000_0000];
/** An address and a length at which there is nothing that is wrong, and nothing that means anything. */
const HARMLESS = [16_384, 4] as const;

/** One process for each boundary in each argument of this call, all others being harmless. */
function boundariesOf(syscall: number): Uint8Array[] {
  const { params } = SHAPES[syscall]!;
  return params.flatMap((type, at) =>
    type !== "i32"
      ? []
      : BOUNDARIES.map((value) => {
          const view = new DataView(new ArrayBuffer(ARGUMENT_BYTES));
          params.forEach((other, k) => {
            if (other === "i32") view.setInt32(k * 8, k === at ? value : HARMLESS[k % 2]!, true);
          });
          const call: Call = { syscall, args: new Uint8Array(view.buffer) };
          return script([call], Uint8Array.of(131, 97, 1, 0));
        }),
  );
}

const namespaces = [
  ...new Set(SHAPES.filter(({ params }) => params.includes("i32")).map(({ name }) => name.split(".")[0]!)),
];

export const pointers: Subject = {
  name: "pointers",
  attacks: namespaces.map(
    (namespace): Attack => ({
      tries: `goes to the boundaries of its memory, and beyond them, in every argument of ${namespace}.*`,
      module: () => HOSTILE,
      wave: () =>
        SHAPES.flatMap(({ name }, syscall) =>
          name.startsWith(`${namespace}.`) ? boundariesOf(syscall) : [],
        ).map((args) => ({
          args,
          grants: "all" as const,
          limits: { fuel: 100_000 },
        })),
      turns: 2000,
      ends: { type: "cleanly" },
    }),
  ),
};
