// A host with the guests of these tests, and what they print.
import { fileURLToPath } from "node:url";
import { Host } from "../../../host/host.ts";
import type { GuestSpawnOptions, HostOptions } from "../../../host/options.ts";
import type { Pid } from "../../../host/otp/index.ts";
import type { Network } from "../../../host/wasm/net/network.ts";
import type { Program } from "../../../host/wasm/program.ts";
import { formatReason } from "./reasons.ts";

const loader = new Host();
const loaded = new Map<string, Promise<Program>>();

/** Compiled once for all tests of a file. */
function guests(file: string): Promise<Program> {
  const program =
    loaded.get(file) ??
    loader.load(fileURLToPath(new URL(`../guests/${file}`, import.meta.url)), { name: file });
  loaded.set(file, program);
  return program;
}

export const networkGuests = () => guests("network.ts");
/** Those that do with their sockets what they are told. */
export const activeGuests = () => guests("active.ts");

export class Town {
  readonly host: Host;
  readonly printed: string[] = [];
  readonly crashes: string[] = [];
  #heard: () => void = () => {};

  constructor(network: Network, options: HostOptions = {}) {
    this.host = new Host({
      network,
      grants: ["listen", "spawn", "stdio", "connect:127.0.0.1:*", "connect", "http:127.0.0.1", "http"],
      write: (_stream, bytes) => {
        this.printed.push(...new TextDecoder().decode(bytes).trimEnd().split("\n"));
        this.#heard();
      },
      crashed: (report) => this.crashes.push(formatReason(report.reason)),
      ...options,
    });
  }

  async spawn(entry: string, options?: GuestSpawnOptions): Promise<Pid> {
    return this.host.spawn(await networkGuests(), entry, options);
  }

  /** Spawns it, and tells what it ended with. */
  async run(entry: string, args?: unknown): Promise<unknown> {
    return this.host.exited(this.host.spawn(await networkGuests(), entry, { args }));
  }

  /** Spawns a server, and gives the port that it prints first. */
  async serving(
    entry: string,
    options?: GuestSpawnOptions,
  ): Promise<{ readonly pid: Pid; readonly port: number }> {
    const pid = await this.spawn(entry, options);
    return { pid, port: Number(await this.line(this.printed.length)) };
  }

  /** The line with this number, from 0, once it is printed. */
  line(number: number): Promise<string> {
    return this.when(() => this.printed[number]);
  }

  /** What this gives, tried again whenever something is printed. */
  when<T>(attempt: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const again = () => {
        const result = attempt();
        if (result !== undefined) resolve(result);
      };
      this.#heard = again;
      again();
    });
  }

  close(): Promise<void> {
    return this.host.close({ timeoutMs: 0 });
  }
}
