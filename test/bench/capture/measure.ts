// Measures one export raw and instrumented, and compares the results of both, also while every check stops.
import { instrument } from "../../../instrument/index.ts";
import { codeBytes } from "./code-size.ts";
import { argumentsFor, GivenUp, Subject } from "./subject.ts";

export interface Measured {
  readonly name: string;
  /** Medians of a run. */
  readonly rawMs: number;
  readonly instrumentedMs: number;
  /** Median over the rounds of instrumented over raw. */
  readonly ratio: number;
  readonly rawResult: string;
  readonly instrumentedResult: string;
  /** The result while every check stops, each slice one unit long; null when that took too long. */
  readonly stoppedResult: string | null;
  readonly stoppedAtEveryCheck: number;
  /** Both give the same result, in every way that was tried. */
  readonly same: boolean;
  readonly rawBytes: number;
  readonly instrumentedBytes: number;
  /** Of the code section alone. */
  readonly rawCodeBytes: number;
  readonly instrumentedCodeBytes: number;
  /** Stops in one run, in slices of the usual length. */
  readonly switches: number;
}

export interface MeasureOptions {
  /** Units of fuel in a slice. */
  readonly slice: number;
  readonly rounds: number;
  readonly suspending: readonly string[];
}

/** Raw time that a round should take at least; time that all rounds of a slow program may take, and a run that stops everywhere. */
const ROUND_MS = 20;
const TOTAL_MS = 20_000;
const EVERY_CHECK_MS = 10_000;
const MIN_ROUNDS = 3;
const WARM_UP_MS = 250;
/** Instances in a row: each takes gigabytes of address space until it is collected. */
const MAX_INSTANCES = 64;

/** `given` are arguments as text. The result is called `label`, by default as the export. Throws what instrumenting throws. */
export async function measure(
  bytes: Uint8Array,
  name: string,
  given: readonly string[],
  options: MeasureOptions,
  label = name,
): Promise<Measured> {
  const { wasm } = await instrument(bytes, { name: label, suspending: options.suspending });
  const args = argumentsFor(bytes, name, given);
  const raw = new Subject(bytes, name, args);
  const ours = new Subject(wasm, name, args);
  ours.slice = options.slice;

  const rawResult = raw.run();
  const instrumentedResult = ours.run();
  // A program that does not do the same again gets a new instance for every run.
  const repeats = raw.run() === rawResult;
  const maxCalls = repeats ? Number.POSITIVE_INFINITY : MAX_INSTANCES;
  const stopped = runStopping(wasm, name, args);

  const time = (subject: Subject, calls: number): number => {
    let ms = 0;
    if (repeats) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) subject.run();
      return performance.now() - start;
    }
    for (let i = 0; i < calls; i++) {
      subject.renew();
      const start = performance.now();
      subject.run();
      ms += performance.now() - start;
    }
    return ms;
  };
  ours.renew();
  raw.renew();
  // Both have met the optimizing compiler before anything counts.
  for (const subject of [raw, ours]) {
    const end = performance.now() + WARM_UP_MS;
    for (let n = 0; n < maxCalls && performance.now() < end; n++) time(subject, 1);
  }
  let calls = 1;
  let once = time(raw, calls);
  for (; once < ROUND_MS && calls < maxCalls; once = time(raw, calls)) calls *= 2;
  const first = time(ours, calls);
  const rounds = Math.min(options.rounds, Math.max(MIN_ROUNDS, Math.floor(TOTAL_MS / (once + first))));
  const rawTimes: number[] = [];
  const ourTimes: number[] = [];
  ours.stops = 0;
  for (let round = 0; round < rounds; round++) {
    rawTimes.push(time(raw, calls) / calls);
    ourTimes.push(time(ours, calls) / calls);
  }
  return {
    name: label,
    rawMs: median(rawTimes),
    instrumentedMs: median(ourTimes),
    ratio: median(ourTimes.map((ms, round) => ms / rawTimes[round]!)),
    rawResult,
    instrumentedResult,
    stoppedResult: stopped.result,
    stoppedAtEveryCheck: stopped.stops,
    same: rawResult === instrumentedResult && (stopped.result === null || stopped.result === rawResult),
    rawBytes: bytes.length,
    instrumentedBytes: wasm.length,
    rawCodeBytes: codeBytes(bytes),
    instrumentedCodeBytes: codeBytes(wasm),
    switches: Math.round(ours.stops / rounds / calls),
  };
}

function runStopping(
  wasm: Uint8Array,
  name: string,
  args: readonly unknown[],
): { result: string | null; stops: number } {
  const subject = new Subject(wasm, name, args);
  subject.slice = 1;
  subject.until = performance.now() + EVERY_CHECK_MS;
  try {
    return { result: subject.run(), stops: subject.stops };
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    return { result: null, stops: subject.stops };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
