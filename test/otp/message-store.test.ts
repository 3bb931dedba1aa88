// The store of short messages against a plain map, what it keeps, and a mailbox whose messages lie there.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Envelope } from "../../host/otp/envelope.ts";
import { Mailbox } from "../../host/otp/mailbox.ts";
import { type MessageId, MessageStore, MOST_BLOCK_BYTES } from "../../host/otp/message-store.ts";
import { decodeTerm } from "../../host/otp/term/decode.ts";
import { encodeTerm } from "../../host/otp/term/encode.ts";

const newStore = () => new MessageStore({ decode: decodeTerm });

/** A memory with these bytes from `start` on, and others around them. */
function memoryWith(bytes: Uint8Array, start: number): { words: Int32Array; bytes: Uint8Array } {
  const memory = new Uint8Array(Math.ceil((start + bytes.length) / 4) * 4 + 16).fill(0xee);
  memory.set(bytes, start);
  return { words: new Int32Array(memory.buffer), bytes: memory };
}

function put(store: MessageStore, bytes: Uint8Array, start = 0): MessageId {
  const memory = memoryWith(bytes, start);
  return store.put(memory.words, memory.bytes, start, bytes.length);
}

/** A term of that many bytes. */
function termOf(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(seed);
  bytes[0] = 131;
  return bytes;
}

describe("the store of short messages", () => {
  it("gives each message back as it was, wherever it came from and goes to, and touches nothing around it", () => {
    const step = fc.record({
      length: fc.integer({ min: 1, max: MOST_BLOCK_BYTES }),
      seed: fc.nat(255),
      from: fc.nat(9),
      to: fc.nat(9),
      drop: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const store = newStore();
        const model: { id: MessageId; bytes: Uint8Array; to: number }[] = [];
        for (const { length, seed, from, to, drop } of steps) {
          const bytes = termOf(length, seed);
          model.push({ id: put(store, bytes, from), bytes, to });
          if (drop === undefined) continue;
          const [gone] = model.splice(drop % model.length, 1);
          store.free(gone!.id);
        }
        expect(store.count).toBe(model.length);
        for (const { id, bytes, to } of model) {
          expect(store.lengthOf(id)).toBe(bytes.length);
          expect(store.bytesOf(id)).toEqual(bytes);
          const target = memoryWith(new Uint8Array(bytes.length), to);
          expect(store.copyTo(id, target.words, target.bytes, to)).toBe(bytes.length);
          expect(target.bytes).toEqual(memoryWith(bytes, to).bytes);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("gives its memory back when messages go, whatever their order, and keeps a slab for each size that is in use", () => {
    const store = newStore();
    const ids = Array.from({ length: 20_000 }, (_, i) => put(store, termOf(30, i)));
    const full = store.memoryBytes;
    expect(full).toBeGreaterThan(20_000 * 32);
    for (let i = 0; i < ids.length; i += 2) store.free(ids[i]!);
    for (let i = 1; i < ids.length; i += 2) store.free(ids[i]!);
    expect(store.count).toBe(0);
    expect(store.memoryBytes).toBeLessThan(full / 20);
    const again = Array.from({ length: 20_000 }, (_, i) => put(store, termOf(30, i)));
    expect(new Set(again).size).toBe(20_000);
    expect(store.memoryBytes).toBeLessThanOrEqual(full);
  });
});

describe("a mailbox of a process that reads bytes", () => {
  const fits = (wanted: number) => ({
    fits: (envelope: Envelope) => envelope.value === wanted,
    fitsWords: (words: Int32Array, place: number) =>
      (words[place]! & 0xffffff) === (131 | (97 << 8) | (wanted << 16)),
  });

  it("holds messages of the store and envelopes side by side, in the order of their arrival", () => {
    const store = newStore();
    const mailbox = new Mailbox(undefined, store);
    for (let i = 0; i < 30; i++) {
      if (i % 3 === 0) mailbox.push(new Envelope("message", i, undefined, encodeTerm(i)));
      else mailbox.pushStored(put(store, encodeTerm(i)), encodeTerm(i).length);
    }
    expect(mailbox.length).toBe(30);
    expect(mailbox.bytes).toBe(90);
    expect(Array.from(mailbox, (envelope) => envelope.value)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
    const valueIn = (found: MessageId | Envelope | undefined) =>
      typeof found === "number" ? decodeTerm(store.bytesOf(found)) : found?.value;
    for (const wanted of [7, 9, 29, 0]) {
      expect(valueIn(mailbox.find(fits(wanted)))).toBe(wanted);
      mailbox.takeFound();
    }
    expect(mailbox.find(fits(7))).toBeUndefined();
    mailbox.restart();
    expect(mailbox.take((envelope) => envelope.value === 8)?.value).toBe(8);
    expect(mailbox.take()?.value).toBe(1);
    expect(mailbox.length).toBe(24);
    expect(mailbox.bytes).toBe(72);
  });

  it("leaves nothing in the store when it is cleared", () => {
    const store = newStore();
    const mailbox = new Mailbox(undefined, store);
    for (let i = 0; i < 200; i++) mailbox.pushStored(put(store, encodeTerm(i)), encodeTerm(i).length);
    mailbox.find(undefined);
    mailbox.takeFound();
    mailbox.clear();
    expect(store.count).toBe(0);
  });
});
