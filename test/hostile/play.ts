// Plays one attack: a town of its own, the attackers in it for as long as they have, and what there is to say about it afterwards.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "../../host/host.ts";
import type { GuestSpawnOptions, HostOptions } from "../../host/options.ts";
import { formatTerm, MoonletError } from "../../host/otp/index.ts";
import type { Program } from "../../host/wasm/program.ts";
import { type Attack, isPart } from "./attack.ts";
import { OutsideWorld } from "./outside.ts";
import { Town } from "./town.ts";
import { victim } from "./victim.ts";

const DEFAULT_TURNS = 400;
/** While somebody outside takes part: the machine's network takes its time. */
const NETWORK_TURNS = 400_000;
const MOST_IDLE = 100_000;
/** How many attackers of a wave there are at a time. */
const AT_ONCE = 100;
/** What a guest may go below zero between two checks of its fuel, and a slice. */
const MOST_FUEL_OF_A_SLICE = 2 ** 27 + 2 ** 24;
const SECRET = "nobody reads this";

export interface AttackResult {
  readonly tries: string;
  /** Why it was not contained; none when all is well. */
  readonly complaints: readonly string[];
  /** How it ended, in words. */
  readonly end: string;
  /** How often the victim answered meanwhile. */
  readonly answers: number;
  /** The most slices between a question and its answer. */
  readonly slices: number;
  /** Real time, which is not judged: the slowest answer, and the longest that nobody else could do anything. */
  readonly slowestAnswerMs: number;
  readonly slowestStepMs: number;
  readonly ms: number;
}

/** Loads programs; the victim's is the same in each town. */
const loader = new Host();
let victimProgram: Promise<Program> | undefined;

export async function play(attack: Attack): Promise<AttackResult> {
  const start = performance.now();
  victimProgram ??= loader.load(victim(), { name: "victim" });
  const box = attack.files && new Box(attack.files);
  const world = attack.outside && new OutsideWorld(attack.outside);
  const town = new Town(await victimProgram, { ...box?.options, ...world?.options, ...attack.host });
  await town.settle();
  await world?.open();
  const answersBefore = town.answers;
  town.always = attack.always;
  const end = await attackIn(town, attack, world);
  // Some are over before the victim has had a turn: its next answer counts then.
  await town.until(() => town.answers > answersBefore, 200_000);
  const answers = town.answers - answersBefore;
  town.stopWatch();
  const { slices, processes } = town.slowest;
  // Each time in the queue everybody else has one slice; a question and its answer are up to four times.
  const bound = 5 * (processes + 3);
  if (slices > bound)
    town.complaints.push(`the victim's answer took ${slices} slices, with ${processes} processes`);
  if (town.environment.mostFuel > MOST_FUEL_OF_A_SLICE)
    town.complaints.push(`a slice cost ${town.environment.mostFuel} units of fuel`);
  const { slowestAnswerMs, slowestStepMs } = town;
  town.complaints.push(...(attack.check?.(town) ?? []));
  town.always = undefined;
  await town.clear();
  await world?.close();
  await town.close();
  town.complaints.push(...(box?.close() ?? []));
  const { complaints } = town;
  return {
    tries: attack.tries,
    complaints,
    end,
    answers,
    slices,
    slowestAnswerMs,
    slowestStepMs,
    ms: performance.now() - start,
  };
}

/** How it ended, in words; how it should have is complained about in the town. */
async function attackIn(town: Town, attack: Attack, world?: OutsideWorld): Promise<string> {
  const { ends } = attack;
  const given = attack.wave?.() ?? Array<GuestSpawnOptions>(attack.attackers ?? 1).fill(attack.options ?? {});
  const watched: { reason?: unknown }[] = [];
  let isEnded = true;
  try {
    const program = await loader.load(attack.module(), { name: "attacker" });
    for (let i = 0; i < given.length; i += AT_ONCE) {
      for (const options of given.slice(i, i + AT_ONCE)) {
        const pid = town.host.spawn(program, undefined, {
          grants: [],
          args: world?.url ?? town.victim,
          ...options,
        });
        watched.push(town.watch(pid));
      }
      world?.begin(town);
      const areEnded = () => watched.every(({ reason }) => reason !== undefined);
      const isOver = () =>
        (world?.isOver ?? true) && (areEnded() || (world !== undefined && ends.type === "lives"));
      const isDone = await town.until(
        isOver,
        attack.turns ?? (world ? NETWORK_TURNS : DEFAULT_TURNS),
        MOST_IDLE,
      );
      isEnded = areEnded();
      if (world && !world.isOver) town.complaints.push("whoever is outside was not done in time");
      if (world && isDone) town.complaints.push(...world.complaints);
      if (attack.wave && !isEnded) await town.clear();
    }
  } catch (error) {
    const code = error instanceof MoonletError ? error.code : "";
    const isExpected = ends.type === "cleanly" || (ends.type === "refused" && ends.code === code);
    if (!isExpected) town.complaints.push(`it was refused: ${error}`);
    if (code === "") town.complaints.push("the refusal is no MoonletError");
    return `refused: ${code}`;
  }
  if (ends.type === "refused") town.complaints.push(`it was not refused with ${ends.code}`);
  const shown = isEnded ? show(watched[0]!.reason) : "killed";
  for (const { reason } of watched) {
    if (speaksOfInsides(reason)) town.complaints.push(`its reason speaks of the host: ${show(reason)}`);
  }
  if (ends.type === "exits") {
    for (const { reason } of watched)
      if (!isPart(ends.reason, reason)) town.complaints.push(`it ended with ${show(reason)}`);
  } else if (ends.type === "lives" && isEnded) {
    town.complaints.push(`it ended by itself, with ${shown}`);
  }
  return shown;
}

/** What an exit reason must never say: these are the words of a JavaScript engine, and of our own bugs. */
const INSIDES =
  /Cannot |undefined|not iterable|not a function|Invalid (array|typed array|string|date)|BigInt|constructor|moonlet is broken|Offset is outside|host_error/i;

export function speaksOfInsides(reason: unknown): boolean {
  if (typeof reason !== "object" || reason === null || !("message" in reason)) return false;
  return INSIDES.test(`${(reason as { kind?: unknown }).kind} ${reason.message}`);
}

function show(reason: unknown): string {
  if (typeof reason === "object" && reason !== null && "kind" in reason && "message" in reason)
    return `${reason.kind}: ${reason.message}`;
  return typeof reason === "string" ? reason : formatTerm(reason, { maxCharacters: 200 });
}

/** A directory of this machine that the attacker gets as /box, and beside it what it must not reach. */
class Box {
  readonly #root = mkdtempSync(join(tmpdir(), "moonlet-hostile-"));
  readonly options: HostOptions;

  constructor(prepare: (folder: string) => void) {
    const folder = join(this.#root, "box");
    mkdirSync(folder);
    mkdirSync(join(this.#root, "outside"));
    writeFileSync(join(this.#root, "outside", "secret"), SECRET);
    writeFileSync(join(this.#root, "outside", "other"), SECRET);
    prepare(folder);
    this.options = { directories: [{ host: folder, guest: "/box", mode: "write" }] };
  }

  /** What is wrong with what lies beside the box. */
  close(): string[] {
    const outside = join(this.#root, "outside", "secret");
    let found: string | undefined;
    try {
      found = readFileSync(outside, "utf8");
    } catch {}
    rmSync(this.#root, { recursive: true, force: true });
    return found === SECRET
      ? []
      : [`the file beside the directory is ${found === undefined ? "gone" : "another"}`];
  }
}
