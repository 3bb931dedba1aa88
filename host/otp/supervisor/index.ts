// Supervisors: processes that start, restart and stop others.
//
//   const tree = await Supervisor.start(runtime, {
//     strategy: "one_for_one",
//     children: [{ id: "counter", start: (self) => GenServer.startLink(self, counter, undefined) }],
//   });

export type { StartResult } from "../gen/start.ts";
export { type StopOptions, stop } from "../gen/stop.ts";
export {
  type ChildCounts,
  type ChildResult,
  countChildren,
  type DoneResult,
  deleteChild,
  getChildSpec,
  type ListedChild,
  restartChild,
  type SupervisorOptions,
  start,
  startChild,
  startLink,
  terminateChild,
  whichChildren,
} from "./client.ts";
export { type ChildEnd, type Decision, decide, type End, endOf } from "./decision.ts";
export type {
  AutoShutdown,
  ChildSpec,
  ChildSpecTerm,
  ChildStart,
  ChildType,
  RestartType,
  Shutdown,
  Strategy,
  SupervisorInit,
  SupervisorSpec,
} from "./spec.ts";
export type { StartResolver } from "./validate.ts";
