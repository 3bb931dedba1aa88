// The environment of a host on Node: the core's own, with a clock that Node need not load anything for, as it would take 1 ms of every start.
import { defaultEnvironment, type Environment } from "../otp/environment.ts";

export function nodeEnvironment(): Environment {
  const { hrtime } = process;
  const now = (): number => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  };
  return { ...defaultEnvironment(), now };
}
