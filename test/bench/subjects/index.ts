// Every subject, in the order in which they run.
import type { Subject } from "../subject.ts";
import { fanIn } from "./fan-in.ts";
import { idleMemory } from "./idle-memory.ts";
import { kernels } from "./kernels.ts";
import { killDown } from "./kill-down.ts";
import { oneWay } from "./one-way.ts";
import { pingPong } from "./ping-pong.ts";
import { ring } from "./ring.ts";
import { spawnExitDown } from "./spawn-exit-down.ts";

export const SUBJECTS: readonly Subject[] = [
  pingPong,
  ring,
  oneWay,
  fanIn,
  spawnExitDown,
  killDown,
  idleMemory,
  ...kernels,
];
