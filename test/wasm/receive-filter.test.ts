// What a receive looks for, by the bytes of a message and by the words in which it waits: both say the same, and cost the same.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Envelope } from "../../host/otp/envelope.ts";
import { Mailbox } from "../../host/otp/mailbox.ts";
import { MessageStore } from "../../host/otp/message-store.ts";
import { decodeTerm } from "../../host/otp/term/decode.ts";
import { ReceiveFilter } from "../../host/wasm/receive-filter.ts";

/** Few different bytes, so that patterns and messages agree for a while. */
const bytes = (least: number, most: number) =>
  fc.uint8Array({ minLength: least, maxLength: most, max: 1 }).map((tail) => Uint8Array.of(131, ...tail));

function patternsOf(prefixes: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(prefixes.flatMap((prefix) => [prefix.length, 0, 0, 0, ...prefix]));
}

/** Which message is found, and what the search costs. */
function search(prefixes: readonly Uint8Array[], messages: readonly Uint8Array[], isStored: boolean) {
  const store = new MessageStore({ decode: decodeTerm });
  const mailbox = new Mailbox(undefined, isStored ? store : undefined);
  for (const message of messages) {
    if (!isStored) mailbox.push(new Envelope("message", undefined, undefined, message));
    else {
      const padded = new Uint8Array(message.length + 4);
      padded.set(message);
      const words = new Int32Array(padded.slice(0, padded.length & ~3).buffer);
      mailbox.pushStored(store.put(words, padded, 0, message.length), message.length);
    }
  }
  let units = 0;
  const found = new ReceiveFilter(patternsOf(prefixes)).find(mailbox, {
    charge: (more) => {
      units += more;
    },
  });
  if (found === undefined) return { units };
  return { units, message: typeof found === "number" ? store.bytesOf(found) : found.bytes() };
}

it("finds the same message for the same units, waiting as an object or in the store", () => {
  fc.assert(
    fc.property(
      fc.array(bytes(0, 14), { minLength: 1, maxLength: 4 }),
      fc.array(bytes(1, 20), { maxLength: 60, size: "max" }),
      (prefixes, messages) => {
        const stored = search(prefixes, messages, true);
        expect(stored).toEqual(search(prefixes, messages, false));
        const fitting = messages.find((message) =>
          prefixes.some((prefix) => prefix.every((byte, i) => message[i] === byte)),
        );
        expect(stored.message).toEqual(fitting);
      },
    ),
  );
});
