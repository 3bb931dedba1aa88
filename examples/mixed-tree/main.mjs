// One supervision tree of JavaScript and guests: node examples/mixed-tree/main.mjs
// The root is JavaScript's. Below it are a JavaScript server, a guest, and a guest's supervisor with guests of its own, which JavaScript manages
// as if it were its own: both sides speak OTP's protocol.
import { fileURLToPath } from "node:url";
import { atom, createHost, tuple } from "moonlet";
import { GenServer, reply, Supervisor, started } from "moonlet/otp";

const host = await createHost({ grants: ["spawn", "kill", "register"], log: "off" });
const program = await host.load(fileURLToPath(new URL("guests.ts", import.meta.url)), { name: "guests.ts" });

/** A child that is a guest: a function that starts it, linked to the supervisor in which it runs. */
const guest =
  (entry, args = []) =>
  (self) =>
    host.spawn(program, entry, { link: self, args });

const clerk = {
  init: () => started(0),
  handleCall: (request, _from, served) => reply(`clerk ${request}, the ${served + 1}. customer`, served + 1),
};

const tree = await Supervisor.start(host.runtime, {
  strategy: "one_for_one",
  children: [
    { id: "clerk", start: (self) => GenServer.startLink(self, clerk, undefined) },
    { id: "greeter", start: guest("greeter", "Vera"), restart: "transient" },
    { id: "pool", start: guest("pool"), type: "supervisor", shutdown: Number.POSITIVE_INFINITY },
  ],
});
if (tree.type !== "ok") throw new Error("the tree did not start");

const { runtime } = host;
const childOf = async (supervisor, id) =>
  (await Supervisor.whichChildren(runtime, supervisor)).find((child) => child.id === id).pid;

console.log(await GenServer.call(runtime, await childOf(tree.pid, "clerk"), "helps"));
console.log(await GenServer.call(runtime, await childOf(tree.pid, "greeter"), "who"));

// The guest's supervisor takes children from here: the name of an exported function, and its argument.
const pool = await childOf(tree.pid, "pool");
const added = await Supervisor.startChild(runtime, pool, {
  id: "second",
  start: tuple(atom("guests"), atom("greeter"), ["Joe"]),
  restart: "temporary",
  shutdown: 100,
});
console.log(await GenServer.call(runtime, added.pid, "who"));
console.log("in the pool:", (await Supervisor.countChildren(runtime, pool)).active);

// A crash below: who keeps it starts it anew, and nobody else notices.
const before = await childOf(pool, "first");
await GenServer.call(runtime, before, "crash").catch(({ reason }) => console.log("crashed:", reason[0]));
const after = await childOf(pool, "first");
console.log("restarted:", !after.equals(before), await GenServer.call(runtime, after, "who"));

await Supervisor.stop(runtime, tree.pid);
console.log("the guests have gone with it:", !runtime.isAlive(pool) && !runtime.isAlive(after));
await host.close();
