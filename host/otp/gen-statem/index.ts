// gen_statem: a state machine as a process, with postponed events, enter calls and three kinds of timeouts.
//
//   const door: GenStatemCallbacks<"open" | "closed", number> = {
//     init: () => initial("closed", 0),
//     states: {
//       closed: (event, opened) => (event.type === "cast" ? nextState("open", opened + 1, stateTimeout(1000)) : keepStateAndData()),
//       open: (event, opened) => (event.type === "stateTimeout" ? nextState("closed", opened) : keepStateAndData(postpone())),
//     },
//   };

export type { ServerRef } from "../gen/call.ts";
export type { Caller } from "../gen/caller.ts";
export {
  checkResponse,
  RequestCollection,
  type RequestId,
  type Response,
  receiveResponse,
  waitResponse,
} from "../gen/requests.ts";
export { type MonitoredStartResult, type StartResult, startedPid } from "../gen/start.ts";
export { type StopOptions, stop } from "../gen/stop.ts";
export { type From, reply } from "../gen/wire.ts";
export { cast, sendRequest } from "../gen-server/client.ts";
export type { GenStatemCallbacks, StateFunction } from "./callbacks.ts";
export { call, start, startLink, startMonitor } from "./client.ts";
export type {
  Action,
  Event,
  InitStateResult,
  InsertedEvent,
  StateResult,
  TimeoutKind,
  TimeoutOptions,
} from "./results.ts";
