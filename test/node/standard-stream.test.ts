// A standard stream needs a process of its own: its script is run by Node from the sources' built form.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const MODULE = pathToFileURL(resolve("dist/host/node/standard-stream.js")).href;
/** Tells on standard error when the stream of Node's is there. */
const PREAMBLE = `
  import { StandardStream } from ${JSON.stringify(MODULE)};
  import { writeSync } from "node:fs";
  const hasStream = () => process.moduleLoadList.includes("NativeModule net");
  const tell = (text) => writeSync(2, text + "\\n");
  const out = new StandardStream(1, (error) => { tell("failed " + error.code); process.exit(9); });
`;

function run(script: string): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, ["--input-type=module", "-e", PREAMBLE + script], { encoding: "utf8" });
}

describe.skipIf(process.platform === "win32")("a standard stream", () => {
  it("writes the first words at once and without a stream of Node's", () => {
    const { stdout, stderr } = run('out.write("one "); out.write(Buffer.from("two")); tell(hasStream());');
    expect([stdout, stderr]).toEqual(["one two", "false\n"]);
  });

  it("keeps the order when there is more to write", () => {
    const { stdout, stderr } = run(
      'out.write("a".repeat(2000)); out.write("b".repeat(100)); out.write("c"); tell(hasStream());',
    );
    expect([stdout, stderr]).toEqual([`${"a".repeat(2000)}${"b".repeat(100)}c`, "true\n"]);
  });

  it("makes a writer wait that is quicker than who reads", async () => {
    const script = `
      let waited;
      for (let i = 0; i < 100 && !waited; i++) waited = out.write("x".repeat(100_000));
      tell("waits");
      await waited;
      tell("goes on");
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", PREAMBLE + script]);
    const [words] = (await once(child.stderr, "data")) as [Buffer];
    expect(String(words)).toBe("waits\n");
    child.stdout.resume();
    const [more] = (await once(child.stderr, "data")) as [Buffer];
    expect(String(more)).toBe("goes on\n");
    child.kill();
  });

  it("tells of what cannot be written, at once or later", async () => {
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", `${PREAMBLE} process.stdin.once("data", () => out.write("one"));`],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    child.stdout.destroy();
    child.stdin.end("go");
    const [words] = (await once(child.stderr, "data")) as [Buffer];
    expect(String(words)).toBe("failed EPIPE\n");
    child.kill();
  });
});
