// The metrics of a runtime through a meter of OpenTelemetry's shape.
import { expect, it } from "vitest";
import {
  type OtelCallback,
  type OtelInstrumentOptions,
  type OtelMeter,
  type OtelObservable,
  observeRuntime,
} from "../../host/node/opentelemetry.ts";
import { waiter, world } from "../otp/support/world.ts";

/** Collects as a metric reader does. */
class TestMeter implements OtelMeter {
  readonly instruments = new Map<string, { kind: string; options: OtelInstrumentOptions | undefined }>();
  readonly #callbacks = new Map<string, Set<OtelCallback>>();

  createObservableCounter(name: string, options?: OtelInstrumentOptions): OtelObservable {
    return this.#create("counter", name, options);
  }

  createObservableGauge(name: string, options?: OtelInstrumentOptions): OtelObservable {
    return this.#create("gauge", name, options);
  }

  collect(): Record<string, number> {
    const seen: Record<string, number> = {};
    for (const [name, callbacks] of this.#callbacks) {
      const observe = (value: number, attributes: Readonly<Record<string, string>> = {}) => {
        seen[[name, ...Object.values(attributes)].join(" ")] = value;
      };
      for (const callback of callbacks) callback({ observe });
    }
    return seen;
  }

  #create(kind: string, name: string, options: OtelInstrumentOptions | undefined): OtelObservable {
    const callbacks = new Set<OtelCallback>();
    this.instruments.set(name, { kind, options });
    this.#callbacks.set(name, callbacks);
    return {
      addCallback: (callback) => void callbacks.add(callback),
      removeCallback: (callback) => void callbacks.delete(callback),
    };
  }
}

it("the meter gets the metrics whenever it collects, until it is told to stop", async () => {
  const { runtime, environment } = world();
  const meter = new TestMeter();
  const stop = observeRuntime(runtime, meter);
  runtime.spawn(waiter);
  runtime.kill(runtime.spawn(waiter));
  await environment.advance(100);
  expect(meter.collect()).toMatchObject({
    "moonlet.processes": 1,
    "moonlet.processes.spawned": 2,
    "moonlet.process.exits kill": 1,
    "moonlet.mailbox.messages 1": 0,
  });
  runtime.spawn(waiter);
  await environment.advance(100);
  expect(meter.collect()).toMatchObject({ "moonlet.processes": 2, "moonlet.processes.spawned": 3 });
  stop();
  expect(meter.collect()).toEqual({});
  expect(runtime.events.active).toBe(false);
});

it("instruments are counters and gauges with OpenTelemetry's units", () => {
  const meter = new TestMeter();
  observeRuntime(world().runtime, meter);
  expect(meter.instruments.get("moonlet.messages.sent")).toMatchObject({ kind: "counter" });
  expect(meter.instruments.get("moonlet.memory")).toMatchObject({ kind: "gauge", options: { unit: "By" } });
});
