// moonlet/instrument: makes any Wasm module preemptible and suspendable, and drives what comes out.
export { instrument, instrumentModule } from "./instrument.ts";
export * from "./running.ts";
export { parseWat } from "./wat.ts";
