// All syscalls, by namespace. ABI.md describes each one; a test holds the two against each other.
import type { Namespace } from "../syscall.ts";
import { wasiPreview1 } from "../wasi/wasi.ts";
import { env } from "./assemblyscript.ts";
import { code } from "./code.ts";
import { dictionary } from "./dictionary.ts";
import { grant } from "./grant.ts";
import { group } from "./group.ts";
import { clock, log, random, sim, stdio } from "./host.ts";
import { http } from "./http.ts";
import { message } from "./message.ts";
import { process } from "./process.ts";
import { registry } from "./registry.ts";
import { stream } from "./stream.ts";
import { table } from "./table.ts";
import { tcp } from "./tcp.ts";
import { timer } from "./timer.ts";

export const SYSCALLS: Readonly<Record<string, Namespace>> = {
  process: { ...process, ...dictionary },
  message,
  registry,
  group,
  grant,
  stream,
  table,
  timer,
  code,
  tcp,
  http,
  log,
  clock,
  random,
  stdio,
  sim,
  env,
  wasi_snapshot_preview1: wasiPreview1,
};

/** `module.name` of every syscall. */
export const SYSCALL_NAMES: readonly string[] = Object.entries(SYSCALLS).flatMap(([module, namespace]) =>
  Object.keys(namespace).map((name) => `${module}.${name}`),
);

/** `module.name` of the syscalls that may suspend their caller. */
export const WAITING_SYSCALLS: readonly string[] = Object.entries(SYSCALLS).flatMap(([module, namespace]) =>
  Object.entries(namespace)
    .filter(([, syscall]) => syscall.waits)
    .map(([name]) => `${module}.${name}`),
);
