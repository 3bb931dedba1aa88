// The library on the real host: each test runs one entry of guests/processes.ts and reads what it printed.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atom, createHost, type Host, type Program, tuple } from "../../host/index.ts";

const decoder = new TextDecoder();
let host: Host;
let program: Program;
const lines: string[] = [];
const logged: string[] = [];

beforeAll(async () => {
  host = await createHost({
    grants: "all",
    write: (_stream, bytes) => lines.push(decoder.decode(bytes).trimEnd()),
    log: { level: "warn", write: (record) => record.event === "guest" && logged.push(record.text) },
  });
  program = await host.load(fileURLToPath(new URL("guests/processes.ts", import.meta.url)));
});
afterAll(() => host.close());

async function run(entry: string, args?: unknown): Promise<string[]> {
  lines.length = 0;
  const reason = await host.exited(host.spawn(program, entry, { args }));
  expect(reason).toBe("normal");
  return [...lines];
}

async function reasonOf(entry: string): Promise<unknown> {
  return host.exited(host.spawn(program, entry));
}

describe("spawning", () => {
  test("takes a function, an argument of any type, options, or an export's name", async () => {
    expect(await run("spawns")).toEqual(["a-b", "42", "normal 8", 'worker <<"a worker">> high', "exported"]);
  });

  test("ends the process when there is no such export", async () => {
    expect(await reasonOf("spawnsNothing")).toEqual(tuple("not_exported", "spawn"));
  });

  test("gives a child a part of what its parent has, and no more than that", async () => {
    lines.length = 0;
    logged.length = 0;
    expect(await reasonOf("keepsForItself")).toEqual(tuple("not_granted", "spawn"));
    expect(lines).toEqual(["said"]);
    expect(logged).toEqual([
      'stdio.write: the grant "stdio" was asked for and is not granted',
      'process.spawn: the directory "/data" was asked for and is not granted',
    ]);
  });

  test("gives a child lower limits, and a subtree of its own", async () => {
    const [limits, end] = await run("bounded");
    expect(limits).toContain("{memory_bytes,process,");
    // Never more than the parent has.
    expect(limits).toMatch(/\{memory_bytes,process,\d+,268435456\}/);
    expect(limits).toMatch(/\{timers,process,0,3\}/);
    expect(limits).toMatch(/\{processes,subtree,1,2\}/);
    expect(limits).toMatch(/\{fuel,subtree,\d+,5000000000\}/);
    expect(end).toContain("{system_limit,");
  });

  test("lends a child what it kept for itself, and takes it back", async () => {
    expect(await run("lends")).toEqual([
      "true",
      "stdio, register:shop true false",
      "true false",
      expect.stringMatching(/^\{revoked,<<"unregister/),
    ]);
  });

  test("from outside, args are the argument", async () => {
    expect(await run("hasArgument", tuple(atom("hello"), "Ada"))).toEqual(["Ada"]);
  });
});

describe("links and monitors", () => {
  test("a Down says who went and why", async () => {
    expect(await run("monitors")).toEqual(["true true boom", "noproc false", "nobody", "true false", "true"]);
  });

  test("exits are messages to whoever traps them", async () => {
    expect(await run("links")).toEqual(["false true", "true boom", "killed", "true"]);
  });

  test("linking the dead ends the process with noproc", async () => {
    expect(await reasonOf("linksTheDead")).toBe("noproc");
  });

  test("exit ends with any reason", async () => {
    expect(await reasonOf("exitsNormally")).toBe("normal");
  });
});

test("a message is sent to a pid, a name, a name on a node or an alias", async () => {
  lines.length = 0;
  expect(await reasonOf("names")).toEqual(
    tuple("badarg", "send: 'me' is no process's name, or takes no more"),
  );
  expect(lines).toEqual(["true true", "1234", "first true", "true false", "false true"]);
  expect(await reasonOf("registersTwice")).toEqual(
    tuple("badarg", "register: 'two' is taken, or the process is gone or has another name"),
  );
});

test("timers send later, and can be read and stopped", async () => {
  expect(await run("timers")).toEqual(["true true -1.0", "5", "true later", "true"]);
});

describe("calls", () => {
  test("are answered by a server, or report why not", async () => {
    expect(await run("calls")).toEqual([
      "2",
      "42",
      "1",
      "false true timeout",
      "terminated with 0",
      "stopping",
      "normal true",
      "false noproc false",
      "noproc",
    ]);
  });

  test("end the caller when nobody looks at the result", async () => {
    expect(await reasonOf("callsTheCrashing")).toMatchObject(["crashed", expect.stringMatching(/failed$/)]);
    expect(await reasonOf("callsTooLong")).toMatchObject([
      "timeout",
      expect.stringMatching(/^call to <.*> failed$/),
    ]);
  });

  test("are received and answered one by one", async () => {
    expect(await run("answers")).toEqual(["40", "cast"]);
  });

  test("go from JavaScript to a guest and from a guest to JavaScript", async () => {
    const server = host.spawn(program, "counter");
    expect(await host.call(server, tuple(atom("add"), 5))).toBe(5);
    expect(await host.call(server, atom("stop"))).toBe(atom("stopping"));

    const casts: unknown[] = [];
    const javascript = host.runtime.spawn(
      async (self) => {
        const [, [from, tag], request] = (await self.receive()) as [
          unknown,
          [never, { tail: never }],
          unknown,
        ];
        expect(request).toEqual(tuple(atom("add"), 7));
        expect(from).toBeDefined();
        self.send(tag.tail, tuple(tag, "from JavaScript"));
        casts.push(await self.receive());
      },
      { name: "javascript" },
    );
    expect(await run("callsJavaScript")).toEqual(["from JavaScript"]);
    await host.exited(javascript);
    expect(casts).toEqual([tuple(atom("$gen_cast"), tuple(atom("hello"), "bye"))]);
  });
});

test("time, randomness, labels, priorities and logs come from the host", async () => {
  logged.length = 0;
  expect(await run("others")).toEqual(["true", "4 true true", '<<"renamed">>', "10"]);
  expect(logged).toEqual(["careful"]);
});

test("a process that handles many messages stays small", async () => {
  expect(await run("churns")).toEqual(["64 KB"]);
});
