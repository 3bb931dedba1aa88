// Grants that come from the embedder: at a spawn, lent while guests run, and given to who asks for them.
import type { HostOptions } from "./options.ts";
import { MoonletError } from "./otp/error.ts";
import type { Pid, Process, Runtime } from "./otp/index.ts";
import { type Grant, type GrantSet, type Grants, grantSet } from "./wasm/grant.ts";
import { Guest } from "./wasm/guest.ts";
import type { GuestPlan } from "./wasm/guest-plan.ts";
import type { Loans } from "./wasm/loans.ts";
import type { Services } from "./wasm/services.ts";

/** As `Host.lend`. */
export function lend(
  runtime: Runtime,
  loans: Loans,
  pid: Pid,
  grant: Grant,
): { readonly revoke: () => void } {
  // The one that is there, in its one spelling.
  const [wanted = grant] = grantSet([grant]);
  const process = runtime.process(pid);
  if (process === undefined)
    throw new MoonletError("noproc", `${pid}, which a grant is lent to, is not alive`);
  const loan = loans.lend(undefined, { what: wanted, grant: wanted }, process, undefined);
  const { events, environment } = runtime;
  if (events.audited) {
    const at = environment.now();
    events.emitAudited({ type: "granted", at, pid, how: "lent", grants: [wanted], by: undefined });
  }
  return { revoke: () => loans.end(loan, "taken back", undefined) };
}

/** The embedder's answer, which has to be true; what it throws is raised apart from the guests, and is no. */
export function answering(ask: NonNullable<HostOptions["ask"]>): NonNullable<Services["ask"]> {
  return async (request) => {
    try {
      return (await ask(request)) === true;
    } catch (error) {
      void Promise.reject(error);
      return false;
    }
  };
}

/** Grants for a guest, of those that the host has. @throws MoonletError E_NOT_GRANTED, and as `grantSet`. */
export function partOf(whole: GrantSet, grants: Grants): GrantSet {
  const wanted = grantSet(grants);
  const missing = whole.firstMissing(wanted);
  if (missing === undefined) return wanted;
  throw new MoonletError(
    "E_NOT_GRANTED",
    `the grant "${missing}" was asked for, but the host itself has not got it`,
    { hint: `Add "${missing}" to the grants of createHost.` },
  );
}

/** Tells whoever audits what a new process has got, from the guest that spawned it or from outside. */
export function tellGrants(
  runtime: Runtime,
  spawner: Process | undefined,
  pid: Pid,
  { capabilities: grants }: GuestPlan,
): void {
  if (spawner?.body instanceof Guest) {
    spawner.body.log.gave(pid, "spawned", grants);
    return;
  }
  const at = runtime.environment.now();
  runtime.events.emitAudited({ type: "granted", at, pid, how: "spawned", grants, by: undefined });
}
