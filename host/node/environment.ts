// The environment of a host on Node: the core's own, with a clock that Node need not load anything for, as it would take 1 ms of every start. It reads
// as `performance.now` does, which takes longer: milliseconds since the process started, which say nothing of the machine.
import { defaultEnvironment, type Environment } from "../otp/environment.ts";

export function nodeEnvironment(): Environment {
  const { hrtime } = process;
  const clock = (): number => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  };
  const start = clock() - process.uptime() * 1e3;
  return { ...defaultEnvironment(), now: () => clock() - start };
}
