// The examples in Rust, built by the command that examples/README.md gives.
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { atom, createHost, tuple } from "../../host/index.ts";
import { buildPackage, rust } from "../support/rust.ts";

const readme = readFileSync("examples/README.md", "utf8");

/** Instruments each program once, for all the hosts here. */
const loader = new Host();
afterAll(() => loader.close());

async function run(example: string, entry = "main") {
  const module = buildPackage(`examples/${example}`, example.replace("rust-", ""));
  const lines: string[] = [];
  let printed = "";
  await using host = await createHost({
    grants: "all",
    log: { level: "info", write: (record) => record.event === "guest" && lines.push(record.text) },
    write: (_stream, bytes) => {
      printed += new TextDecoder().decode(bytes);
    },
  });
  const pid = host.spawn(await loader.load(module), entry);
  return { reason: await host.exited(pid), lines, printed };
}

describe.skipIf(rust === undefined)("an example in Rust", { timeout: 180_000 }, () => {
  it.each(["ping-pong", "gen-server"])("is built as the list of examples says: %s", (name) => {
    const folder = `examples/rust-${name}`;
    const module = `${name.replace("-", "_")}.wasm`;
    const command = `cargo build --release --target wasm32-unknown-unknown --manifest-path ${folder}/Cargo.toml`;
    const built = `${folder}/target/wasm32-unknown-unknown/release/${module}`;
    expect(readme).toContain(`\`${command} && npx moonlet run ${built}\``);
  });

  it("sends a number back and forth", async () => {
    expect(await run("rust-ping-pong")).toEqual({ reason: "normal", lines: ["0", "1", "2"], printed: "" });
  });

  it("keeps an account", async () => {
    expect(await run("rust-gen-server")).toMatchObject({
      reason: "normal",
      printed: `100 in, 30 out: 70
500 out: insufficient_funds
above 1000: 1070
too slow: no reply: timeout
a second one: no_credit
the account closes (normal) with 1070
`,
    });
  });

  it("keeps an account for the host", async () => {
    await using host = await createHost({ grants: "all", log: { level: "off" } });
    const account = host.spawn(
      await host.load(buildPackage("examples/rust-gen-server", "gen-server")),
      "named",
    );
    expect(await host.call(account, atom("balance"))).toBe(0);
    expect(await host.call(account, tuple(atom("withdraw"), 5))).toEqual(atom("insufficient_funds"));
    expect(host.runtime.whereis("account")).toBe(account);
  });
});
