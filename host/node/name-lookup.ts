// Names to addresses, of which only those count that the asker may reach: what is checked is what is then connected to.
import type { LookupAddress } from "node:dns";
import { isIP } from "node:net";
import type { ConnectTarget } from "../wasm/net/network.ts";
import { lookups } from "./lookup-queue.ts";

type Callback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** For the option `lookup` of Node's connections. EACCES when the name has addresses, but none that is admitted. */
export function admittingLookup({ admits, asker }: ConnectTarget, isWanted: () => boolean, queue = lookups) {
  return (
    host: string,
    options: { readonly all?: boolean; readonly family?: unknown },
    callback: Callback,
  ): void => {
    const found = (error: Error | null, addresses: readonly LookupAddress[]) => {
      if (error) return callback(error);
      const admitted = addresses.filter(({ address }) => admits(address));
      const [first] = admitted;
      if (!first) {
        callback(Object.assign(new Error(`no address of ${host} may be reached`), { code: "EACCES" }));
      } else if (options.all) {
        callback(null, admitted);
      } else {
        callback(null, first.address, first.family);
      }
    };
    queue.ask(asker, { host, found, isWanted });
  };
}

/** Whether an address in numbers may be reached; a name shows when it is looked up. */
export function isAdmitted(host: string, admits: (address: string) => boolean): boolean {
  return isIP(host) === 0 || admits(host);
}
