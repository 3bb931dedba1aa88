// What the differential suites of gen_server and gen_statem share.
import type { Suite } from "../differential.ts";
import type { Trace } from "./players.ts";
import type { Scenario } from "./scenario.ts";

export interface BehaviourSuite<S> {
  /** Names the folder too. */
  readonly name: string;
  readonly behaviour: string;
  /** The Erlang files with the callbacks. */
  readonly callbacks: readonly string[];
  readonly flavours: readonly string[];
  generate(seed: number, flavour: string): S;
  replay(scenario: S): Promise<Trace>;
}

export function behaviourSuite<I, O>(suite: BehaviourSuite<Scenario<I, O>>): Suite<Scenario<I, O>, Trace> {
  const folder = `test/otp/${suite.name}/differential`;
  return {
    name: suite.name,
    folder,
    sources: ["test/otp/support/behaviour/player.erl", ...suite.callbacks.map((file) => `${folder}/${file}`)],
    flavours: suite.flavours,
    generate: suite.generate,
    input: ({ steps }) => ({ behaviour: suite.behaviour, steps }),
    traceOf: (played) => (Array.isArray(played) ? (played as unknown as Trace) : undefined),
    replay: suite.replay,
    // What a client gets to see before a server takes it along is a race.
    comparable: (_scenario, trace) =>
      trace.map(([results, logs, deaths, mail]) => ({
        results: results.filter(([client]) => !deaths.some(([who]) => who === `c${client}`)),
        logs,
        deaths,
        mail,
      })),
    show({ seed, flavour, steps }, entry) {
      const until = steps.slice(0, entry + 1).map((step, i) => `${i}: ${JSON.stringify(step)}`);
      return `seed ${seed} (${flavour}), step ${entry}\n${until.join("\n")}`;
    },
  };
}
