// The crate for guests in Rust, built here: its own tests, and what a program made with it does as processes of a host.
import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { atom, createHost, type Host, type Program, tuple } from "../../host/index.ts";
import { GenServer } from "../../host/otp/index.ts";
import { buildProgram, cargo, rust } from "../support/rust.ts";
import { testLibrary } from "./library-tests.ts";

const BUILD_MS = 180_000;
const source = readFileSync("test/guest-sdk/guests/rust.rs", "utf8");
const crate = (file: string) => readFileSync(`guest-sdk/rust/src/${file}`, "utf8");

// Skipped where no Rust compiler has the targets and their standard libraries.
describe.skipIf(rust === undefined)("the crate for Rust", { timeout: BUILD_MS }, () => {
  let host: Host;
  let program: Program;
  let printed = "";

  beforeAll(async () => {
    host = await createHost({
      grants: "all",
      log: { level: "off" },
      write: (_stream, bytes) => {
        printed += new TextDecoder().decode(bytes);
      },
    });
    program = await host.load(buildProgram("behaviours", source));
    return () => host.close();
  }, BUILD_MS);
  afterEach(() => {
    printed = "";
  });

  async function run(entry: string, args?: readonly unknown[]) {
    const reason = await host.exited(host.spawn(program, entry, args && { args }));
    return { reason, printed };
  }

  it("passes its own tests and its documentation's examples", () => {
    const told = cargo("test", "--manifest-path", "guest-sdk/rust/Cargo.toml");
    expect(told.match(/test result: ok\. \d+ passed; 0 failed/g)).toHaveLength(3);
  });

  it("runs its README's program", async () => {
    const lines: string[] = [];
    const [, text = ""] = /```rust\n(.*?)```/s.exec(readFileSync("guest-sdk/rust/README.md", "utf8")) ?? [];
    await using other = await createHost({
      grants: ["spawn"],
      log: { level: "info", write: (record) => record.event === "guest" && lines.push(record.text) },
    });
    const pid = other.spawn(await other.load(buildProgram("readme", text)));
    expect(await other.exited(pid)).toBe("normal");
    expect(lines).toEqual(["0", "1", "2"]);
  });

  it("links every import that it declares with the host, with its type", async () => {
    const table = [...crate("abi.rs").matchAll(/^\s+(\w+): "\w+" \{\n([^}]*)\}/gm)];
    const calls = table.flatMap(([, module, lines = ""]) =>
      [...lines.matchAll(/"\w+" (\w+)\(([^)]*)\)/g)].map(([, name, parameters = ""]) => {
        const zeros = parameters.split(",").flatMap((parameter) => {
          const type = parameter.split(":")[1]?.trim();
          if (type === undefined) return [];
          return type.startsWith("*mut")
            ? "std::ptr::null_mut()"
            : type.startsWith("*")
              ? "std::ptr::null()"
              : type === "f64"
                ? "0.0"
                : "0";
        });
        return `moonlet::abi::${module}::${name}(${zeros.join(", ")});`;
      }),
    );
    expect(calls.length).toBeGreaterThan(90);
    const all = buildProgram(
      "all-imports",
      `fn nothing() { if moonlet::self_pid().bytes().is_empty() { unsafe { ${calls.join("\n")} } } }
       moonlet::entry!("nothing" => nothing);`,
    );
    const linked = await host.load(all);
    expect(WebAssembly.Module.imports(linked.module).length).toBeGreaterThanOrEqual(calls.length);
    expect(await host.exited(host.spawn(linked, "nothing"))).toBe("normal");
  });

  testLibrary(() => ({ host, program }));

  it("receives selectively, by tag, size and type", async () => {
    const pid = host.spawn(program, "selective");
    const answer = new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        const small = tuple(atom("small"), 7);
        for (const message of ["text", small, atom("nothing"), [1, 2, 3], tuple(atom("begin"), self.pid)])
          self.send(pid, message);
        resolve(await self.receive());
      });
    });
    expect(await answer).toEqual(tuple(3, 1, true, "text"));
  });

  it("ends a process that gets a field of another type, and says which", async () => {
    const pid = host.spawn(program, "wrong_field");
    const end = host.exited(pid);
    host.send(pid, tuple(atom("small"), 700));
    expect(await end).toEqual(tuple("bad_message", "small.n: expected an integer from 0 to 255, found 700"));
  });

  it("spawns, monitors, links, names, times and limits processes", async () => {
    const { reason, printed } = await run("main");
    expect(reason).toBe("normal");
    expect(printed).toBe(`down: {shutdown,<<"done">>}
exit: true true
alive: false true
name: true Err(BadArg)
got: by name
nobody: Err(BadArg)
timer: true
left: None true
alias: 1 None
dictionary: Some(Integer(1)) Some(Integer(2)) None
priority: Normal High
mailbox: 1 Err(SystemLimit)
no grant: true
time: true
`);
  });

  it("gives processes their argument, to those of the host and to those that it spawns", async () => {
    const pid = host.spawn(program, "argument_is", { args: tuple("n", 41) as never });
    await host.exited(pid);
    await expect.poll(() => printed).toBe("n 41\nchild 42\n");
  });

  it("ends a process that panics with a trap that has the panic's text and place", async () => {
    const { reason } = await run("panics");
    const line = source.slice(0, source.indexOf("numbers[self_pid")).split("\n").length;
    expect(reason).toMatchObject({
      type: "trap",
      kind: "abort",
      message: expect.stringMatching(
        new RegExp(`^index out of bounds: the len is 0 but the index is \\d+ \\(main.rs:${line}:\\d+\\)$`),
      ),
    });
  });

  it("serves host.call, casts, timeouts and OTP's system messages", async () => {
    const pid = host.spawn(program, "counter");
    expect(await host.call(pid, 40)).toBe(40);
    const told = new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        GenServer.cast(self, pid, 2);
        await self.receive(undefined, { timeoutMs: 0 });
        resolve(await GenServer.call(self, pid, 0));
      });
    });
    expect(await told).toBe(42);
    await host.call(pid, atom("wait"));
    await expect.poll(() => host.call(pid, 0)).toBe(1042);
    const end = host.exited(pid);
    expect(await host.call(pid, atom("stop"))).toBe(1042);
    expect(await end).toBe("asked");
    expect(printed).toBe("counter ends: asked with 1042\n");
  });

  it("starts servers as proc_lib does, and calls them", async () => {
    expect(await run("starts")).toEqual({
      reason: "normal",
      printed: `again: true
ignored: ignored
refused: too_small
no exit is left: true
called: 7
nobody: no reply: noproc
itself: no reply: calling_self
counter ends: asked with 7
stopped: 7
exit: asked
`,
    });
  });

  it("recurses to the same depth each time, and ends with moonlet's stack overflow", async () => {
    const ends = [];
    for (let n = 0; n < 3; n++) {
      const pid = host.spawn(program, "recurse");
      const process = host.runtime.process(pid)!;
      ends.push([await host.exited(pid), process.reductions]);
    }
    expect(ends[0]).toMatchObject([{ type: "trap", kind: "stack_overflow", message: "stack overflow" }, {}]);
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });
});
