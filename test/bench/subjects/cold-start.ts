// From the start of a program until what it prints arrives: `moonlet run` of a guest that is in the cache, Node with nothing to do, and an
// escript. The figure is one start.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { packageRoot } from "../../../guest-sdk/compiler/package-root.ts";
import { sourceFolder } from "../programs.ts";
import type { Side, Subject } from "../subject.ts";

type Command = (
  folder: string,
) => readonly [command: string, args: readonly string[], env?: NodeJS.ProcessEnv];

const STARTS = 5;

function starts(command: Command, isWarmed = false): Side {
  return {
    count: STARTS,
    prepare: async (folder) => {
      const [file, args, env] = command(folder);
      const options: SpawnOptions = { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] };
      if (isWarmed) await once(spawn(file, args, { ...options, stdio: "ignore" }), "exit");
      return async (count) => {
        let total = 0;
        for (let i = 0; i < count; i++) {
          const start = performance.now();
          const child: ChildProcess = spawn(file, args, options);
          const exited = once(child, "exit");
          await once(child.stdout!, "data");
          total += performance.now() - start;
          const [code] = await exited;
          if (code !== 0) throw new Error(`${file} ended with exit code ${code}`);
        }
        return { value: (total * 1e6) / count };
      };
    },
  };
}

const moonlet: Command = (folder) => [
  process.execPath,
  [join(packageRoot(), "dist", "host", "cli", "main.cjs"), "run", join(sourceFolder(), "guests", "hello.ts")],
  { XDG_CACHE_HOME: join(folder, "cache") },
];

export const coldStart: Subject = {
  name: "cold_start",
  title: "start of the executable to a guest's first words",
  group: "start",
  unit: "ns",
  baseline: "escript",
  sides: {
    moonlet: starts(moonlet, true),
    node: starts(() => [process.execPath, ["-e", "process.stdout.write('hello')"]]),
    escript: starts(() => ["escript", [join(sourceFolder(), "beam", "hello.escript")]]),
  },
};
