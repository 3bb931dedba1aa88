// What wasi-js is given: no file system, no clock and no randomness of its own, the guest's arguments.
import { decodeTerm } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";

/** A file system without files: wasi-js asks it only for what no preopened directory leads to. */
const NO_FILES = new Proxy(
  {},
  {
    get: (_, name) =>
      name === "constants"
        ? {}
        : () => {
            throw Object.assign(new Error(`no file system: ${String(name)}`), { code: "ENOSYS" });
          },
  },
);

/** Configuration of one guest's WASI. Its arguments are its name and, when the process was spawned with a list of texts, those. */
export function wasiConfig(guest: Guest): object {
  const argument = decodeTerm(guest.argument);
  const texts = Array.isArray(argument) && argument.every((item) => typeof item === "string") ? argument : [];
  const { environment } = guest.process.runtime;
  return {
    args: [guest.program.name, ...texts],
    env: {},
    preopens: {},
    bindings: {
      hrtime: () => BigInt(Math.round(environment.now() * 1e6)),
      exit: () => undefined,
      kill: () => undefined,
      randomFillSync: (bytes: Uint8Array) => environment.randomBytes(bytes),
      isTTY: () => false,
      fs: NO_FILES,
      path: {},
    },
  };
}
