// Instruments one file into another, in a process of its own, and prints what that took as JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { WAITING_SYSCALLS } from "../../host/wasm/syscalls/index.ts";
import { instrument } from "../../instrument/index.ts";
import { codeBytes } from "../bench/capture/code-size.ts";

export interface Instrumented {
  readonly inBytes: number;
  readonly outBytes: number;
  /** Of the code sections. Files differ by what is dropped, too: debugging information. */
  readonly codeRatio: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** At most, of the whole process. */
  readonly residentBytes: number;
}

const [input = "", output = ""] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(input));
const started = performance.now();
const before = process.cpuUsage();
const { wasm } = await instrument(bytes, { suspending: WAITING_SYSCALLS });
const { user, system } = process.cpuUsage(before);
const measured: Instrumented = {
  inBytes: bytes.length,
  outBytes: wasm.length,
  codeRatio: codeBytes(wasm) / codeBytes(bytes),
  wallMs: performance.now() - started,
  cpuMs: (user + system) / 1000,
  residentBytes: process.resourceUsage().maxRSS * 1024,
};
writeFileSync(output, wasm);
process.stdout.write(JSON.stringify(measured));
