// What a program tells a simulation. Outside of one, nothing happens.
import * as abi from "./abi/sim";
import * as encoder from "./term/encoder";

/** Marks a point as reached. */
export function reachable(name: string): void {
  encoder.utf8(name);
  abi.reachable(encoder.start(), encoder.length());
}
