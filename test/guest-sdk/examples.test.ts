// The examples that are guests alone: what they print, and that they end by themselves.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createHost } from "../../host/index.ts";

async function run(example: string): Promise<{ lines: string[]; reason: unknown; crashed: string[] }> {
  const lines: string[] = [];
  const crashed: string[] = [];
  await using host = await createHost({
    grants: "all",
    write: (_stream, bytes) => lines.push(new TextDecoder().decode(bytes).trimEnd()),
    log: { level: "info", write: (record) => record.event === "guest" && lines.push(record.text) },
    crashed: ({ name, pid }) => crashed.push(name ?? String(pid)),
  });
  const program = await host.load(
    fileURLToPath(new URL(`../../examples/${example}/main.ts`, import.meta.url)),
  );
  const reason = await host.exited(host.spawn(program));
  return { lines, reason, crashed: [...crashed] };
}

test("ping-pong counts to three", async () => {
  const { lines, reason } = await run("ping-pong");
  expect({ lines, reason }).toEqual({ lines: ["0", "1", "2"], reason: "normal" });
});

test("the main job tells its story: messages, a spinner, a crash, a restart, an orderly end", async () => {
  const { lines, reason, crashed } = await run("main-job");
  expect(reason).toBe("normal");
  expect(crashed).toEqual(["till"]);
  const told = lines.map((line) => line.replace(/^<\S+> (\w+) +/, "$1: "));
  expect(told.filter((line) => line === "till: open, and empty")).toHaveLength(2);
  expect(told).toContain("main: all have paid; the till holds 40");
  expect(told).toContain("till: Ada pays 30, that makes 30");
  expect(told.find((line) => line.includes("ended with abort: a forged coin from Mallory"))).toBeDefined();
  expect(told.at(-1)).toBe("main: the supervisor has ended its till and itself; so do I");
});
