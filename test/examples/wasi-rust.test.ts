// Rust programs as processes, built here for wasm32-wasi (or wasm32-wasip1, as it is called since Rust 1.78).
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";

const folder = mkdtempSync(join(tmpdir(), "moonlet-rust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A compiler's own one, and Debian's beside one that lacks the target. */
const COMPILERS = [
  ["rustc", "wasm32-wasip1"],
  ["rustc", "wasm32-wasi"],
  ["/usr/bin/rustc", "wasm32-wasi"],
] as const;

function compile(name: string, source: string): string | undefined {
  const [input, output] = [join(folder, `${name}.rs`), join(folder, `${name}.wasm`)];
  writeFileSync(input, source);
  const works = COMPILERS.some(
    ([compiler, target]) =>
      spawnSync(compiler, [
        "--target",
        target,
        "-C",
        "opt-level=1",
        "-C",
        "strip=symbols",
        "-o",
        output,
        input,
      ]).status === 0,
  );
  return works ? output : undefined;
}

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
const program = compile("program", SOURCE);

// Skipped where no Rust compiler has the target and its standard library.
describe.skipIf(program === undefined)("a Rust program", { timeout: 120_000 }, () => {
  async function run(args: readonly string[]) {
    const box = join(folder, "box");
    mkdirSync(box, { recursive: true });
    const written: Record<1 | 2, string> = { 1: "", 2: "" };
    await using host = new Host({
      grants: ["stdio", "stdin"],
      directories: [{ host: box, guest: "/box", mode: "write" }],
      env: { LANG: "C" },
      stdin: "to be or not to be\n",
      write: (stream, bytes) => {
        written[stream] += new TextDecoder().decode(bytes);
      },
    });
    const reason = await host.exited(host.spawn(await host.load(program!), "_start", { args }));
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
});
