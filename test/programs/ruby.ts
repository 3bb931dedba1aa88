// Ruby 3.4, as @ruby/3.4-wasm-wasi publishes it for @ruby/wasm-wasi: the interpreter without its standard library, which JavaScript starts
// and may be called by. Here a start of its own is linked to it, and what only JavaScript could answer traps.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Interpreter } from "./interpreter.ts";
import { escaped, link, standIn } from "./link.ts";

const here = (file: string) => readFileSync(join("test", "programs", file), "utf8");

async function prepare(folder: string): Promise<string> {
  const ruby = join(folder, "node_modules", "@ruby", "3.4-wasm-wasi", "dist", "ruby.wasm");
  // Handles of Ruby's values are numbers already; there are none of JavaScript's.
  const handles = standIn(ruby, "canonical_abi", ({ type }) =>
    type.results.length > 0 ? "(local.get 0)" : "",
  );
  const javascript = standIn(ruby, "rb-js-abi-host", () => "(unreachable)");
  const run = here("ruby-run.rb");
  const wat = here("ruby-start.wat")
    .replace("RUN_TEXT", () => escaped(run))
    .replaceAll("RUN_SIZE", String(Buffer.byteLength(run)));
  return link(ruby, "ruby", [javascript, handles, { name: "start", wat }], folder);
}

export const ruby: Interpreter = {
  name: "ruby 3.4",
  from: { registry: "npm", packages: ["@ruby/3.4-wasm-wasi@2.10.1"] },
  prepare,
  run: (code) => ["-e", code],
  endless: "loop { 1 + 1 }",
  busy: "puts (1..200_000).sum { |n| n.to_s.reverse.to_i }",
  checks: [
    { name: "computes", code: "puts 2 ** 100, [3, 1, 2].sort.inspect", out: `${2n ** 100n}\n[1, 2, 3]\n` },
    { name: "takes arguments", code: "p ARGV", args: ["a", "-b"], out: '["a", "-b"]\n' },
    { name: "reads standard input", code: "puts STDIN.read.upcase", stdin: "to be", out: "TO BE\n" },
    { name: "reads a variable", code: "puts ENV.fetch('NAME'), ENV.size", out: "moonlet\n1\n" },
    {
      name: "reads a file that it was given, and writes none",
      code: "puts File.read('/data/text').split.tally.inspect; File.write('/data/new', 'x') rescue puts $!.class",
      out: '{"to" => 2, "be" => 2, "or" => 1, "not" => 1}\nErrno::EROFS\n',
    },
    { name: "reaches no other file", code: "puts File.exist?('/etc/passwd')", out: "false\n" },
    { name: "ends with its code", code: "puts 1; exit 42", out: "1\n", exitCode: 42 },
    {
      name: "tells of an exception",
      code: "raise ArgumentError, 'no'",
      error: "no (ArgumentError)",
      exitCode: 1,
    },
    {
      name: "has fibers, exceptions and a collector",
      code: `
        numbers = Enumerator.new { |y| n = 0; loop { y << (n += 1) } }
        puts numbers.lazy.select(&:even?).first(3).inspect
        300_000.times { Object.new }
        GC.start
        puts (begin; Integer("x"); rescue => e; e.class; end)`,
      out: "[2, 4, 6]\nArgumentError\n",
    },
    {
      name: "learns that its recursion is too deep",
      code: "def f(n) = f(n + 1); begin; f(0); rescue SystemStackError => e; puts e.message; end",
      out: "stack level too deep\n",
    },
    {
      name: "learns that its memory is used up",
      code: "begin; a = []; loop { a << 'x' * 1_000_000 }; rescue NoMemoryError => e; a = nil; puts e.class; end",
      memoryBytes: 128 * 2 ** 20,
      out: "NoMemoryError\n",
    },
    {
      name: "sleeps",
      code: "t = Process.clock_gettime(Process::CLOCK_MONOTONIC); sleep 0.01; puts Process.clock_gettime(Process::CLOCK_MONOTONIC) > t",
      out: "true\n",
    },
  ],
};
