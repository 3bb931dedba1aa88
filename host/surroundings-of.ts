// What a guest that is spawned from outside has around it: the host's, or what its spawn says of it.
import type { Directories } from "./directories.ts";
import type { GuestSpawnOptions } from "./options.ts";
import { narrowVariables } from "./variables.ts";
import { StandardInput } from "./wasm/standard-input.ts";
import type { Surroundings } from "./wasm/surroundings.ts";

/** A part of `whole`. @throws MoonletError E_NOT_GRANTED, E_DIRECTORY. */
export function surroundingsOf(
  whole: Surroundings,
  opened: Directories,
  { directories, env, stdin, write }: GuestSpawnOptions,
): Surroundings {
  if (!directories && !env && stdin === undefined && !write) return whole;
  return {
    directories: directories ? opened.open(directories) : whole.directories,
    variables: env ? narrowVariables(env, whole.variables) : whole.variables,
    input: stdin === undefined ? whole.input : new StandardInput(stdin),
    ...(write && { write }),
  };
}
