// The audit: what guests were given, what they were refused, and which limits they met, as records for machines. How many there are is
// bounded where they arise, for each family of guests (what one spawn from outside led to), and what was left out is counted in a record of its own.
import { openAuditFile } from "./node/audit-file.ts";
import type { Runtime, RuntimeEvent } from "./otp/index.ts";

interface About {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The process that it is about, as `<0.5.0>`. */
  readonly pid: string;
}

export type AuditRecord =
  /** It got grants: all of its own at its spawn; or one that was lent to it, or that it asked for. `by` is null for the embedder. */
  | (About & {
      readonly event: "granted";
      readonly how: "spawned" | "lent" | "asked";
      readonly grants: readonly string[];
      readonly by: string | null;
    })
  /** A grant that was lent is taken back; `why` says by whom, or that the lender is gone. */
  | (About & {
      readonly event: "revoked";
      readonly grant: string;
      readonly by: string | null;
      readonly why: "taken back" | "given back" | "lender ended" | "lent on";
    })
  /** It asked for what it has not got. `site` is the function, file and line, as far as they are known. */
  | (About & {
      readonly event: "denied";
      readonly call: string;
      readonly grant: string;
      readonly site: string | null;
    })
  | (About & {
      readonly event: "limit";
      readonly limit: string;
      readonly scope: "process" | "subtree" | "host";
      /** Null for no bound. */
      readonly max: number | null;
      readonly site: string | null;
    })
  /** So many records of this process's family were left out. */
  | (About & { readonly event: "dropped"; readonly count: number })
  /** So many records could not be written to the file, of whatever process. */
  | { readonly at: string; readonly event: "lost"; readonly count: number };

/**
 * Gives a record of each such event to `to`, or appends it to the file of that name. Returns a function that ends that. `failed` is told in
 * words when the file takes no more, not again before it has taken some.
 * @throws MoonletError E_AUDIT for a file that cannot be opened.
 */
export function startAudit(
  runtime: Runtime,
  to: string | ((record: AuditRecord) => void) | undefined,
  failed: (text: string) => void,
): () => void {
  if (to === undefined) return () => {};
  const now = () => new Date(runtime.environment.wallTime()).toISOString();
  const file =
    typeof to === "string"
      ? openAuditFile(to, {
          lost: (count) => ({ at: now(), event: "lost", count }) satisfies AuditRecord,
          failed: (error) => failed(`"${to}" cannot be written, records are lost: ${error.message}`),
        })
      : undefined;
  const write = typeof to === "string" ? (record: AuditRecord) => file!.write(record) : to;
  const end = runtime.events.subscribeAudit((event) => {
    const record = auditRecord(event, runtime.environment.wallTime());
    if (record !== undefined) write(record);
  });
  return () => {
    end();
    file?.close();
  };
}

function auditRecord(event: RuntimeEvent, wallTime: number): AuditRecord | undefined {
  const about = () => ({
    at: new Date(wallTime).toISOString(),
    pid: String("pid" in event ? event.pid : ""),
  });
  switch (event.type) {
    case "granted": {
      const { how, grants, by } = event;
      return { ...about(), event: "granted", how, grants, by: by === undefined ? null : String(by) };
    }
    case "revoked": {
      const { grant, by, why } = event;
      return { ...about(), event: "revoked", grant, by: by === undefined ? null : String(by), why };
    }
    case "denied": {
      const { call, grant, site } = event;
      return { ...about(), event: "denied", call, grant, site: site ?? null };
    }
    case "limitReached": {
      const { limit, scope, max, site } = event;
      const known = Number.isFinite(max) ? max : null;
      return { ...about(), event: "limit", limit, scope, max: known, site: site ?? null };
    }
    case "auditDropped":
      return { ...about(), event: "dropped", count: event.count };
    default:
      return undefined;
  }
}
