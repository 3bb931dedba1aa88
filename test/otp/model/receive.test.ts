// Selective receive of a process against a model: a plain list that is searched from its oldest element on, whatever arrives while
// the process waits.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Alias } from "../../../host/otp/ref.ts";
import { world } from "../support/world.ts";

const value = fc.nat(4);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("send" as const), value }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("sendToAlias" as const), value }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("receive" as const), value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("receiveAny" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("receiveTagged" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("wait" as const), values: fc.array(value), want: value }),
  },
);

it("a receive takes the oldest message that fits and leaves the others in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { play } = world();
      await play(async (self) => {
        const alias: Alias = self.alias();
        let model: { readonly value: number; readonly tagged: boolean }[] = [];
        const take = (fits: (item: (typeof model)[number]) => boolean): number | undefined => {
          const found = model.find(fits);
          model = model.filter((item) => item !== found);
          return found?.value;
        };
        for (const next of steps) {
          switch (next.type) {
            case "send":
              self.send(self.pid, next.value);
              model.push({ value: next.value, tagged: false });
              break;
            case "sendToAlias":
              self.send(alias, next.value);
              model.push({ value: next.value, tagged: true });
              break;
            case "receive": {
              const found = await self.receive((message) => message === next.value, { timeoutMs: 0 });
              expect(found).toBe(take((item) => item.value === next.value));
              break;
            }
            case "receiveAny":
              expect(await self.receive(undefined, { timeoutMs: 0 })).toBe(take(() => true));
              break;
            case "receiveTagged":
              expect(await self.receiveTagged(alias, { timeoutMs: 0 })).toBe(take((item) => item.tagged));
              break;
            case "wait": {
              // They arrive one by one while it waits for one of them.
              const { values, want } = next;
              const { pid } = self;
              self.spawn(async (sender) => {
                for (const sent of values) {
                  sender.send(pid, sent);
                  await sender.sleep(1);
                }
              });
              const found = await self.receive((message) => message === want, { timeoutMs: 10 });
              for (const sent of values) model.push({ value: sent, tagged: false });
              expect(found).toBe(take((item) => item.value === want));
              await self.sleep(20);
              break;
            }
          }
          // What it has sent to its own alias is in the mailbox when somebody looks.
          self.process.showOwnSignals();
          expect(self.process.mailbox.length).toBe(model.length);
          expect(Array.from(self.process.mailbox, (envelope) => envelope.value)).toEqual(
            model.map((item) => item.value),
          );
        }
      }, 100_000);
    }),
    { numRuns: 60, seed: 88 },
  );
});
