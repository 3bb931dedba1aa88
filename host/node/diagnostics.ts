// Publishes the events of runtimes on Node's diagnostics channels `moonlet:<type>`. While nobody subscribes to any of them the
// runtimes' event streams stay off, so that all this costs nothing.
import { type Channel, channel } from "node:diagnostics_channel";
import type { RuntimeEvent } from "../otp/events.ts";
import type { Runtime } from "../otp/runtime.ts";

/** What a subscriber is given. */
export interface DiagnosticsMessage {
  readonly runtime: Runtime;
  readonly event: RuntimeEvent;
}

const CHANNELS: Readonly<Record<RuntimeEvent["type"], Channel>> = {
  spawned: channel("moonlet:spawned"),
  exited: channel("moonlet:exited"),
  exitSent: channel("moonlet:exitSent"),
  groupKilled: channel("moonlet:groupKilled"),
  linked: channel("moonlet:linked"),
  unlinked: channel("moonlet:unlinked"),
  monitored: channel("moonlet:monitored"),
  registered: channel("moonlet:registered"),
  unregistered: channel("moonlet:unregistered"),
  joined: channel("moonlet:joined"),
  left: channel("moonlet:left"),
  sent: channel("moonlet:sent"),
  received: channel("moonlet:received"),
  report: channel("moonlet:report"),
  denied: channel("moonlet:denied"),
  codeChanged: channel("moonlet:codeChanged"),
  codeChangeFailed: channel("moonlet:codeChangeFailed"),
  limitReached: channel("moonlet:limitReached"),
  granted: channel("moonlet:granted"),
  revoked: channel("moonlet:revoked"),
  auditDropped: channel("moonlet:auditDropped"),
  shed: channel("moonlet:shed"),
};

/** A runtime that publishes; its end of the event stream is there only while somebody subscribes. */
interface Publisher {
  readonly runtime: WeakRef<Runtime>;
  unsubscribe: (() => void) | undefined;
}

const publishers = new Set<Publisher>();
let isWatching = false;

/**
 * From now on the runtime's events reach whoever subscribes to `moonlet:spawned`, `moonlet:exited` and so on, one channel per type of
 * `RuntimeEvent`, as a `DiagnosticsMessage`. Returns a function that ends that; forgetting the runtime does, too.
 *
 *     diagnostics_channel.subscribe("moonlet:exited", ({ runtime, event }) => { ... })
 */
export function publishDiagnostics(runtime: Runtime): () => void {
  watchSubscriptions();
  const publisher: Publisher = { runtime: new WeakRef(runtime), unsubscribe: undefined };
  publishers.add(publisher);
  refresh();
  return () => {
    publishers.delete(publisher);
    publisher.unsubscribe?.();
    publisher.unsubscribe = undefined;
  };
}

/** Turns the event streams on or off, as there are subscribers or not. */
function refresh(): void {
  const isWanted = Object.values(CHANNELS).some((known) => known.hasSubscribers);
  for (const publisher of publishers) {
    const runtime = publisher.runtime.deref();
    if (runtime === undefined) publishers.delete(publisher);
    else if (!isWanted) {
      publisher.unsubscribe?.();
      publisher.unsubscribe = undefined;
    } else publisher.unsubscribe ??= runtime.subscribe((event) => publish(runtime, event));
  }
}

function publish(runtime: Runtime, event: RuntimeEvent): void {
  const known = CHANNELS[event.type];
  if (known.hasSubscribers) known.publish({ runtime, event } satisfies DiagnosticsMessage);
}

const WATCHED = ["subscribe", "unsubscribe", "bindStore", "unbindStore"] as const;

/** A channel does not tell when somebody subscribes: its methods, which `diagnostics_channel.subscribe` calls too, are wrapped. */
function watchSubscriptions(): void {
  if (isWatching) return;
  isWatching = true;
  for (const known of Object.values(CHANNELS)) {
    for (const name of WATCHED) {
      const value = function (this: Channel, ...args: unknown[]): unknown {
        // A channel changes its class when it gets its first subscriber: look the method up each time.
        const prototype = Object.getPrototypeOf(this) as Record<string, (...args: unknown[]) => unknown>;
        const result = prototype[name]?.apply(this, args);
        refresh();
        return result;
      };
      Object.defineProperty(known, name, { value, configurable: true, writable: true });
    }
  }
}
