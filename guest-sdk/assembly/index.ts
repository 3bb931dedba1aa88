/// <reference path="./globals.d.ts" />
// moonlet/guest-sdk: what a guest written in AssemblyScript imports.
export { RemoteName } from "./address";
export {
  call, CallResult, checkResponse, DEFAULT_CALL_TIMEOUT, receiveResponse, sendRequest, tryCall, waitResponse,
} from "./call";
export { monotonicMs, monotonicTime, wallTime } from "./clock";
export { changeCode, lendCode, loadCode, LoadedCode, purgeCode, ready } from "./code";
export { DebugFunction } from "./debug";
export { dictionary } from "./dictionary";
export { EventHandler, EventManager } from "./event-manager";
export {
  addHandler, addSupHandler, callHandler, deleteHandler, notify, swapHandler, swapSupHandler, syncNotify, whichHandlers,
} from "./events";
export {
  demonitorGroup, groupMembers, GroupMonitor, groups, joinGroup, killGroup, leaveGroup, monitorGroup, monitorScope,
  ScopeMonitor, useGroupScope,
} from "./group";
export {
  HttpCall, httpGet, httpRequest, HttpRequestOptions, HttpResponse, HttpResult, openHttpRequest, tryHttpRequest,
} from "./http-client";
export { HttpClosed, HttpData, HttpEnd, HttpError, HttpPassive, HttpResponseHead, HttpSocket } from "./http-messages";
export { httpListen, HttpOptions, HttpRequest, HttpServer } from "./http-server";
export { log } from "./log";
export { Down, Exit, send, sendAll, Timeout, trySend } from "./message";
export { Pid } from "./pid";
export {
  alias, argument, demonitor, exit, exitSignal, groupLeader, hibernate, info, isAlive, label, link, monitor, monitorAs, MonitorAlias,
  monitorTagged, Priority, priority, processes, processItems, resume, self, setGroupLeader, suspend, trapExit, unalias, unlink, yieldTurn,
} from "./process";
export { random } from "./random";
export { receive, receiveAny, receiveAnyWithin, receiveDown, receiveExitOf, receiveWithin, Selector, sleep } from "./receive";
export { Ref } from "./ref";
export { register, registered, unregister, whereis } from "./registry";
export { Call, Caller, cast, receiveCall, receiveCallWithin, receiveCast, reply } from "./reply";
export { abcast, Labelled, multiCall, MultiCallResult, RequestCollection } from "./requests";
export { serve, Server } from "./server";
export { reachable } from "./sim";
export { askGrant, grants, hasGrant, lendGrant, revokeGrant } from "./grant";
export { ChildLimits, SubtreeLimits } from "./child-limits";
export {
  ChildDirectory, MailboxPolicy, Monitored, spawn, spawnExport, spawnExportWith, spawnIfRoom, spawnLink, spawnLinkWith, spawnMonitor, spawnMonitorWith, SpawnOptions, spawnWith,
} from "./spawn";
export { start, StartResult, startWith, startWithin, trySpawn } from "./start";
export { StateFunctions } from "./state-functions";
export { Event, EventType, StateMachine, Time } from "./state-machine";
export { Endpoint } from "./socket";
export { print, printError, printText } from "./stdio";
export { ChildSpec, Restart, Shutdown } from "./child-spec";
export {
  ChildCounts, countChildren, deleteChild, getChildSpec, ListedChild, restartChild, startChild, startChildFrom,
  startDynamicChild, terminateChild, whichChildren,
} from "./supervision";
export { AutoShutdown, Strategy, Supervisor } from "./supervisor";
export { stopServer, sys } from "./sys";
export {
  namedTable, newTable, newTermTable, Table, TableAccess, TableOptions, TableTransfer, TableType,
} from "./table";
export {
  ConnectResult, ListenOptions, TcpAccept, TcpClosed, tcpConnect, TcpData, TcpError, tcpListen, TcpListener, TcpPassive, TcpSocket, tryTcpConnect,
} from "./tcp";
export { awaitMany, awaitTask, mapTasks, mapTasksWithin, shutdownTask, startTask, Task, yieldTask } from "./task";
export { Atom, atom } from "./term/atom";
export { parseTerm } from "./term/parse";
export { Term } from "./term/term";
export { Page, tables, TermTable, whereisTable } from "./term-table";
export { openStream, Stream, StreamReader, StreamWriter } from "./stream";
export { cancelTimer, readTimer, sendAfter, startTimer } from "./timer";
