// New code for a process that lives: node examples/code-change/main.mjs
// The till stays the process it is, with its name, its links and its messages; its state is handed over as a term, and old code that is asked to make
// way for code that does not work simply goes on.
import { fileURLToPath } from "node:url";
import { createHost, tuple } from "moonlet";

const host = await createHost({ log: "off" });
const load = (version) =>
  host.load(fileURLToPath(new URL(`till-${version}.ts`, import.meta.url)), { name: `till ${version}` });
const [first, second, third] = [await load(1), await load(2), await load(3)];

const pid = host.spawn(first, "main", { name: "till" });
console.log(await host.call("till", 20));

// Who calls in the middle of it waits a little longer, and gets an answer of the new code.
const [, answer] = await Promise.all([
  host.changeCode(pid, second, { extra: 1 }),
  host.call("till", 250, { timeoutMs: 1000 }),
]);
console.log(answer);
console.log("still the same process:", host.runtime.whereis("till") === pid);

await host.changeCode(pid, third).catch((error) => console.log(error.code, error.cause[0]));
console.log(await host.call("till", tuple()));
await host.close();
