// Plays scenarios on a real BEAM (needs `erl` and `erlc`) and keeps the traces, or compares ours with them at once. Without flavours
// it is all of them; what is kept of the other flavours stays.
//   npm run differential -- record  <suite> <scenarios per flavour> [first seed] [flavour ...]
//   npm run differential -- compare <suite> <scenarios per flavour> [first seed] [flavour ...]
import { core } from "../differential/suite.ts";
import { genServers } from "../gen-server/differential/suite.ts";
import { genStatems } from "../gen-statem/differential/suite.ts";
import { supervisors } from "../supervisor/differential/suite.ts";
import {
  difference,
  play,
  readRecordings,
  type Seeded,
  type Suite,
  writeRecordings,
} from "./differential.ts";

const SUITES: Readonly<Record<string, Suite<never, never>>> = {
  core: core as unknown as Suite<never, never>,
  "gen-server": genServers as unknown as Suite<never, never>,
  "gen-statem": genStatems as unknown as Suite<never, never>,
  supervisor: supervisors as unknown as Suite<never, never>,
};
/** Differences that are shown; the others are counted. */
const SHOWN = 5;

const [command, name = "", count = "100", from = "1", ...chosen] = process.argv.slice(2);
const suite = SUITES[name];
if (suite === undefined || (command !== "record" && command !== "compare")) {
  console.error(
    `usage: record | compare, one of ${Object.keys(SUITES).join(", ")}, count, first seed, flavours`,
  );
  process.exitCode = 2;
} else if (command === "record") {
  const flavours = chosen.length > 0 ? chosen : suite.flavours;
  const recorded = await play(suite, flavours, Number(count), Number(from));
  const kept =
    chosen.length > 0
      ? readRecordings(suite).filter(({ scenario }) => !chosen.includes((scenario as Seeded).flavour))
      : [];
  writeRecordings(suite, [...kept, ...recorded]);
  console.log(`${name}: ${recorded.length} of ${Number(count) * flavours.length} scenarios recorded`);
} else {
  await compare(suite, chosen.length > 0 ? chosen : suite.flavours);
}

async function compare(suite: Suite<never, never>, flavours: readonly string[]): Promise<void> {
  let differences = 0;
  for (const flavour of flavours) {
    const played = await play(suite, [flavour], Number(count), Number(from));
    for (const { scenario, trace } of played) {
      const found = await difference(suite, scenario, trace);
      if (found === undefined) continue;
      differences++;
      if (differences > SHOWN) continue;
      console.log(suite.show(scenario, found.entry));
      console.log(`BEAM: ${JSON.stringify(found.expected)}\nours: ${JSON.stringify(found.actual)}\n`);
    }
    console.log(`${name} ${flavour}: ${played.length} of ${count} played, ${differences} differences so far`);
  }
  if (differences > 0) process.exitCode = 1;
}
