// Node's errors of the network, as guests learn of them.

/** Node's own names for what POSIX has a name for, or Erlang. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "nxdomain",
  EAI_AGAIN: "nxdomain",
  EAI_NODATA: "nxdomain",
  EAI_NONAME: "nxdomain",
  EAI_FAIL: "nxdomain",
  HPE_HEADER_OVERFLOW: "emsgsize",
};

/** `ECONNREFUSED` is econnrefused; what has no name there is `eio`, what TLS found wrong `tls_alert`, what is no HTTP `eproto`. */
export function reasonOf(error: unknown): string {
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: readonly unknown[] };
  // Of several addresses that were tried the last one tells.
  if (typeof code !== "string") return errors?.length ? reasonOf(errors.at(-1)) : "eio";
  const known = REASONS[code];
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) return "eproto";
  if (/^E[A-Z0-9]+$/.test(code)) return code.toLowerCase();
  return /CERT|TLS|SSL|SIGN|ISSUER/.test(code) ? "tls_alert" : "eio";
}
