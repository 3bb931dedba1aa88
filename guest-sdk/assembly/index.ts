/// <reference path="./globals.d.ts" />
// moonlet/guest-sdk: what a guest written in AssemblyScript imports.
export { RemoteName } from "./address";
export { call, CallResult, DEFAULT_CALL_TIMEOUT, tryCall } from "./call";
export { monotonicMs, monotonicTime } from "./clock";
export { demonitorGroup, groupMembers, GroupMonitor, joinGroup, killGroup, leaveGroup, monitorGroup } from "./group";
export { log } from "./log";
export { Down, Exit, send, Timeout, trySend } from "./message";
export { Pid } from "./pid";
export {
  alias, argument, demonitor, exit, exitSignal, info, isAlive, label, link, monitor, monitorAs, MonitorAlias, Priority, priority,
  self, trapExit, unalias, unlink, yieldTurn,
} from "./process";
export { random } from "./random";
export { receive, receiveAny, receiveAnyWithin, receiveDown, receiveExitOf, receiveWithin, Selector, sleep } from "./receive";
export { Ref } from "./ref";
export { register, unregister, whereis } from "./registry";
export { Call, Caller, cast, receiveCall, receiveCallWithin, receiveCast, reply } from "./reply";
export { serve, Server } from "./server";
export { reachable } from "./sim";
export {
  Monitored, spawn, spawnExport, spawnLink, spawnLinkWith, spawnMonitor, spawnMonitorWith, SpawnOptions, spawnWith,
} from "./spawn";
export { print, printError, printText } from "./stdio";
export { Restart, Strategy, Supervisor } from "./supervisor";
export { Atom, atom } from "./term/atom";
export { Term } from "./term/term";
export { openStream, Stream, StreamReader, StreamWriter } from "./stream";
export { cancelTimer, readTimer, sendAfter, startTimer } from "./timer";
