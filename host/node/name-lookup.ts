// Names to addresses, of which only those count that the asker may reach: what is checked is what is then connected to.
import { type LookupAddress, lookup } from "node:dns";
import { isIP } from "node:net";

type Callback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** For the option `lookup` of Node's connections. EACCES when the name has addresses, but none that is admitted. */
export function admittingLookup(admits: (address: string) => boolean) {
  return (
    host: string,
    options: { readonly all?: boolean; readonly family?: unknown },
    callback: Callback,
  ): void => {
    lookup(host, { all: true }, (error, addresses) => {
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
    });
  };
}

/** Whether an address in numbers may be reached; a name shows when it is looked up. */
export function isAdmitted(host: string, admits: (address: string) => boolean): boolean {
  return isIP(host) === 0 || admits(host);
}
