// What a call costs in fuel besides what its work costs, by import: what it takes the host to be called, also by a guest that calls in a loop. A
// unit is what a guest does in some 2.5 ns; a slice full of the same call shall be no longer than a turn of the scheduler.

/** Of most calls: an import is entered, and some numbers are looked at. */
const USUAL = 20;
/** Of WASI's, which look descriptors up and may fail with an error. */
const WASI_USUAL = 200;

/** Those that take longer. `message.send` and `message.receive`, which are called more often than all others, cost a unit like any instruction. */
const UNITS: Readonly<Record<string, number>> = {
  "process.info": 3000,
  "process.items": 3000,
  "process.list": 400,
  "process.alias": 300,
  "process.argument": 60,
  "process.dictionary": 200,
  "process.label": 150,
  "process.link": 200,
  "process.unlink": 100,
  "process.monitor": 100,
  "process.monitor_with": 200,
  "grant.has": 200,
  "grant.list": 500,
  "grant.ask": 200,
  "grant.lend": 1000,
  "grant.open": 200,
  "grant.revoke": 500,
  "group.join": 200,
  "group.leave": 200,
  "group.list": 300,
  "group.members": 200,
  "group.monitor": 300,
  "group.monitor_scope": 1500,
  "registry.registered": 300,
  "stream.open": 2000,
  "table.list": 300,
  "table.new": 500,
  "timer.send_after": 200,
  "timer.start": 200,
  "log.write": 150,
  "log.report": 150,
  "random.fill": 400,
  "sim.reachable": 200,
  "env.seed": 400,
  "env.trace": 400,
  "env.console.log": 300,
  "env.console.debug": 150,
  "env.console.info": 150,
  "env.console.warn": 150,
  "env.console.error": 150,
  "stdio.write": 100,
  "wasi_snapshot_preview1.random_get": 400,
  "wasi_snapshot_preview1.args_get": 60,
  "wasi_snapshot_preview1.args_sizes_get": 60,
  "wasi_snapshot_preview1.environ_get": 60,
  "wasi_snapshot_preview1.environ_sizes_get": 60,
  "wasi_snapshot_preview1.clock_time_get": 60,
  "wasi_snapshot_preview1.sched_yield": USUAL,
  "wasi_snapshot_preview1.proc_exit": USUAL,
};

/** Of the import `module.name`. */
export function callUnits(name: string): number {
  return UNITS[name] ?? (name.startsWith("wasi_snapshot_preview1.") ? WASI_USUAL : USUAL);
}
