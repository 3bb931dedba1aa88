// Exit reasons in few words.
import { formatTerm, reasonToTerm } from "../../../host/otp/index.ts";

/** A trap by its kind, anything else as Erlang writes it. */
export function formatReason(reason: unknown): string {
  if (typeof reason === "object" && reason !== null && "kind" in reason) return String(reason.kind);
  return formatTerm(reasonToTerm(reason));
}
