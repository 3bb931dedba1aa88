// moonlet/sim: guests and JavaScript processes in a world whose time, randomness and scheduling are a function of a seed, with faults at
// chosen places, and a log by which a run is compared with its replay.
export { type CrashPoint, type CrashSweep, type CrashSweepOptions, crashSweep } from "./crash-sweep.ts";
export { type Deviation, formatDeviation, parseDeviation } from "./deviation.ts";
export type { Duration } from "./duration.ts";
export { type Difference, EventLog, firstDifference, formatEvent, type SimEvent } from "./event-log.ts";
export { type Fault, type FaultTarget, faults, type KillFaultOptions } from "./fault-kinds.ts";
export type { CallPoint, KillPoint, Who } from "./fault-plan.ts";
export { type Files, MemoryFileSystem } from "./memory-file-system.ts";
export { MemoryNetwork } from "./memory-network.ts";
export { Random, RandomStreams } from "./random.ts";
export { decodeReplay, encodeReplay, type Replay } from "./replay-token.ts";
export { checkDeterminism, describeFailure, type Scenario, type SimRun, simulate } from "./run.ts";
export type { ScheduleStrategy } from "./schedule.ts";
export { createSimTest, type SimTest, type TestRunner } from "./sim-test.ts";
export { createSimulation, type Simulation } from "./simulation.ts";
export type { ProgramLoader, SimulationOptions } from "./simulation-options.ts";
export { SimulationFailure, type SwarmOptions, type SwarmResult, swarm } from "./swarm.ts";
