// The option `active` of OTP's inet as a state: what each setting leaves, and what each message uses up.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIVE, ActiveMode } from "../../host/wasm/net/active-mode.ts";

const { passive, once, always, counted } = ACTIVE;

/** How many messages it takes until it is passive, at most `most`, and whether the last one has to be told. */
function takes(mode: ActiveMode, most = 40_000): readonly [messages: number, isTold: boolean] {
  for (let messages = 1; messages <= most; messages++) {
    if (!mode.isActive) return [messages - 1, false];
    if (mode.spend()) return [messages, true];
  }
  return [most, false];
}

describe("a socket's mode", () => {
  it("is passive at first", () => {
    expect(new ActiveMode().isActive).toBe(false);
  });

  it.each([
    ["once is one message, of whose end nobody is told", [[once, 0]], 1, false],
    ["a count is so many, and the end is told", [[counted, 3]], 3, true],
    ["always has no end", [[always, 0]], 40_000, false],
    [
      "passive ends whatever there was",
      [
        [counted, 3],
        [passive, 0],
      ],
      0,
      false,
    ],
    [
      "a count is added to what is left of it",
      [
        [counted, 3],
        [counted, 4],
      ],
      7,
      true,
    ],
    [
      "a negative one is taken away",
      [
        [counted, 5],
        [counted, -2],
      ],
      3,
      true,
    ],
    [
      "once drops what is left of a count",
      [
        [counted, 5],
        [once, 0],
      ],
      1,
      false,
    ],
    [
      "a count after once is its own number",
      [
        [once, 0],
        [counted, 2],
      ],
      2,
      true,
    ],
    [
      "a count after always is its own number",
      [
        [always, 0],
        [counted, 2],
      ],
      2,
      true,
    ],
    ["the largest count is 32,767", [[counted, 32_767]], 32_767, true],
  ] as const)("%s", (_, settings, messages, isTold) => {
    const mode = new ActiveMode();
    for (const [kind, added] of settings) expect(mode.set(kind, added)).toBe("set");
    expect(takes(mode)).toEqual([messages, isTold]);
  });

  it.each([
    ["adding nothing to nothing", [], 0],
    ["taking away all of it", [3], -3],
    ["taking away more than there is", [3], -32_768],
  ] as const)("%s makes it passive, which is told", (_, before, added) => {
    const mode = new ActiveMode();
    for (const count of before) mode.set(counted, count);
    expect(mode.set(counted, added)).toBe("told");
    expect(mode.isActive).toBe(false);
  });

  it("takes no count above 32,767 in sum, none that has no 16 bits, and no other mode, and is then what it was", () => {
    const mode = new ActiveMode();
    mode.set(counted, 32_000);
    for (const [kind, added] of [
      [counted, 768],
      [counted, -32_769],
      [counted, 32_768],
      [4, 0],
      [-1, 0],
    ] as const)
      expect(mode.set(kind, added)).toBeUndefined();
    expect(takes(mode)).toEqual([32_000, true]);
  });

  it("never lets more through than was asked for", () => {
    const setting = fc.tuple(fc.constantFrom(passive, once, counted), fc.integer({ min: -10, max: 10 }));
    fc.assert(
      fc.property(fc.array(fc.oneof(setting, fc.constant("message" as const))), (steps) => {
        const mode = new ActiveMode();
        let left = 0;
        let isCount = false;
        for (const step of steps) {
          if (step === "message") {
            expect(mode.isActive).toBe(left > 0);
            if (left > 0) expect(mode.spend()).toBe(--left === 0 && isCount);
          } else {
            const [kind, added] = step;
            mode.set(kind, added);
            if (kind === counted) left = Math.max(0, (isCount ? left : 0) + added);
            else left = kind === once ? 1 : 0;
            isCount = kind === counted && left > 0;
          }
        }
      }),
    );
  });
});
