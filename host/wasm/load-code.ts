// code.load: a guest brings a program of its own. Compiling is done elsewhere; what it costs the host counts as the guest's.
import { MoonletError } from "../otp/error.ts";
import { atom, encodeTerm, tuple } from "../otp/term/index.ts";
import type { Guest } from "./guest.ts";
import { type CompiledModule, Program } from "./program.ts";
import { ERROR } from "./syscall.ts";

/** Bytes of a module that a guest may load. */
export const MAX_CODE_BYTES = 2 ** 21;
/** What a loaded module holds of the host's memory for each of its bytes: instrumented, and compiled. */
const HELD_PER_BYTE = 12;
/** And for being there at all. */
const HELD_BYTES = 2 ** 16;
/** Fuel for the start of the program, which is run once for all its processes, and for looking at its memory. */
const START_UNITS = 1_000_000;
const BYTES_PER_UNIT = 8;

/** The result of the import: an error code, or the length of `{ok, Ref}` or `{error, {Word, Text}}`, perhaps later. */
export function loadCode(guest: Guest, bytes: Uint8Array, out: number, cap: number): number {
  const { process } = guest;
  const held = HELD_BYTES + bytes.length * HELD_PER_BYTE;
  if (bytes.length > MAX_CODE_BYTES) return ERROR.system_limit;
  if (!process.hasRoom(held)) {
    process.tellLimit("memoryBytes", held);
    return ERROR.system_limit;
  }
  process.takeBytes(held);
  const name = `code of ${process.pid}`;
  const answer = (outcome: Outcome): number => {
    const term = outcome.type === "compiled" ? take(guest, name, outcome.compiled, held) : outcome.term;
    if (outcome.type === "failed") process.releaseBytes(held);
    return guest.answer(encodeTerm(term), out, cap);
  };
  let outcome: Outcome | undefined;
  const settle = (settled: Outcome) => {
    outcome = settled;
    process.wake();
  };
  try {
    const made = guest.services.compile(bytes, name);
    if (!(made instanceof Promise)) return guest.inTurn(answer({ type: "compiled", compiled: made }));
    made.then(
      (compiled) => settle({ type: "compiled", compiled }),
      (error: unknown) => settle({ type: "failed", term: errorTerm(error) }),
    );
  } catch (error) {
    return guest.inTurn(answer({ type: "failed", term: errorTerm(error) }));
  }
  return guest.wait(() => outcome && answer(outcome), undefined);
}

type Outcome =
  | { readonly type: "compiled"; readonly compiled: CompiledModule }
  | { readonly type: "failed"; readonly term: unknown };

/** `{ok, Ref}`, or `{error, _}` for what is no program. */
function take(guest: Guest, name: string, compiled: CompiledModule, held: number): unknown {
  const { process, plan } = guest;
  guest.charge(START_UNITS + Math.ceil(compiled.types.memoryBytes / BYTES_PER_UNIT));
  try {
    const program = new Program(name, compiled.wasm, undefined, compiled);
    const ref = plan.code.own(process, program, () => {
      process.releaseBytes(held);
      plan.pool.forget(program);
    });
    return tuple(atom("ok"), ref);
  } catch (error) {
    process.releaseBytes(held);
    return errorTerm(error);
  }
}

/** `{error, {not_instrumentable, Text}}`. */
function errorTerm(error: unknown): unknown {
  if (!(error instanceof MoonletError)) throw error;
  return tuple(atom("error"), tuple(atom(error.code.replace(/^E_/, "").toLowerCase()), error.message));
}
