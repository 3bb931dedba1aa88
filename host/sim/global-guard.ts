// Makes the clocks, timers and random numbers of JavaScript itself throw, to find code in a simulated process that goes past the Environment.
import { MoonletError } from "../otp/error.ts";

const FORBIDDEN: readonly (readonly [holder: object, name: string])[] = [
  [Date, "now"],
  [Math, "random"],
  [globalThis.performance, "now"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
];

/**
 * Replaces them; returns a function that puts them back. `new Date()` cannot be caught this way. Whoever else runs meanwhile is hit too,
 * so this is for hunting a leak, not for every day.
 */
export function guardGlobals(): () => void {
  // undefined for what is inherited, as `performance.now` is: it shows again when the stub is gone.
  const kept = FORBIDDEN.map(([holder, name]) => Object.getOwnPropertyDescriptor(holder, name));
  FORBIDDEN.forEach(([holder, name]) => {
    Object.defineProperty(holder, name, { configurable: true, writable: true, value: () => forbid(name) });
  });
  return () => {
    FORBIDDEN.forEach(([holder, name], i) => {
      const descriptor = kept[i];
      if (descriptor) Object.defineProperty(holder, name, descriptor);
      else Reflect.deleteProperty(holder, name);
    });
  };
}

function forbid(name: string): never {
  throw new MoonletError("E_SIM_LEAK", `${name} was called inside a simulated step`, {
    hint: "Take time from receive timeouts and timers, and random numbers from the process; in a simulation both come from the seed.",
  });
}
