// Rust programs as processes, built here for wasm32-wasi (or wasm32-wasip1, as it is called since Rust 1.78).
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { buildCommand, rust } from "../support/rust.ts";

const folder = mkdtempSync(join(tmpdir(), "moonlet-rust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SOURCE = `
use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::{env, fs, process, thread, time::Duration};

fn main() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in io::stdin().lock().lines() {
        for word in line.unwrap().split_whitespace() {
            *counts.entry(word.to_string()).or_default() += 1;
        }
    }
    fs::create_dir_all("/box/a/b").unwrap();
    fs::write("/box/a/b/counts", format!("{:?}", counts)).unwrap();
    thread::sleep(Duration::from_millis(2));
    println!("{}", fs::read_to_string("/box/a/b/counts").unwrap());
    println!("{:?} {:?}", env::args().skip(1).collect::<Vec<_>>(), env::var("LANG"));
    println!("{}", fs::read_dir("/box/a").unwrap().count());
    fs::remove_dir_all("/box/a").unwrap();
    assert!(fs::File::open("/etc/passwd").is_err());
    if env::args().count() < 2 {
        panic!("nothing was said");
    }
    process::exit(42);
}
`;
// Skipped where no Rust compiler has the target and its standard library.
describe.skipIf(rust === undefined)("a Rust program", { timeout: 120_000 }, () => {
  let program = "";
  let query = "";
  beforeAll(() => {
    program = buildCommand(folder, "program", SOURCE);
    query = buildCommand(folder, "query", readFileSync("examples/wasi-rust/main.rs", "utf8"));
  }, 120_000);

  /** Instrumented once, for all the hosts here. */
  const loader = new Host();
  afterAll(() => loader.close());

  async function run(args: readonly string[], file = program, stdin = "to be or not to be\n") {
    const box = join(folder, "box");
    mkdirSync(box, { recursive: true });
    const written: Record<1 | 2, string> = { 1: "", 2: "" };
    await using host = new Host({
      grants: ["stdio", "stdin"],
      directories: [{ host: box, guest: "/box", mode: "write" }],
      env: { LANG: "C" },
      stdin,
      write: (stream, bytes) => {
        written[stream] += new TextDecoder().decode(bytes);
      },
    });
    const reason = await host.exited(host.spawn(await loader.load(file), "_start", { args }));
    return { reason, out: written[1], err: written[2] };
  }

  it("reads, writes, sleeps and exits with its code", async () => {
    expect(await run(["said"])).toEqual({
      reason: ["exit_code", 42],
      out: '{"be": 2, "not": 1, "or": 1, "to": 2}\n["said"] Ok("C")\n1\n',
      err: "",
    });
  });

  it("that panics says why and ends with a trap", async () => {
    expect(await run([])).toMatchObject({
      reason: { type: "trap", kind: "unreachable" },
      err: expect.stringContaining("nothing was said"),
    });
  });

  it("queries, shows and packs JSON", async () => {
    const json = '{"moons": [{"name": "Io", "km": 3643.2, "ice": false}, {"name": "\\u00c9", "km": null}]}';
    expect(await run([".moons.0"], query, json)).toEqual({
      reason: "normal",
      out: '{\n  "ice": false,\n  "km": 3643.2,\n  "name": "Io"\n}\n',
      err: "",
    });
    writeFileSync(join(folder, "box", "moons"), json);
    const { out, err } = await run([".", "/box/moons", "/box/moons", "--pack", "/box/packed"], query);
    expect(out.match(/"É"/g)).toHaveLength(2);
    expect(err).toBe(
      `${Buffer.byteLength(out)} bytes packed into ${statSync(join(folder, "box", "packed")).size}\n`,
    );
    expect(await run([".none"], query, json)).toMatchObject({
      reason: ["exit_code", 2],
      err: "nothing lies at .none\n",
    });
    expect(await run(["."], query, "[1, }")).toMatchObject({ err: "expected a value at byte 4\n" });
    expect(await run([".", "/etc/passwd"], query)).toMatchObject({
      err: expect.stringMatching(/^\/etc\/passwd: /),
    });
  });

  it("recurses to the same depth each time, and ends with moonlet's stack overflow", async () => {
    const ends = [];
    for (let n = 0; n < 2; n++) {
      await using host = new Host({ grants: ["stdio", "stdin"], write: () => {} });
      const pid = host.spawn(await loader.load(query), "_start", {
        args: ["."],
        stdin: "[".repeat(1_000_000),
      });
      const process = host.runtime.process(pid)!;
      ends.push([await host.exited(pid), process.reductions]);
    }
    expect(ends[0]).toMatchObject([{ type: "trap", kind: "stack_overflow", message: "stack overflow" }, {}]);
    expect(ends[1]).toEqual(ends[0]);
  });
});
