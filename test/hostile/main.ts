// `npm run test:hostile -- [words] [--json]`: every attack, or those whose description has one of the words in it; what became of them,
// how long the victim waited and for how long nobody could do anything. Exits with 1 when one was not contained.
import { SUBJECTS } from "./attacks/index.ts";
import { type AttackResult, play } from "./play.ts";

const words = process.argv.slice(2);
const json = words.includes("--json");
const wanted = words.filter((word) => word !== "--json");
if (wanted.some((word) => word.startsWith("--"))) {
  process.stderr.write("usage: npm run test:hostile -- [words] [--json]\n");
  process.exit(2);
}

const results: (AttackResult & { readonly subject: string })[] = [];
for (const { name, attacks } of SUBJECTS) {
  const chosen = attacks.filter(
    ({ tries }) => wanted.length === 0 || wanted.some((word) => `${name} ${tries}`.includes(word)),
  );
  if (chosen.length > 0 && !json) process.stdout.write(`\n${name}\n`);
  for (const attack of chosen) {
    const result = { subject: name, ...(await play(attack)) };
    results.push(result);
    if (!json) process.stdout.write(line(result));
  }
}
const failed = results.filter(({ complaints }) => complaints.length > 0).length;
const machine = { node: process.version, platform: `${process.platform} ${process.arch}` };
if (json) {
  const summary = { ...machine, attacks: results.length, contained: results.length - failed, failed };
  process.stdout.write(`${JSON.stringify({ ...summary, results }, null, 2)}\n`);
} else {
  process.stdout.write(
    `\nNode ${process.version}: ${results.length} attacks, ${results.length - failed} contained, ${failed} not\n`,
  );
}
process.exit(failed > 0 || results.length === 0 ? 1 : 0);

function line(result: AttackResult): string {
  const { tries, complaints, end, answers, slices, slowestAnswerMs, slowestStepMs, ms } = result;
  const word = complaints.length === 0 ? "contained" : "NOT CONTAINED";
  const figures =
    `${answers} answers, at most ${slices} slices or ${slowestAnswerMs.toFixed(1)} ms; ` +
    `longest step ${slowestStepMs.toFixed(1)} ms; ${ms.toFixed(0)} ms in all`;
  const why = complaints.map((complaint) => `      ${complaint}\n`).join("");
  return `  ${word.padEnd(9)}  ${tries}\n             ${end.slice(0, 90)}\n             ${figures}\n${why}`;
}
