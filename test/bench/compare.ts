// Runs one subject: its sides take turns, A B C A B C, so that what else the machine does hits all of them alike. A ratio is the median
// of the rounds' own ratios, which holds on a busy machine where the figures themselves do not.
import type { Contestant } from "./contestant.ts";
import { median, percentile } from "./statistics.ts";
import type { Figure, Subject } from "./subject.ts";

export interface CompareOptions {
  readonly rounds: number;
  /** Multiplies the operations of a round. */
  readonly scale: number;
  /** Makes a side ready; undefined when this machine cannot run it. */
  readonly open: (subject: Subject, side: string) => Promise<Contestant> | Contestant | undefined;
}

/** Field names are steady: they are the JSON. */
export interface SideResult {
  readonly count: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
  /** Over the samples of all rounds, for subjects whose figure is a spread. */
  readonly percentiles?: { readonly p50: number; readonly p99: number; readonly max: number };
}

export interface SubjectResult {
  readonly name: string;
  readonly title: string;
  readonly group: Subject["group"];
  readonly unit: Subject["unit"];
  readonly baseline: string;
  readonly sides: Readonly<Record<string, SideResult>>;
  /** Each other side's figure divided by the baseline's; empty without the baseline. */
  readonly ratios: Readonly<Record<string, number>>;
}

export async function compare(subject: Subject, options: CompareOptions): Promise<SubjectResult> {
  const names = Object.keys(subject.sides);
  const figures = new Map<string, Figure[]>();
  const contestants = new Map<string, Contestant>();
  const count = (side: string) => Math.max(1, Math.round(subject.sides[side]!.count * options.scale));

  const open = async (side: string): Promise<Contestant | undefined> => {
    const known = contestants.get(side);
    if (known) return known;
    const opened = await options.open(subject, side);
    if (opened) contestants.set(side, opened);
    return opened;
  };
  const close = (side: string): void => {
    contestants.get(side)?.close();
    contestants.delete(side);
  };

  try {
    // The first round warms up, and does not count.
    for (let round = subject.fresh ? 1 : 0; round <= options.rounds; round++) {
      for (const side of names) {
        const contestant = await open(side);
        if (!contestant) continue;
        const figure = await contestant.round(count(side)).catch((cause) => {
          throw new Error(`${subject.name}, ${side}: ${cause.message}`, { cause });
        });
        if (round > 0) figures.set(side, [...(figures.get(side) ?? []), figure]);
        if (subject.fresh) close(side);
      }
    }
  } finally {
    for (const side of names) close(side);
  }
  assertSameWork(subject, figures);

  const sides: Record<string, SideResult> = {};
  for (const [side, measured] of figures) {
    const rounds = measured.map((figure) => figure.value);
    const [min, max] = [Math.min(...rounds), Math.max(...rounds)];
    const samples = measured.flatMap((figure) => figure.samples ?? []);
    sides[side] = {
      count: count(side),
      median: median(rounds),
      min,
      max,
      rounds,
      ...(samples.length > 0 && {
        percentiles: {
          p50: percentile(samples, 0.5),
          p99: percentile(samples, 0.99),
          max: percentile(samples, 1),
        },
      }),
    };
  }
  const { name, title, group, unit, baseline } = subject;
  return { name, title, group, unit, baseline, sides, ratios: ratiosTo(baseline, sides) };
}

function assertSameWork(subject: Subject, figures: ReadonlyMap<string, readonly Figure[]>): void {
  const checks = new Map<string, string>();
  for (const [side, measured] of figures) {
    for (const { check } of measured) if (check !== undefined) checks.set(check, side);
  }
  if (checks.size > 1) {
    const found = [...checks].map(([check, side]) => `${side} gives ${check}`).join(", ");
    throw new Error(`${subject.name}: the sides do not come to the same result: ${found}`);
  }
}

function ratiosTo(baseline: string, sides: Readonly<Record<string, SideResult>>): Record<string, number> {
  const base = sides[baseline];
  const ratios: Record<string, number> = {};
  if (!base) return ratios;
  for (const [side, { rounds }] of Object.entries(sides)) {
    if (side !== baseline) ratios[side] = median(rounds.map((value, i) => value / base.rounds[i]!));
  }
  return ratios;
}
