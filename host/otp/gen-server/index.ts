// gen_server: a server process with a state. Callbacks on one side, client functions on the other.
//
//   const counter: GenServerCallbacks<number> = {
//     init: () => started(0),
//     handleCall: (request, _from, n) => (request === "next" ? reply(n, n + 1) : stopReply("normal", n, n)),
//     handleCast: (by, n) => noreply(n + (by as number)),
//   };
//   const { pid } = await GenServer.startLink(self, counter, undefined);
//   await GenServer.call(self, pid, "next");

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
export { type From, reply, TIMEOUT } from "../gen/wire.ts";
export type { GenServerCallbacks } from "./callbacks.ts";
export { abcast, call, cast, type MultiCallResult, multiCall, sendRequest } from "./client.ts";
export type { CallResult, HandleResult, InitResult, Next } from "./results.ts";
export { type GenServerOptions, start, startLink, startMonitor } from "./start.ts";
