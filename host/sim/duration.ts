// Durations as people write them.
import { MoonletError } from "../otp/error.ts";

/** Milliseconds, or a number and a unit: "250ms", "30s", "100m", "1.5h". */
export type Duration = number | string;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** @throws MoonletError E_DURATION for what is no duration. */
export function durationMs(duration: Duration): number {
  if (typeof duration === "number" && duration >= 0) return duration;
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(String(duration)) ?? [];
  if (count !== undefined) return Number(count) * UNITS_MS[unit]!;
  throw new MoonletError("E_DURATION", `${JSON.stringify(duration)} is no duration`, {
    hint: 'Use milliseconds, or text like "250ms", "30s", "100m" or "1.5h".',
  });
}

/** Virtual time for people, to the microsecond: `00:12.345000`, `1:40:00.000000` from an hour on. */
export function formatTime(ms: number): string {
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1e6);
  const [s, m, h] = [seconds % 60, Math.floor(seconds / 60) % 60, Math.floor(seconds / 3600)];
  const padded = (n: number, digits: number) => String(n).padStart(digits, "0");
  return `${h > 0 ? `${h}:` : ""}${padded(m, 2)}:${padded(s, 2)}.${padded(micros % 1e6, 6)}`;
}
