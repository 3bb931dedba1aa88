// gen_event: an event manager with handlers that come and go.
export {
  checkResponse,
  type RequestId,
  type Response,
  receiveResponse,
  waitResponse,
} from "../gen/requests.ts";
export { type StartResult, startedPid } from "../gen/start.ts";
export { type StopOptions, stop } from "../gen/stop.ts";
export {
  addHandler,
  addSupHandler,
  call,
  deleteHandler,
  type EventManagerOptions,
  type HandlerResult,
  notify,
  sendRequest,
  start,
  startLink,
  swapHandler,
  syncNotify,
  whichHandlers,
} from "./client.ts";
export type {
  EventCallResult,
  EventHandler,
  EventResult,
  HandlerEnd,
  HandlerId,
  HandlerSpec,
} from "./handler.ts";
