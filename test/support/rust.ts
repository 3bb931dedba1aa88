// Builds programs in Rust where a compiler with the standard library for WebAssembly is installed. Where there is none, or
// MOONLET_NO_COMPILERS is set, `rust` is undefined and the tests of it are skipped.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface Rust {
  readonly cargo: string;
  readonly rustc: string;
  readonly rustdoc: string;
  /** What the target for WASI preview 1 is called: since Rust 1.78 it is wasm32-wasip1. */
  readonly wasi: string;
}

/** The one on the path, and Debian's beside one that lacks the targets. */
const TOOLCHAINS = [
  { cargo: "cargo", rustc: "rustc", rustdoc: "rustdoc" },
  { cargo: "/usr/bin/cargo", rustc: "/usr/bin/rustc", rustdoc: "/usr/bin/rustdoc" },
];
const BARE = "wasm32-unknown-unknown";

/** Built files are kept between runs, as cargo does by itself. */
const TARGET = resolve("node_modules/.cache/moonlet-rust");

function hasTarget(rustc: string, target: string): boolean {
  const found = spawnSync(rustc, ["--print", "target-libdir", "--target", target], { encoding: "utf8" });
  return found.status === 0 && existsSync(found.stdout.trim());
}

function findRust(): Rust | undefined {
  if (process.env.MOONLET_NO_COMPILERS) return undefined;
  for (const toolchain of TOOLCHAINS) {
    if (!hasTarget(toolchain.rustc, BARE)) continue;
    const wasi = ["wasm32-wasip1", "wasm32-wasi"].find((target) => hasTarget(toolchain.rustc, target));
    if (wasi !== undefined && spawnSync(toolchain.cargo, ["--version"]).status === 0)
      return { ...toolchain, wasi };
  }
  return undefined;
}

export const rust: Rust | undefined = findRust();

/** Runs cargo, which reaches no network here. What it printed; throws that when it fails. */
export function cargo(...argv: readonly string[]): string {
  const { cargo: command, rustc: RUSTC, rustdoc: RUSTDOC } = rust!;
  const env = {
    ...process.env,
    RUSTC,
    RUSTDOC,
    CARGO_TARGET_DIR: TARGET,
    CARGO_NET_OFFLINE: "true",
    // Quicker to compile than what a release is for.
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
  };
  const run = spawnSync(command, argv, { env, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`cargo ${argv.join(" ")} failed:\n${run.stderr}\n${run.stdout}`);
  return run.stdout + run.stderr;
}

/** Builds a package that is one program; the path of its module. */
export function buildPackage(folder: string, name: string): string {
  cargo("build", "--release", "--target", BARE, "--manifest-path", join(folder, "Cargo.toml"));
  return join(TARGET, BARE, "release", `${name.replaceAll("-", "_")}.wasm`);
}

/** Builds a program of one file, which uses the crate `moonlet`. */
export function buildProgram(name: string, source: string): string {
  const folder = join(TARGET, "programs", name);
  mkdirSync(folder, { recursive: true });
  const crate = resolve("guest-sdk/rust");
  const manifest = `
[package]
name = "${name}"
version = "0.1.0"
edition = "2021"

[lib]
path = "main.rs"
crate-type = ["cdylib"]

[dependencies]
moonlet = { path = ${JSON.stringify(crate)} }

[profile.release]
strip = "debuginfo"
`;
  writeFileSync(join(folder, "Cargo.toml"), manifest);
  writeFileSync(join(folder, "main.rs"), source);
  return buildPackage(folder, name);
}

/** Builds a command for WASI from one file, with the standard library alone; the path of its module. */
export function buildCommand(folder: string, name: string, source: string, optLevel = "1"): string {
  const [input, output] = [join(folder, `${name}.rs`), join(folder, `${name}.wasm`)];
  writeFileSync(input, source);
  const { rustc, wasi } = rust!;
  const flags = ["--edition", "2021", "-C", `opt-level=${optLevel}`, "-C", "strip=debuginfo"];
  const run = spawnSync(rustc, ["--target", wasi, ...flags, "-o", output, input], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${name}.rs does not compile:\n${run.stderr}`);
  return output;
}
