import { expect, it, vi } from "vitest";
import { LateBound } from "../../host/otp/index.ts";

it("a bound is asked for once, when something comes near it", () => {
  const ask = vi.fn(() => 50);
  const bound = new LateBound(ask, 10);
  expect(bound.isReached(9)).toBe(false);
  expect(bound.room(4, 5)).toBe(Number.POSITIVE_INFINITY);
  expect(ask).not.toHaveBeenCalled();
  expect(bound.isReached(10)).toBe(false);
  expect(bound.isReached(49)).toBe(false);
  expect(bound.isReached(50)).toBe(true);
  expect(bound.room(30, 40)).toBe(20);
  expect(bound.value).toBe(50);
  expect(ask).toHaveBeenCalledOnce();
});

it("a bound that is known holds from the beginning, also one below what others are asked for from", () => {
  const bound = new LateBound(3, 10);
  expect(bound.isReached(2)).toBe(false);
  expect(bound.isReached(3)).toBe(true);
  expect(bound.room(1, 4)).toBe(2);
});
