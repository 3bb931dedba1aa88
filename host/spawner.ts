// Who a guest that is spawned from outside is linked to or monitored by: a JavaScript process of the embedder's.
import type { GuestSpawnOptions } from "./options.ts";
import { MoonletError } from "./otp/error.ts";
import { Context, Pid, type Process, type Runtime } from "./otp/index.ts";

/** The process that `link` and `monitor` name; undefined when neither is there. @throws MoonletError badarg, noproc. */
export function spawnerOf(runtime: Runtime, options: GuestSpawnOptions): Process | undefined {
  const pids = [options.link, options.monitor]
    .filter((who) => who !== undefined)
    .map((who) => (who instanceof Context ? who.pid : who));
  const [pid, other] = pids;
  if (pid === undefined) return undefined;
  if (!(pid instanceof Pid) || (other && !pid.equals(other))) {
    throw new MoonletError(
      "badarg",
      "link and monitor name the process that is to be linked to or to monitor: one Context or Pid",
      {
        hint: "Spawn from inside a JavaScript process and pass its `self`.",
      },
    );
  }
  const process = runtime.process(pid);
  if (!process) throw new MoonletError("noproc", `${pid}, which link or monitor names, is not alive`);
  return process;
}
