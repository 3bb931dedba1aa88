// What a host holds besides its programs: after an attack it has to be what it was before.
import { readdirSync, readlinkSync } from "node:fs";
import type { Host } from "../../host/host.ts";
import type { Pid } from "../../host/otp/index.ts";
import { tablesOf } from "../../host/otp/table/tables.ts";
import { allSockets } from "../../host/wasm/net/resource.ts";

export type Holdings = Readonly<Record<string, number>>;

export function holdingsOf(host: Host, victim: Pid): Holdings {
  const { runtime } = host;
  const tables = tablesOf(runtime);
  const found = runtime.process(victim);
  return {
    processes: runtime.processes().length,
    "registered names": runtime.registered().length,
    groups: runtime.groups.groups().length,
    timers: runtime.sendTimers.size,
    aliases: runtime.aliases.size,
    "ends of streams": runtime.streamEnds.size,
    tables: [...tables].length,
    "bytes in tables": tables.bytes,
    "parked processes": host.pool.parked,
    "parked bytes": host.pool.parkedBytes,
    "open files": openFiles(),
    "sockets of guests": allSockets(runtime),
    "sockets of this machine": machineSockets(),
    "links of the victim": found?.links?.size ?? 0,
    "monitors of the victim": found?.monitors?.size ?? 0,
    "monitors on the victim": found?.monitoredBy?.size ?? 0,
    "bytes that the core keeps for the victim": found?.heldBytes ?? 0,
  };
}

/** What is different, in words. */
export function differences(before: Holdings, after: Holdings): string[] {
  return Object.keys(before)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${after[name]}, before it was ${before[name]}`);
}

/** Connections and listening sockets of this process. */
export function machineSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /^TCP(Socket|Server)Wrap$/.test(name)).length;
}

/** Files and directories that this process has open, without what Node's threads need; 0 where the system does not tell. */
function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").filter((fd) => isFile(`/proc/self/fd/${fd}`)).length;
  } catch {
    return 0;
  }
}

function isFile(link: string): boolean {
  try {
    return /^\/(?!dev\/|proc\/)/.test(readlinkSync(link));
  } catch {
    // The one that was opened for this list.
    return false;
  }
}
