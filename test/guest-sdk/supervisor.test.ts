// Supervisors written in the guest: who is started again when a child ends, as OTP's supervisor does it.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHost, type Host, type Program } from "../../host/index.ts";

let host: Host;
let program: Program;
const lines: string[] = [];

beforeAll(async () => {
  host = await createHost({
    grants: "all",
    write: (_stream, bytes) => lines.push(new TextDecoder().decode(bytes).trimEnd()),
  });
  program = await host.load(fileURLToPath(new URL("guests/supervision.ts", import.meta.url)));
});
afterAll(() => host.close());

/** Runs an entry; ends what it left. */
async function run(entry: string): Promise<string[]> {
  lines.length = 0;
  expect(await host.exited(host.spawn(program, entry))).toBe("normal");
  const seen = [...lines];
  for (const { pid } of host.runtime.processes().map((pid) => ({ pid }))) host.kill(pid);
  while (host.runtime.processes().length > 0) await host.exited(host.runtime.processes()[0]!);
  return seen;
}

test("one_for_one restarts the child that ended", async () => {
  expect(await run("restartsOne")).toEqual(["start a", "start b", "start c", "end b crash", "start b"]);
});

test("one_for_all restarts all of them, in order", async () => {
  expect(await run("restartsAll")).toEqual([
    "start a",
    "start b",
    "start c",
    "end b crash",
    "start a",
    "start b",
    "start c",
  ]);
});

test("rest_for_one restarts it and those after it", async () => {
  expect(await run("restartsRest")).toEqual([
    "start a",
    "start b",
    "start c",
    "end b crash",
    "start b",
    "start c",
  ]);
});

test("a supervisor whose children crash too often gives up with shutdown and leaves none of them", async () => {
  const seen = await run("givesUp");
  expect(seen.filter((line) => line === "start a")).toHaveLength(3);
  expect(seen.at(-1)).toBe("supervisor shutdown true");
});

test("a transient child comes back after a crash only, a temporary one never, a permanent one always", async () => {
  const seen = await run("restartsByKind");
  expect(seen.slice(3)).toEqual(["end a shutdown", "end b crash", "end c normally", "start c"]);
});

test("told to end, it ends its children, and kills the one that will not", async () => {
  expect(await run("endsInOrder")).toEqual(["start stubborn", "start a", "supervisor shutdown true"]);
});
