// The mailbox against a plain list, its bound, and what a reply awaited by its tag costs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Envelope } from "../../host/otp/envelope.ts";
import { Mailbox, NOTHING_FITS } from "../../host/otp/mailbox.ts";
import { Ref } from "../../host/otp/ref.ts";
import { settled, waiter, world } from "./support/world.ts";

const refs = [1, 2, 3].map((number) => new Ref("nonode@nohost", number, 1));

/** Each message is told from all others by its order. */
interface Item {
  readonly value: number;
  readonly order: number;
}

describe("the mailbox", () => {
  it("gives out some of what waits, wherever it lies, and is then as if that had never come", () => {
    const mailbox = new Mailbox();
    const envelopes = Array.from(
      { length: 100 },
      (_, i) => new Envelope("message", i, i === 7 ? refs[0] : undefined),
    );
    for (const envelope of envelopes) mailbox.push(envelope);
    expect(mailbox.take(({ value }) => value === 50)?.value).toBe(50);
    const odd = mailbox.those(({ value }) => (value as number) % 2 === 1);
    expect(odd.map(({ value }) => value)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i + 1));
    for (const envelope of odd) mailbox.remove(envelope);
    expect(mailbox.takeTagged(refs[0]!)).toBeUndefined();
    expect(mailbox.length).toBe(49);
    expect([...mailbox].map(({ value }) => value)).toEqual(
      Array.from({ length: 50 }, (_, i) => 2 * i).filter((i) => i !== 50),
    );
    const other = new Mailbox();
    for (const envelope of odd) other.push(envelope);
    expect(other.takeTagged(refs[0]!)?.value).toBe(7);
    expect(other.take()?.value).toBe(1);
  });

  it("gives what a search through a list would, whatever is pushed, taken and left", () => {
    const step = fc.oneof(
      fc.record({
        type: fc.constant("push" as const),
        value: fc.nat(5),
        tag: fc.option(fc.nat(2), { nil: undefined }),
        isBare: fc.boolean(),
      }),
      fc.record({
        type: fc.constant("take" as const),
        value: fc.option(fc.nat(5), { nil: undefined }),
        byValue: fc.boolean(),
      }),
      fc.record({ type: fc.constant("takeTagged" as const), tag: fc.nat(2) }),
      fc.record({ type: fc.constant("removeTagged" as const), tag: fc.nat(2), value: fc.nat(5) }),
      fc.record({ type: fc.constant("removeSince" as const), back: fc.nat(5), value: fc.nat(5) }),
      fc.record({ type: fc.constant("restart" as const), back: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const mailbox = new Mailbox();
        let model: (Item & { readonly tag: Ref | undefined })[] = [];
        const orderOf = (found: Envelope | undefined) => (found?.value as Item | undefined)?.order;
        // The order of the last one that the current receive has seen.
        let seen = -1;
        let order = 0;
        const remove = (item: { order: number } | undefined): void => {
          model = model.filter((other) => other !== item);
        };
        for (const next of steps) {
          if (next.type === "push") {
            const tag = next.tag === undefined ? undefined : refs[next.tag];
            const item: Item = { value: next.value, order: order++ };
            if (tag === undefined && next.isBare) mailbox.pushValue(item);
            else mailbox.push(new Envelope("message", item, tag));
            model.push({ ...item, tag });
          } else if (next.type === "take") {
            const { value } = next;
            const fits = (item: unknown) => (item as Item).value === value;
            let found: number | undefined;
            if (next.byValue) {
              const item = mailbox.takeValue(value === undefined ? undefined : fits);
              found = item === NOTHING_FITS ? undefined : (item as Item).order;
            } else {
              found = orderOf(mailbox.take(value === undefined ? undefined : (e) => fits(e.value)));
            }
            const expected = model.find(
              (item) => item.order > seen && (value === undefined || item.value === value),
            );
            expect(found).toBe(expected?.order);
            remove(expected);
            seen = expected === undefined ? order - 1 : -1;
          } else if (next.type === "takeTagged") {
            const expected = model.find((item) => item.tag === refs[next.tag]);
            expect(orderOf(mailbox.takeTagged(refs[next.tag]!))).toBe(expected?.order);
            remove(expected);
            if (expected !== undefined) seen = -1;
          } else if (next.type === "removeTagged") {
            const expected = model.find((item) => item.tag === refs[next.tag] && item.value === next.value);
            expect(mailbox.removeTagged(refs[next.tag]!, (e) => (e.value as Item).value === next.value)).toBe(
              expected !== undefined,
            );
            remove(expected);
          } else if (next.type === "removeSince") {
            const since = Math.max(0, mailbox.position - next.back);
            const expected = model.find((item) => item.order >= since && item.value === next.value);
            expect(mailbox.removeSince(since, (e) => (e.value as Item).value === next.value)).toBe(
              expected !== undefined,
            );
            remove(expected);
          } else {
            const since = next.back === 0 ? 0 : Math.max(0, mailbox.position - next.back);
            mailbox.restart(since);
            seen = since - 1;
          }
          expect(mailbox.length).toBe(model.length);
          expect(Array.from(mailbox, orderOf)).toEqual(model.map((item) => item.order));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("does not look again at what the current receive has seen", () => {
    const mailbox = new Mailbox();
    for (let i = 0; i < 1000; i++) mailbox.push(new Envelope("message", i));
    let looks = 0;
    const never = () => {
      looks++;
      return false;
    };
    mailbox.take(never);
    mailbox.push(new Envelope("message", "new"));
    mailbox.take(never);
    expect(looks).toBe(1001);
    mailbox.restart();
    mailbox.take(never);
    expect(looks).toBe(2002);
  });

  it("finds a reply by its tag without looking at a million others", () => {
    const mailbox = new Mailbox();
    for (let i = 0; i < 1_000_000; i++) mailbox.push(new Envelope("message", i));
    const reply = new Envelope("message", "reply", refs[0]);
    mailbox.push(reply);
    expect(mailbox.takeTagged(refs[0]!)).toBe(reply);
    expect(mailbox.takeTagged(refs[0]!)).toBeUndefined();
    expect(mailbox.length).toBe(1_000_000);
  });

  it("an envelope that was taken keeps no others alive", () => {
    const mailbox = new Mailbox();
    for (let i = 0; i < 3; i++) mailbox.push(new Envelope("message", i));
    expect(mailbox.take((e) => e.value === 1)!.chunk).toBeUndefined();
  });

  it("keeps no room for messages that were taken from behind one that stays", () => {
    const mailbox = new Mailbox();
    mailbox.pushValue("stays");
    for (let i = 0; i < 100_000; i++) {
      mailbox.push(new Envelope("message", i, refs[0]));
      mailbox.takeTagged(refs[0]!);
    }
    let looks = 0;
    const last = new Envelope("message", "last");
    mailbox.push(last);
    mailbox.take((envelope) => {
      looks++;
      return envelope === last;
    });
    expect(looks).toBe(2);
    expect(last.position).toBe(100_001);
  });

  it("gives an envelope that was sent as a value as that", () => {
    const mailbox = new Mailbox();
    const envelope = new Envelope("exit", "not from the core");
    mailbox.pushValue(envelope);
    expect(mailbox.takeValue(undefined)).toBe(envelope);
  });
});

describe("a bounded mailbox", () => {
  it("drops what is too much and counts it", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const pid = self.spawn(waiter, { maxMailbox: 2 });
      for (let i = 0; i < 5; i++) self.send(pid, i);
      expect(runtime.info(pid, ["messages", "messagesShed"])).toEqual({ messages: [0, 1], messagesShed: 3 });
    });
  });

  it("rejects what is too much in the sender", async () => {
    const { play, runtime } = world();
    await play((self) => {
      const pid = self.spawn(waiter, { maxMailbox: { messages: 1, policy: "reject" } });
      self.send(pid, 1);
      expect(() => self.send(pid, 2)).toThrow(expect.objectContaining({ code: "system_limit" }));
      expect(() => runtime.send(pid, 2)).toThrow(expect.objectContaining({ code: "system_limit" }));
      expect(runtime.info(pid)).toMatchObject({ messageQueueLength: 1, messagesShed: 2 });
    });
  });

  it("never sheds a trapped exit or a DOWN", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const other = self.spawn(waiter);
      const pid = self.spawn(
        async (child) => {
          child.trapExit = true;
          child.link(other);
          child.monitor(other);
          await waiter(child);
        },
        { maxMailbox: 0 },
      );
      await self.sleep(1);
      self.send(pid, "shed");
      self.exitSignal(other, "boom");
      await self.sleep(1);
      expect(runtime.info(pid, ["messages"])?.messages).toMatchObject([{ type: "exit" }, { type: "down" }]);
    });
  });

  it("signals act however many messages wait", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const pid = self.spawn(waiter);
      for (let i = 0; i < 10_000; i++) self.send(pid, i);
      self.exitSignal(pid, "stop");
      expect(runtime.isAlive(pid)).toBe(false);
      expect(await settled(self)).toEqual([]);
    });
  });

  it("is refused when it is no count or the policy is unknown", () => {
    const { runtime } = world();
    for (const maxMailbox of [-1, 1.5, Number.NaN, { messages: 1, policy: "forget" as never }]) {
      expect(() => runtime.spawn(waiter, { maxMailbox })).toThrow(
        expect.objectContaining({ code: "badarg" }),
      );
    }
    expect(runtime.processes()).toEqual([]);
  });
});
