// wasi_snapshot_preview1.*: every function of WASI preview 1 (host/wasm/wasi/README.md lists them), through the same doors as everything
// else that a guest does: time and randomness from the Environment, files from the directories that it was granted.
import { type Namespace, type Syscall, type } from "../syscall.ts";
import { type Calls, guarded } from "./call.ts";
import { argumentCalls } from "./calls/arguments.ts";
import { descriptorCalls } from "./calls/descriptor.ts";
import { directoryCalls } from "./calls/directory.ts";
import { pathCalls } from "./calls/path.ts";
import { pollCalls } from "./calls/poll.ts";
import { systemCalls } from "./calls/system.ts";
import { transferCalls } from "./calls/transfer.ts";
import { PREVIEW1 } from "./preview1-types.ts";

const CALLS: Calls = {
  ...argumentCalls,
  ...descriptorCalls,
  ...directoryCalls,
  ...pathCalls,
  ...pollCalls,
  ...systemCalls,
  ...transferCalls,
};

/** Which of these may suspend their caller. */
const WAITING: readonly string[] = ["fd_read", "fd_write", "poll_oneoff", "sched_yield"];

/** The namespace as syscalls. */
export const wasiPreview1: Namespace = Object.fromEntries(
  Object.entries(PREVIEW1).map(([name, params]): [string, Syscall] => [
    name,
    {
      type: type(`${params} -> ${name === "proc_exit" ? "" : "i32"}`),
      waits: WAITING.includes(name),
      call: guarded(name, CALLS[name]!),
    },
  ]),
);
