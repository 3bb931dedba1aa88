// Who is on the other side of the network in an attack: a server of bytes that the guest asks, or clients that visit what it listens on. They
// use the sockets of this machine, and are not bound by anything.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nodeNetwork } from "../../host/node/network.ts";
import type { HostOptions } from "../../host/options.ts";
import { GRANTS, type GrantName } from "../../host/wasm/grant.ts";
import type { Endpoint, Failure, Network } from "../../host/wasm/net/network.ts";
import type { Town } from "./town.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const GRANT_NAMES = Object.keys(GRANTS) as GrantName[];

export interface Outside {
  /** What happens to each connection to a server, from the first bytes on; `nth` counts from 0. The attacker's argument is the server's URL. */
  readonly serves?: (socket: Socket, nth: number) => void;
  /** What clients do once the attacker listens, on a first port and perhaps on more, and what does not hold, in words. It goes on for as long as that takes. */
  readonly visits?: (port: number, town: Town, ports: readonly number[]) => Promise<readonly string[]>;
}

export class OutsideWorld {
  /** What did not hold. */
  complaints: readonly string[] = [];
  readonly #outside: Outside;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isOver = false;
  /** All that was listened on so far. */
  readonly #ports: number[] = [];
  #listening: (port: number) => void = () => {};
  readonly #port = new Promise<number>((resolve) => {
    this.#listening = resolve;
  });

  constructor(outside: Outside) {
    this.#outside = outside;
    this.#isOver = outside.visits === undefined;
  }

  /** Whoever visits is done. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Of the server. */
  get url(): string | undefined {
    return this.#server && `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** For the host: the machine's network, of which it is known where somebody listens. */
  get options(): HostOptions {
    const seen =
      <T extends { readonly local: Endpoint }>(done: (result: T | Failure) => void) =>
      (result: T | Failure) => {
        if ("local" in result) {
          this.#ports.push(result.local.port);
          this.#listening(result.local.port);
        }
        done(result);
      };
    const network: Network = {
      ...nodeNetwork,
      listen: (target, done) => nodeNetwork.listen(target, seen(done)),
      serveHttp: (target, limits, done) => nodeNetwork.serveHttp(target, limits, seen(done)),
    };
    return { network, grants: [...GRANT_NAMES, "http:127.0.0.1:*", "connect:127.0.0.1:*"] };
  }

  async open(): Promise<void> {
    const { serves } = this.#outside;
    if (!serves) return;
    let nth = 0;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("data", () => serves(socket, nth++));
    });
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  /** The visits begin when somebody listens. */
  begin(town: Town): void {
    const { visits } = this.#outside;
    if (!visits) return;
    void this.#port
      .then((port) => visits(port, town, this.#ports))
      .then(
        (complaints) => {
          this.complaints = complaints;
        },
        (error: unknown) => {
          this.complaints = [`a visitor failed: ${error}`];
        },
      )
      .finally(() => {
        this.#isOver = true;
      });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
  }
}

/** A client's connection. Its end, however it comes, is an end. */
export class Client {
  readonly socket: Socket;
  /** What came, as far as it was read. */
  heard = "";
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
    });
  }

  /** Sends this, when it is connected. */
  say(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }
  /** Reads everything from now on. */
  listen(): this {
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.heard += text;
    });
    return this;
  }
  hangUp(): void {
    this.socket.destroy();
  }
  /** The statuses of the responses that came. */
  get statuses(): readonly number[] {
    return [...this.heard.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }
  /** All of what came until the other side ended it. */
  async untilClosed(): Promise<this> {
    this.listen();
    await until(() => this.isClosed);
    return this;
  }
}

/** Waits, turn by turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** So many turns of the event loop, for what should not happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Status and body of a good client's request. */
export async function get(port: number, path = "/"): Promise<string> {
  const client = new Client(port).say(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const { statuses, heard } = await client.untilClosed();
  return `${statuses.join()} ${heard.split("\r\n\r\n").at(-1)}`;
}

/** Bytes that this process holds, those outside V8's heap or those in it, once what nobody refers to is gone. */
export function heldBytes(kind: "arrayBuffers" | "heapUsed"): number {
  collectGarbage();
  return process.memoryUsage()[kind];
}

/** Whether this process holds more than before by so many bytes outside V8's heap. */
export function hasGrown(before: number, mostBytes: number): readonly string[] {
  const grown = heldBytes("arrayBuffers") - before;
  return grown > mostBytes ? [`the host keeps ${grown} bytes more`] : [];
}
