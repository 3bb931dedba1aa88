// The network of this machine, for guests. What it stands on is loaded when somebody first uses it: most programs never do.
import { type Cancel, type Done, failure, type Network } from "../wasm/net/network.ts";

/** TCP by node:net, HTTP by node:http and node:https, names by the resolver of the operating system. */
export const nodeNetwork: Network = {
  connect: (target, done) => later(import("./tcp.ts"), ({ connect }, done) => connect(target, done), done),
  listen: (target, done) => later(import("./tcp.ts"), ({ listen }, done) => listen(target, done), done),
  serveHttp: (target, limits, done) =>
    later(import("./http-server.ts"), ({ serveHttp }, done) => serveHttp(target, limits, done), done),
  requestHttp: (request, done) =>
    later(import("./http-client.ts"), ({ requestHttp }, done) => requestHttp(request, done), done),
};

/** Begins when the module is there, unless it was given up by then. */
function later<M, T>(module: Promise<M>, begin: (module: M, done: Done<T>) => Cancel, done: Done<T>): Cancel {
  let isCancelled = false;
  let cancel: Cancel | undefined;
  module.then(
    (loaded) => {
      if (!isCancelled) cancel = begin(loaded, done);
    },
    () => {
      if (!isCancelled) done(failure("eio"));
    },
  );
  return () => {
    isCancelled = true;
    cancel?.();
  };
}
