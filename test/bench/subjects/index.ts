// Every subject, in the order in which they run.
import type { Subject } from "../subject.ts";
import { coldStart } from "./cold-start.ts";
import { fairness } from "./fairness.ts";
import { fanIn } from "./fan-in.ts";
import { genServerCall } from "./gen-server-call.ts";
import { idleMemory } from "./idle-memory.ts";
import { kernels } from "./kernels.ts";
import { killDown } from "./kill-down.ts";
import { oneWay } from "./one-way.ts";
import { pingPong } from "./ping-pong.ts";
import { ring } from "./ring.ts";
import { selectiveReceives } from "./selective-receive.ts";
import { spawnExitDown } from "./spawn-exit-down.ts";
import { supervisorRestart } from "./supervisor-restart.ts";
import { timers } from "./timers.ts";

export const SUBJECTS: readonly Subject[] = [
  pingPong,
  ring,
  oneWay,
  fanIn,
  spawnExitDown,
  killDown,
  genServerCall,
  supervisorRestart,
  ...selectiveReceives,
  ...timers,
  idleMemory,
  ...fairness,
  coldStart,
  ...kernels,
];
