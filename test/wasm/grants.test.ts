// Grants: how they are written, which covers which, and that each opens what it says and nothing more.
import { describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { RuntimeEvent } from "../../host/otp/index.ts";
import { atom } from "../../host/otp/term/index.ts";
import { type Grant, grantSet } from "../../host/wasm/grant.ts";
import { type ArgumentKind, canonicalArgument, covers } from "../../host/wasm/grant-argument.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { ERRNO } from "../../host/wasm/wasi/errno.ts";
import { answerOf, callsGuest, OUT, type Step, step, term, wasm } from "./support/calls.ts";

describe("a grant", () => {
  it.each([
    ["regster", "E_UNKNOWN_GRANT", 'unknown grant "regster". Did you mean "register"?'],
    ["regster:x", "E_UNKNOWN_GRANT", 'unknown grant "regster". Did you mean "register"?'],
    ["spawn:x", "E_GRANT", 'the grant "spawn" takes no argument, and was given "x"'],
    ["register:", "E_GRANT", '"" cannot restrict the grant "register"'],
    ["register:a*b", "E_GRANT", '"a*b" cannot restrict the grant "register"'],
    ["toString", "E_UNKNOWN_GRANT", 'unknown grant "toString"'],
  ])("written as %j is refused by name", (text, code, message) => {
    expect(() => grantSet([text])).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("restricted to everything is the grant itself, and makes a restricted one beside it needless", () => {
    expect([...grantSet(["register:*", "register:a", "groups:a", "groups:b*"])]).toEqual([
      "register",
      "groups:a",
      "groups:b*",
    ]);
  });

  it("is held for a part: what is asked of a set are the name alone, an argument, and other grants", () => {
    const held = grantSet(["register:cart.*", "spawn"]);
    expect([held.has("register"), held.opens("register"), held.opens("groups")]).toEqual([
      false,
      true,
      false,
    ]);
    expect([held.allows("register", "cart.1"), held.allows("register", "till")]).toEqual([true, false]);
    expect([held.allows("spawn", "anything"), held.allows("groups", "cart.1")]).toEqual([true, false]);
    const missing = (wanted: Grant[]) => held.firstMissing(grantSet(wanted));
    expect(missing(["spawn", "register:cart.7", "register:cart.x*"])).toBeUndefined();
    expect(missing(["register"])).toBe("register");
    expect(missing(["register:car*"])).toBe("register:car*");
    expect(missing(["register:cart.1", "kill"])).toBe("kill");
  });
});

describe("an argument", () => {
  it.each<[ArgumentKind, string, string | undefined]>([
    ["name", "cart", "cart"],
    ["name", "*", "*"],
    ["name", "a*b", undefined],
    ["name", "", undefined],
    ["host", "Example.COM.", "example.com"],
    ["host", "*.example.com", "*.example.com"],
    ["host", "a.*.example.com", undefined],
    ["host", "a..b", undefined],
    ["host", "a/b", undefined],
    ["host", "[::1]", "[::1]"],
    ["port", "80", "80"],
    ["port", "0080", "80"],
    ["port", "80-80", "80"],
    ["port", "1-1024", "1-1024"],
    ["port", "9-8", undefined],
    ["port", "65536", undefined],
    ["port", "-1", undefined],
    ["address", "Example.com:0443", "example.com:443"],
    ["address", "[::1]:*", "[::1]:*"],
    ["address", "example.com", undefined],
    ["address", "::1:80", undefined],
    ["address", "10.0.0.0/8:5432", "10.0.0.0/8:5432"],
    ["address", "10.0.0.1/8:5432", undefined],
    ["address", "10.0.0.0/33:5432", undefined],
    ["address", "10.0.0.0/08:5432", undefined],
    ["address", "10.0.0.7/32:5432", "10.0.0.7:5432"],
    ["address", "0.0.0.0/0:*", "0.0.0.0/0:*"],
    ["address", "example.com/8:80", undefined],
    ["address", "10.0.0.0/8", undefined],
    ["address", "[FD00:0::]/8:80", "[fd00::]/8:80"],
    ["address", "fd00::/8:80", undefined],
    ["address", "[10.0.0.0]/8:80", undefined],
    ["address", "[::ffff:10.0.0.0]/104:80", undefined],
    ["site", "[fd00::]/8", "[fd00::]/8:*"],
    ["site", "10.0.0.0/8", "10.0.0.0/8:*"],
  ])("of the kind %s, %j, has one spelling or none: %j", (kind, text, canonical) => {
    expect(canonicalArgument(kind, text)).toBe(canonical);
  });

  it.each<[ArgumentKind, string, string, boolean]>([
    ["name", "cart.*", "cart.1", true],
    ["name", "cart.*", "cart.*", true],
    ["name", "cart.*", "cart.1.*", true],
    ["name", "cart.*", "cart*", false],
    ["name", "cart.*", "cart", false],
    ["name", "cart", "cart.1", false],
    ["name", "cart", "car*", false],
    ["host", "*.example.com", "api.example.com", true],
    ["host", "*.example.com", "*.api.example.com", true],
    ["host", "*.example.com", "example.com", false],
    ["host", "*.example.com", "evilexample.com", false],
    ["host", "*.example.com", "*", false],
    ["host", "*", "*.example.com", true],
    ["port", "1-1024", "80", true],
    ["port", "1-1024", "1-1025", false],
    ["port", "80", "*", false],
    ["port", "*", "0-65535", true],
    ["address", "*.example.com:443", "api.example.com:443", true],
    ["address", "*.example.com:443", "api.example.com:80", false],
    ["address", "[::1]:*", "[::1]:80", true],
    ["address", "[::1]:80", "[::2]:80", false],
    ["address", "10.0.0.0/8:1-99", "10.255.0.1:80", true],
    ["address", "10.0.0.0/8:1-99", "10.255.0.1:100", false],
    ["address", "10.0.0.0/8:*", "11.0.0.0:80", false],
    ["address", "10.0.0.0/8:*", "10.20.0.0/16:80", true],
    ["address", "10.20.0.0/16:*", "10.0.0.0/8:80", false],
    ["address", "10.0.0.0/8:*", "ten.example:80", false],
    ["address", "10.0.0.0/8:*", "*:80", false],
    ["address", "0.0.0.0/0:*", "127.0.0.1:80", true],
    ["address", "0.0.0.0/0:*", "[::1]:80", false],
    ["address", "[::]/0:*", "127.0.0.1:80", false],
    ["address", "[fd00::]/8:*", "[fdff::1]:80", true],
    ["address", "[fd00::]/8:*", "[fe00::1]:80", false],
    ["address", "*:*", "8.8.0.0/16:80", false],
  ])("of the kind %s: %j covers %j: %j", (kind, held, wanted, expected) => {
    expect(covers(kind, held, wanted)).toBe(expected);
  });
});

/** The results of the steps in a guest with these grants, and what was refused. */
async function run(grants: Grant[], steps: readonly Step[]) {
  await using host = new Host({ grants: "all" });
  const denied: string[] = [];
  host.runtime.subscribe((event: RuntimeEvent) => {
    if (event.type === "denied") denied.push(`${event.call}: ${event.grant}`);
  });
  const program = await host.load(callsGuest({ main: steps }), { name: "guest" });
  const results = await host.exited(host.spawn(program, "main", { grants }));
  return { results, denied };
}

describe("names", () => {
  const self = step("process.self", OUT);
  it("can be registered and given up only as far as the grant goes", async () => {
    const { results, denied } = await run(
      ["register:cart.*"],
      [
        self,
        step("registry.register", term(atom("till")), answerOf(0)),
        step("registry.register", term(atom("cart.1")), answerOf(0)),
        step("registry.unregister", term(atom("till"))),
        step("registry.unregister", term(atom("cart.1"))),
      ],
    );
    expect(results).toEqual([expect.any(Number), ERROR.not_granted, 0, ERROR.not_granted, 0]);
    expect(denied).toEqual([
      'registry.register: the grant "register:till"',
      'registry.unregister: the grant "register:till"',
    ]);
  });

  it("of children are bound by it, and so are the grants that children get", async () => {
    const spawn = (options: object) =>
      step("process.spawn", term("waits"), term([]), term(options), { room: 100 });
    const { results, denied } = await run(
      ["spawn", "register:cart.*"],
      [
        spawn({ name: atom("till") }),
        spawn({ grants: [atom("register")] }),
        spawn({ grants: ["register:cart*"] }),
        spawn({ grants: ["register:"] }),
        spawn({ grants: ["register:cart.9"], name: atom("cart.1") }),
      ].map((made) => ({ ...made, args: [term("main"), ...made.args.slice(1)] })),
    );
    expect(results).toEqual([
      ERROR.not_granted,
      ERROR.not_granted,
      ERROR.not_granted,
      ERROR.badarg,
      expect.any(Number),
    ]);
    expect(denied).toContain('process.spawn: the grant "register:till"');
    expect(denied).toContain('process.spawn: the grant "register"');
    expect(denied).toContain('process.spawn: the grant "register:cart*"');
  });
});

describe("the wall clock", () => {
  const steps = [
    step("clock.wall"),
    step("wasi_snapshot_preview1.clock_time_get", 0, 0, 64),
    step("wasi_snapshot_preview1.clock_time_get", 1, 0, 64),
    // One subscription, to an absolute time of the realtime clock; what is told is at 512.
    wasm(`(i32.store16 (i32.const 240) (i32.const 1)) (i32.const 0)`),
    step("wasi_snapshot_preview1.poll_oneoff", 200, 500, 1, 600),
    wasm("(i32.load16_u (i32.const 508))"),
  ];
  it("is shown to who was granted it, and to nobody else, by no detour", async () => {
    // A child's imports are looked at when they are called.
    const parent = [step("process.spawn", term("child"), term([]), term({ grants: [] }), OUT)];
    await using host = new Host({ grants: ["spawn", "clock"] });
    const ends: unknown[] = [];
    host.runtime.subscribe((event) => event.type === "exited" && ends.push(event.reason));
    const program = await host.load(callsGuest({ main: [...parent, ...steps], child: steps }), {
      name: "guest",
    });
    await host.exited(host.spawn(program));
    while (host.runtime.processes().length > 0) await new Promise((resolve) => setImmediate(resolve));
    const [own, child] = ends.sort((a, b) => (b as unknown[]).length - (a as unknown[]).length) as number[][];
    expect(own!.slice(2)).toEqual([0, 0, 0, 0, 0]);
    expect(child).toEqual([ERROR.not_granted, ERRNO.perm, 0, 0, 0, ERRNO.perm]);
  });
});

describe("streams", () => {
  it("are for who was granted them", async () => {
    const child = [step("stream.open", 100, OUT)];
    const spawn = (grants: unknown[]) =>
      step("process.spawn", term("child"), term([]), term({ grants }), OUT);
    await using host = new Host({ grants: ["spawn", "streams"] });
    const ends: unknown[] = [];
    host.runtime.subscribe((event) => event.type === "exited" && ends.push(event.reason));
    const program = await host.load(callsGuest({ main: [spawn([]), spawn([atom("streams")])], child }));
    await host.exited(host.spawn(program));
    while (host.runtime.processes().length > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toContainEqual([ERROR.not_granted]);
    expect(ends.filter((end) => (end as number[]).length === 1 && (end as number[])[0]! > 0)).toHaveLength(1);
  });
});

describe("groups", () => {
  it("are open by name, texts and atoms alike; lists of all groups and other scopes are not", async () => {
    const self = step("process.self", OUT);
    const { results, denied } = await run(
      ["groups:room.*"],
      [
        self,
        step("group.join", term(atom("room.1")), answerOf(0)),
        step("group.join", term("room.2"), answerOf(0)),
        step("group.members", term("room.2"), OUT),
        step("group.join", term(atom("hall")), answerOf(0)),
        step("group.join", term(["room.1"]), answerOf(0)),
        step("group.leave", term(atom("hall")), answerOf(0)),
        step("group.members", term(atom("hall")), OUT),
        step("group.monitor", term(atom("hall")), OUT),
        step("group.list", OUT),
        step("group.monitor_scope", OUT),
        step("group.scope", term(atom("pg"))),
        step("group.kill", term(atom("room.1"))),
      ],
    );
    const no = ERROR.not_granted;
    const some = expect.any(Number);
    expect(results).toEqual([some, 0, 0, some, no, no, no, no, no, no, no, no, no]);
    expect((results as number[])[3]).toBeGreaterThan(0);
    expect(denied.slice(0, 2)).toEqual([
      'group.join: the grant "groups:hall"',
      'group.join: the grant "groups"',
    ]);
    expect(denied.slice(-4)).toEqual([
      'group.list: the grant "groups"',
      'group.monitor_scope: the grant "groups"',
      'group.scope: the grant "groups"',
      'group.kill: the grant "kill"',
    ]);
  });
});
