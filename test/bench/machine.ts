// What the figures were measured on.
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of the last minute, before the run: above the number of cores others were at work. */
  readonly load: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  /** Null without an Erlang. */
  readonly otp: string | null;
}

export function thisMachine(otp: string | undefined): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    load: loadavg()[0] ?? 0,
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    otp: otp ?? null,
  };
}
