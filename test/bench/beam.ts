// The BEAM's side: compiles beam/*.erl and starts an emulator with one scheduler.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, inProgram } from "./contestant.ts";
import { sourceFolder } from "./programs.ts";

export interface Beam {
  /** `25`, as `erlang:system_info(otp_release)` says. */
  readonly otp: string;
  open(subject: string): Contestant;
}

/** The BEAM of this machine; undefined without `erl` and `erlc`. Throws when a program does not compile. */
export function findBeam(folder: string): Beam | undefined {
  const otp = otpRelease();
  if (otp === undefined) return undefined;
  const source = join(sourceFolder(), "beam");
  const out = join(folder, "beam");
  mkdirSync(out, { recursive: true });
  const files = readdirSync(source)
    .filter((file) => file.endsWith(".erl"))
    .map((file) => join(source, file));
  execFileSync("erlc", ["-o", out, ...files], { stdio: ["ignore", "inherit", "inherit"] });
  return {
    otp,
    open: (subject) =>
      inProgram("erl", ["+S", "1:1", "-noshell", "-pa", out, "-s", "bench", "main", "-extra", subject]),
  };
}

function otpRelease(): string | undefined {
  const program = "io:put_chars(erlang:system_info(otp_release)), halt().";
  try {
    return execFileSync("erl", ["-noshell", "-eval", program], { encoding: "utf8" });
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}
