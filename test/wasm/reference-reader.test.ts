// References from their bytes, against the decoder; the term that was read last, by its bytes.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Pid, Ref, Runtime } from "../../host/otp/index.ts";
import { decodeTerm, encodeTerm } from "../../host/otp/term/index.ts";
import { GuestMemory } from "../../host/wasm/guest-memory.ts";
import { LastTerm } from "../../host/wasm/last-term.ts";
import { ReferenceReader } from "../../host/wasm/reference-reader.ts";

const runtime = new Runtime({ name: "one@here", creation: 7 });
const reader = new ReferenceReader(runtime);

/** A guest's memory with these bytes at an address. */
function memoryWith(bytes: Uint8Array, address: number): GuestMemory {
  const memory = new GuestMemory();
  memory.attach(new WebAssembly.Memory({ initial: 1 }), 0);
  memory.bytes().set(bytes, address);
  return memory;
}

const number = fc.oneof(fc.nat(1000), fc.maxSafeNat());
const identifier = fc.record({
  node: fc.constantFrom("one@here", "two@here", "one@there"),
  number,
  creation: fc.constantFrom(7, 8),
  seal: fc.nat(0x7fff_ffff),
});

it("reads a reference of its node as the decoder does, wherever it lies, and leaves all others to it", () => {
  fc.assert(
    fc.property(identifier, fc.integer({ min: 8, max: 15 }), ({ node, number, creation, seal }, address) => {
      const bytes = encodeTerm(new Ref(node, number, creation, seal));
      const found = reader.localRef(memoryWith(bytes, address), address, bytes.length);
      if (node === "one@here" && creation === 7) {
        expect(found?.equals(decodeTerm(bytes))).toBe(true);
        expect(found?.seal).toBe(seal);
      } else {
        expect(found).toBeUndefined();
      }
    }),
  );
});

it("reads no reference where the seal or the number is out of range, or anything else lies", () => {
  const whole = encodeTerm(new Ref("one@here", 5, 7, 9));
  const change = (at: number, byte: number) => {
    const bytes = whole.slice();
    bytes[at] = byte;
    return reader.localRef(memoryWith(bytes, 8), 8, bytes.length);
  };
  expect(change(0, 131)?.number).toBe(5);
  for (const at of [0, 1, 2, 3, 5, 14]) expect(change(at, 200)).toBeUndefined();
  // Bytes that are no reference of this host's are still terms: which ones, the decoder says.
  expect(change(whole.length - 4, 0x80)).toBeUndefined();
  expect(change(whole.length - 8, 1)).toBeUndefined();
  const pid = encodeTerm(new Pid("one@here", 5, 7));
  expect(reader.localRef(memoryWith(pid, 8), 8, pid.length)).toBeUndefined();
  expect(() => reader.localRef(memoryWith(whole, 8), 65_530, whole.length)).toThrow(
    "reach outside the memory",
  );
});

it("knows the last term again by its bytes, wherever they lie, and no other", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 2, maxLength: 70 }),
      fc.integer({ min: 0, max: 7 }),
      fc.nat(70),
      (bytes, address, other) => {
        const memory = new DataView(new ArrayBuffer(128));
        const last = new LastTerm<string>();
        bytes.forEach((byte, i) => {
          memory.setUint8(i, byte);
        });
        last.keep(memory, 0, bytes.length, "known");
        bytes.forEach((byte, i) => {
          memory.setUint8(address + i, byte);
        });
        expect(last.find(memory, address, bytes.length)).toBe(bytes.length <= 64 ? "known" : undefined);
        expect(last.find(memory, address, bytes.length + 1)).toBeUndefined();
        const changed = address + (other % bytes.length);
        memory.setUint8(changed, memory.getUint8(changed) ^ 1);
        expect(last.find(memory, address, bytes.length)).toBeUndefined();
      },
    ),
  );
});
