// Which addresses a guest may reach under a name, by its grants. Grants for names and patterns of names open the public network; an address
// of this machine or of a private network is open to who was granted that address itself, under whatever name it is found. So no name, and
// no change of where a name leads, opens the machine's own services, its neighbours or a cloud's metadata.
import type { GrantSet } from "../grant.ts";
import { hostInGrant, kindOfAddress } from "./address.ts";

/** Where to, and by which grant. `host` is canonical (`canonicalHost`). */
export interface Place {
  readonly grant: "connect" | "http";
  readonly host: string;
  readonly port: number;
}

/** As a grant names it. */
export function placeInGrant({ host, port }: Place): string {
  return `${hostInGrant(host)}:${port}`;
}

/** Which addresses the host may have; undefined when it may not be reached at all. */
export function admission(grants: GrantSet, place: Place): ((address: string) => boolean) | undefined {
  const { grant, host, port } = place;
  if (!grants.allows(grant, placeInGrant(place))) return undefined;
  const isLoopbackName = host === "localhost" || host.endsWith(".localhost");
  return (address) =>
    kindOfAddress(address) === "public" ||
    (isLoopbackName && isLoopback(address)) ||
    grants.allows(grant, `${hostInGrant(address)}:${port}`);
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
