// An exit reason in a few words.
import type { ErrorReason, ExitReason } from "../otp/index.ts";
import { formatTerm, reasonToTerm } from "../otp/term/index.ts";
import type { Trap, TrapFrame } from "../wasm/trap.ts";
import { printable } from "./printable.ts";

const MAX_CHARACTERS = 400;

/** Whether the reason is a guest's trap. */
export function isTrap(reason: ExitReason): reason is Trap {
  return typeof reason === "object" && reason !== null && (reason as { type?: unknown }).type === "trap";
}

/** Whether the reason is an error that a JavaScript process did not catch. */
export function isError(reason: ExitReason): reason is ErrorReason {
  return typeof reason === "object" && reason !== null && (reason as { type?: unknown }).type === "error";
}

/** `main (src/main.ts:3:5)`, or the byte offset where there is no source position. */
export function describeFrame({ functionName, file, line, column, offset }: TrapFrame): string {
  const name = printable(functionName);
  if (file !== undefined) return `${name} (${printable(file)}:${line}:${column})`;
  return offset === undefined ? name : `${name} (byte 0x${offset.toString(16)})`;
}

/** One line: `trap unreachable: ... at f (a.ts:1:2)`, `TypeError: ...`, or the term in Erlang's syntax. */
export function describeReason(reason: ExitReason): string {
  if (isTrap(reason)) {
    const [frame] = reason.frames;
    const message = reason.message === reason.kind ? "" : `: ${reason.message}`;
    return cut(`trap ${reason.kind}${message}${frame ? ` at ${describeFrame(frame)}` : ""}`);
  }
  if (isError(reason)) return cut(`${reason.name}: ${reason.message}`);
  return printable(formatTerm(reasonToTerm(reason), { maxCharacters: MAX_CHARACTERS }));
}

function cut(text: string): string {
  return printable(text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}...` : text);
}
