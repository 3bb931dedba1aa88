// The networks that there are, and the contract in words that a test can wait for.
import { nodeNetwork } from "../../../host/node/network.ts";
import { defaultEnvironment } from "../../../host/otp/index.ts";
import { MemoryNetwork } from "../../../host/sim/index.ts";
import type {
  Cancel,
  Channel,
  Connection,
  Done,
  Failure,
  HttpCall,
  HttpExchange,
  HttpLimits,
  HttpRequest,
  Listener,
  Network,
  ResponseHead,
} from "../../../host/wasm/net/network.ts";

export const LOOPBACK = "127.0.0.1";
export const anywhere = () => true;

/** Each kind with what makes a new one. */
export const NETWORKS: readonly (readonly [name: string, make: () => Network])[] = [
  ["the network of this machine", () => nodeNetwork],
  ["the network in memory", () => new MemoryNetwork(defaultEnvironment())],
];

export const LIMITS: HttpLimits = {
  maxHeaderBytes: 4096,
  maxConnections: 100,
  headersTimeoutMs: 5000,
  requestTimeoutMs: 5000,
  keepAliveTimeoutMs: 5000,
  inactivityTimeoutMs: 5000,
};

/** What came of something that was begun; a failure is thrown as its reason. */
export function begun<T extends object>(begin: (done: Done<T>) => Cancel): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((result) => {
      if ("type" in result && (result as Failure).type === "failure") reject((result as Failure).reason);
      else resolve(result as T);
    });
  });
}

export const listen = (network: Network, port = 0, backlog = 16): Promise<Listener<Connection>> =>
  begun((done) => network.listen({ address: LOOPBACK, port, backlog }, done));
export const connect = (network: Network, port: number, host = LOOPBACK): Promise<Connection> =>
  begun((done) => network.connect({ host, port, admits: anywhere, asker: network }, done));
export const serve = (
  network: Network,
  limits: Partial<HttpLimits> = {},
  backlog = 16,
  port = 0,
): Promise<Listener<HttpExchange>> =>
  begun((done) => network.serveHttp({ address: LOOPBACK, port, backlog }, { ...LIMITS, ...limits }, done));
export const ask = (network: Network, port: number, request: Partial<HttpRequest> = {}): Promise<HttpCall> =>
  begun((done) =>
    network.requestHttp(
      {
        host: LOOPBACK,
        port,
        admits: anywhere,
        asker: network,
        isSecure: false,
        method: "GET",
        path: "/",
        headers: [],
        bodyBytes: undefined,
        maxHeaderBytes: 4096,
        ...request,
      },
      done,
    ),
  );

/** Who waits for something to change: reading and writing may go on at the same time. */
const waiting = new WeakMap<object, Set<() => void>>();

/** Tries again whenever something has changed, until there is an answer. */
export function until<T>(what: { changed: () => void }, attempt: () => T | undefined): Promise<T> {
  const others = waiting.get(what) ?? new Set();
  waiting.set(what, others);
  what.changed = () => {
    for (const again of [...others]) again();
  };
  return new Promise((resolve) => {
    const again = () => {
      const result = attempt();
      if (result === undefined) return;
      others.delete(again);
      resolve(result);
    };
    others.add(again);
    again();
  });
}

export const accepted = <T>(listener: Listener<T>): Promise<T> => until(listener, () => listener.accept());

/** The next bytes as text, "end", or "broken: reason". */
export function next(channel: Channel, maxBytes = 65_536): Promise<string> {
  return until(channel, () => {
    const result = channel.read(maxBytes);
    if (result.type === "empty") return undefined;
    if (result.type === "data") return new TextDecoder().decode(result.bytes);
    return result.type === "end" ? "end" : `broken: ${result.reason}`;
  });
}

/** Everything up to the end, and how that came: "end", or "broken: reason". */
export async function rest(channel: Channel): Promise<readonly [bytes: number, text: string, end: string]> {
  let text = "";
  let size = 0;
  for (;;) {
    const result = await until(channel, () => {
      const read = channel.read(65_536);
      return read.type === "empty" ? undefined : read;
    });
    if (result.type !== "data")
      return [size, text, result.type === "broken" ? `broken: ${result.reason}` : result.type];
    size += result.bytes.length;
    if (text.length < 10_000) text += new TextDecoder().decode(result.bytes);
  }
}

/** Writes all of it; the reason when that fails. */
export async function write(channel: Channel, data: string | Uint8Array): Promise<string | undefined> {
  let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  while (bytes.length > 0) {
    const taken = await until(channel, () => channel.write(bytes) || undefined);
    if (typeof taken !== "number") return taken.reason;
    bytes = bytes.subarray(taken);
  }
  return undefined;
}

export function response(call: HttpCall): Promise<ResponseHead | Failure> {
  return until(call, () => call.response);
}

/** Status and body. */
export async function answer(call: HttpCall): Promise<readonly [status: number | string, text: string]> {
  const head = await response(call);
  if ("reason" in head) return [head.reason, ""];
  return [head.status, (await rest(call))[1]];
}

export const portOf = ({ local }: { readonly local: { readonly port: number } }): number => local.port;
