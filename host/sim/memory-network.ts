// A network in memory, for simulated runs and for tests: what happens in it is a function of what is done in it and of the clock that it is
// given. Each one is its own; nothing of it leaves the process. Whoever holds it plays the world outside through the same contract.
import type { Environment } from "../otp/index.ts";
import { isAddress } from "../wasm/net/address.ts";
import {
  type Budget,
  type Cancel,
  type Connection,
  type ConnectTarget,
  type Done,
  type Endpoint,
  type Failure,
  failure,
  type HttpCall,
  type HttpExchange,
  type HttpLimits,
  type HttpRequest,
  type Listener,
  type ListenTarget,
  type Network,
} from "../wasm/net/network.ts";
import { connectionPair } from "./memory-connection.ts";
import { failedCall, memoryRequest } from "./memory-http.ts";
import type { Later } from "./memory-pipe.ts";

const FIRST_FREE_PORT = 49_152;
const LAST_PORT = 65_535;
const CLIENT_ADDRESS = "127.0.0.1";

/** A connection or a request. */
interface Breakable {
  readonly isOver: boolean;
  break(): void;
}

class MemoryListener<T> implements Listener<T> {
  changed = () => {};
  readonly local: Endpoint;
  readonly backlog: number;
  /** Of HTTP only. */
  readonly limits: HttpLimits | undefined;
  readonly #budget: Budget | undefined;
  readonly #waiting: T[] = [];
  readonly #onClose: (left: readonly T[]) => void;

  constructor(
    local: Endpoint,
    { backlog, budget }: ListenTarget,
    limits: HttpLimits | undefined,
    onClose: (left: readonly T[]) => void,
  ) {
    this.local = local;
    this.backlog = backlog;
    this.#budget = budget;
    this.limits = limits;
    this.#onClose = onClose;
  }

  /** Has it wait, if it may. */
  add(one: T): boolean {
    if (this.#waiting.length >= this.backlog || this.#budget?.take() === false) return false;
    this.#waiting.push(one);
    this.changed();
    return true;
  }
  accept(): T | undefined {
    const one = this.#waiting.shift();
    if (one !== undefined) this.#budget?.giveBack();
    return one;
  }
  close(): void {
    this.changed = () => {};
    const left = this.#waiting.splice(0);
    for (const _ of left) this.#budget?.giveBack();
    this.#onClose(left);
  }
}

export class MemoryNetwork implements Network {
  readonly #environment: Pick<Environment, "defer" | "setTimer">;
  readonly #names = new Map<string, string>([["localhost", "127.0.0.1"]]);
  readonly #tcp = new Map<string, MemoryListener<Connection>>();
  readonly #http = new Map<string, MemoryListener<HttpExchange>>();
  readonly #refused = new Set<string>();
  readonly #delays = new Map<string, number>();
  /** What is under way to a place, to be broken by `reset`. */
  readonly #live = new Map<string, Set<Breakable>>();
  #nextPort = FIRST_FREE_PORT;

  constructor(environment: Pick<Environment, "defer" | "setTimer">) {
    this.#environment = environment;
  }

  // ---- the world outside

  /** Gives a name an address. Names without one are not found. */
  host(name: string, address: string): void {
    this.#names.set(name.toLowerCase(), address);
  }
  /** From now on (until `false`) connections to this place are refused. */
  refuse(address: string, port: number, isRefused = true): void {
    if (isRefused) this.#refused.add(placeOf(address, port));
    else this.#refused.delete(placeOf(address, port));
  }
  /** Whatever goes to this place and comes from it, over connections made from now on, takes so many milliseconds. */
  delay(address: string, port: number, ms: number): void {
    this.#delays.set(placeOf(address, port), ms);
  }
  /** Breaks all connections and requests to this place. */
  reset(address: string, port: number): void {
    const place = placeOf(address, port);
    const live = this.#live.get(place) ?? [];
    this.#live.delete(place);
    for (const one of live) if (!one.isOver) one.break();
  }

  // ---- the contract

  connect({ host, port, admits }: ConnectTarget, done: Done<Connection>): Cancel {
    const address = this.#resolve(host, admits);
    let isCancelled = false;
    let connection: Connection | undefined;
    const later = this.#laterAt(typeof address === "string" ? address : "", port);
    later(() => {
      if (isCancelled) return;
      const listener = typeof address === "string" ? this.#find(this.#tcp, address, port) : address;
      if (!listener || "reason" in listener) return done(listener ?? failure("econnrefused"));
      const [client, server] = connectionPair(this.#client(), { address: address as string, port }, later);
      this.#keep(address as string, port, client);
      connection = client;
      done(client);
      if (!listener.add(server)) server.abort();
    });
    return () => {
      isCancelled = true;
      connection?.abort();
    };
  }

  listen(target: ListenTarget, done: Done<Listener<Connection>>): Cancel {
    return this.#listen(this.#tcp, target, undefined, done, (left) => {
      for (const connection of left) connection.abort();
    });
  }

  serveHttp(target: ListenTarget, limits: HttpLimits, done: Done<Listener<HttpExchange>>): Cancel {
    return this.#listen(this.#http, target, limits, done, (left) => {
      for (const exchange of left) turnAway(exchange, 503);
    });
  }

  requestHttp(request: HttpRequest, done: Done<HttpCall>): Cancel {
    const { host, port, admits } = request;
    const address = this.#resolve(host, admits);
    const later = this.#laterAt(typeof address === "string" ? address : "", port);
    let call: HttpCall | undefined;
    let isCancelled = false;
    later(() => {
      if (isCancelled) return;
      const listener = typeof address === "string" ? this.#find(this.#http, address, port) : address;
      call =
        !listener || "reason" in listener
          ? failedCall(listener?.reason ?? "econnrefused", later)
          : this.#request(request, listener, address as string, later);
      done(call);
    });
    return () => {
      isCancelled = true;
      call?.abort();
    };
  }

  #request(
    { method, path, headers, bodyBytes, host, port }: HttpRequest,
    listener: MemoryListener<HttpExchange>,
    address: string,
    later: Later,
  ): HttpCall {
    const sent = [["host", `${host}:${port}`] as const, ...headers];
    if (bodyBytes !== undefined) sent.push(["content-length", String(bodyBytes)]);
    const request = memoryRequest({ method, target: path, headers: sent }, this.#client(), later);
    this.#keep(address, port, request);
    const size = sent.reduce((sum, [name, value]) => sum + name.length + value.length + 4, path.length);
    if (size > (listener.limits?.maxHeaderBytes ?? 0)) turnAway(request.exchange, 431);
    else if (!listener.add(request.exchange)) turnAway(request.exchange, 503);
    return request.call;
  }

  #listen<T>(
    listeners: Map<string, MemoryListener<T>>,
    target: ListenTarget,
    limits: HttpLimits | undefined,
    done: Done<Listener<T>>,
    onClose: (left: readonly T[]) => void,
  ): Cancel {
    const { address, port } = target;
    let listener: MemoryListener<T> | undefined;
    let isCancelled = false;
    this.#environment.defer(() => {
      if (isCancelled) return;
      const local = { address, port: port === 0 ? this.#freePort(address) : port };
      const place = placeOf(address, local.port);
      if (this.#tcp.has(place) || this.#http.has(place)) return done(failure("eaddrinuse"));
      listener = new MemoryListener<T>(local, target, limits, (left) => {
        listeners.delete(place);
        onClose(left);
      });
      listeners.set(place, listener);
      done(listener);
    });
    return () => {
      isCancelled = true;
      listener?.close();
    };
  }

  #find<T>(
    listeners: Map<string, MemoryListener<T>>,
    address: string,
    port: number,
  ): MemoryListener<T> | undefined {
    if (this.#refused.has(placeOf(address, port))) return undefined;
    const everywhere = address.includes(":") ? "::" : "0.0.0.0";
    return listeners.get(placeOf(address, port)) ?? listeners.get(placeOf(everywhere, port));
  }

  #resolve(host: string, admits: (address: string) => boolean): string | Failure {
    const address = isAddress(host) ? host : this.#names.get(host);
    if (address === undefined) return failure("nxdomain");
    return admits(address) ? address : failure("eacces");
  }

  #client(): Endpoint {
    return { address: CLIENT_ADDRESS, port: this.#freePort(CLIENT_ADDRESS) };
  }

  #freePort(address: string): number {
    for (;;) {
      const port = this.#nextPort;
      this.#nextPort = port === LAST_PORT ? FIRST_FREE_PORT : port + 1;
      const place = placeOf(address, port);
      if (!this.#tcp.has(place) && !this.#http.has(place)) return port;
    }
  }

  #laterAt(address: string, port: number): Later {
    const { defer, setTimer } = this.#environment;
    const ms = this.#delays.get(placeOf(address, port)) ?? 0;
    return ms === 0
      ? (fn) => defer.call(this.#environment, fn)
      : (fn) => void setTimer.call(this.#environment, fn, ms);
  }

  #keep(address: string, port: number, one: Breakable): void {
    const place = placeOf(address, port);
    const live = this.#live.get(place) ?? new Set();
    this.#live.set(place, live);
    for (const other of live) if (other.isOver) live.delete(other);
    live.add(one);
  }
}

function placeOf(address: string, port: number): string {
  return `${address} ${port}`;
}

function turnAway(exchange: HttpExchange, status: number): void {
  exchange.respond({ status, headers: [["content-length", "0"]] }, true);
  exchange.finish();
}
