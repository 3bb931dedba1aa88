// What guests' messages are on the wire, held against the host's codec.
import { beforeAll, describe, expect, test } from "vitest";
import { Ref } from "../../host/otp/ref.ts";
import { atom, encodeTerm, float, tuple } from "../../host/otp/term/index.ts";
import { compileText, FakeHost, OTHER, SELF } from "./fake-host.ts";

const GUEST = `
import { self, send, receive, receiveAny, log, Pid, Ref, Atom, atom, Term } from "moonlet/guest-sdk";

@message class Ping { constructor(public from: Pid, public n: i32) {} }
@message class Stop {}
@message("gerät") class Device { id: u8 = 0; }
@message class Inner { constructor(public readonly name: string, public readonly at: f64) {} }
@message class Box<T> { constructor(public value: T, public readonly label: string) {} }
@message class Everything {
  i8: i8 = 0; u8: u8 = 0; i16: i16 = 0; u16: u16 = 0; i32: i32 = 0; u32: u32 = 0; i64: i64 = 0; u64: u64 = 0;
  f32: f32 = 0; f64: f64 = 0; bool: bool = false;
  text: string = "";
  pid: Pid = self();
  ref: Ref | null = null;
  atom: Atom = atom("none");
  term: Term = Term.of(0);
  buffer: ArrayBuffer = new ArrayBuffer(0);
  bytes: Uint8Array = new Uint8Array(0);
  numbers: i32[] = [];
  texts: StaticArray<string> = [];
  inner: Inner = new Inner("", 0);
  inners: Inner[] = [];
  maybe: Inner | null = null;
  map: Map<string, i64> = new Map();
  nested: Map<i32, string[]> = new Map();
  static notAField: i32 = 3;
  twice(): i32 { return this.i32 * 2; }
}

export function sendsPing(): void { send(self(), new Ping(self(), -5)); }
export function sendsStop(): void { send(self(), new Stop()); send("logger", new Device()); send(atom("logger"), atom("go")); }
export function receivesStop(): void { receive<Stop>(); receive<Device>(); log.info("stopped"); }
export function echoes(): void {
  const e = receive<Everything>();
  log.info((e.maybe == null).toString() + " " + e.twice().toString());
  send(e.pid, e);
}
export function receivesInner(): void { const i = receive<Inner>(); log.info(i.name + " " + i.at.toString()); }
export function boxes(): void {
  const box = receive<Box<Inner>>();
  send(self(), new Box<i32>(7, box.label));
  send(self(), new Box<Inner[]>([box.value], "many"));
}
export function values(): void {
  const to = self();
  send(to, "text"); send(to, 1); send(to, 2.5); send(to, true); send(to, to); send(to, [1, 2]); send<Pid, string[]>(to, []);
  send(to, <u64>18446744073709551615); send(to, i64.MIN_VALUE); send<Pid, string | null>(to, null); send(to, "\\uD800x");
}
export function selects(): void {
  const n = receive<i32>(); const t = receive<string>(); const b = receive<bool>(); const f = receive<f64>(); const p = receive<Pid>();
  log.info(n.toString() + " " + t + " " + b.toString() + " " + f.toString() + " " + p.toString());
}
export function largeOnes(): void {
  const text = receive<string>();
  send(self(), text);
  send(self(), text + text);
  log.info(receiveAny().toString());
}
export function many(): void {
  for (let i = 0; i < 2000; i++) send(self(), receive<Inner>());
}
`;

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await compileText(GUEST);
});
const host = () => new FakeHost(wasm);

describe("a message class", () => {
  test("is a tuple of its tag and its fields", () => {
    const [sent] = host().run("sendsPing").sent;
    expect(sent).toMatchObject({ to: SELF, message: tuple(atom("ping"), SELF, -5) });
    expect(sent!.bytes).toEqual(encodeTerm(tuple(atom("ping"), SELF, -5)));
  });

  test("without fields is its tag alone, and can be given a tag", () => {
    const { sent } = host().run("sendsStop");
    expect(sent.map(({ message }) => message)).toEqual([atom("stop"), tuple(atom("gerät"), 0), atom("go")]);
    expect(sent.map(({ to }) => to)).toEqual([SELF, atom("logger"), atom("logger")]);
  });

  test("is received by tag and number of fields, and the others stay", () => {
    const { mailbox, logged } = host()
      .deliver(tuple(atom("stop"), 1))
      .deliver(tuple(atom("gerät"), 9))
      .deliver(atom("stop"))
      .run("receivesStop");
    expect(logged).toEqual(["info: stopped"]);
    expect(mailbox).toEqual([encodeTerm(tuple(atom("stop"), 1))]);
  });

  test("carries fields of every type there and back", () => {
    const ref = new Ref("other@host", 2 ** 40, 3);
    const inner = (name: string, at: unknown) => tuple(atom("inner"), name, at);
    const everything = (maybe: unknown) =>
      tuple(
        atom("everything"),
        ...[-128, 255, -32768, 65535, -2147483648, 4294967295, -9223372036854775808n, 18446744073709551615n],
        ...[float(1.5), float(-2.25), true, "Größe 💡", OTHER, ref, atom("äh"), tuple(1, [2, "x"])],
        ...[Uint8Array.of(1, 2, 3), Uint8Array.of(255), [1, -1, 300, 70000], ["a", "b"]],
        ...[inner("in", float(0.5)), [inner("1", float(1)), inner("2", float(2))], maybe],
        ...[new Map([["k", 5n]]), new Map([[7, ["x", "y"]]])],
      );
    const without = host().deliver(everything(undefined)).run("echoes");
    expect(without.logged).toEqual(["info: true 0"]);
    expect(without.sent[0]!.to).toEqual(OTHER);
    expect(without.sent[0]!.bytes).toEqual(encodeTerm(everything(undefined)));
    const withInner = host()
      .deliver(everything(inner("?", float(-0.5))))
      .run("echoes");
    expect(withInner.logged).toEqual(["info: false 0"]);
    expect(withInner.sent[0]!.bytes).toEqual(encodeTerm(everything(inner("?", float(-0.5)))));
  });

  test("takes an integer where a float is expected, as JavaScript sends 2.0", () => {
    const send = (at: unknown) =>
      host()
        .deliver(tuple(atom("inner"), "n", at))
        .run("receivesInner").logged[0];
    expect(send(2)).toBe("info: n 2.0");
    expect(send(-70000)).toBe("info: n -70000.0");
    expect(send(2 ** 40)).toBe("info: n 1099511627776.0");
    expect(send(-(2n ** 70n))).toBe("info: n -1.1805916207174114e+21");
  });

  test("may be generic", () => {
    const inner = tuple(atom("inner"), "x", float(1.5));
    const { sent } = host()
      .deliver(tuple(atom("box"), inner, "l"))
      .run("boxes");
    expect(sent.map(({ bytes }) => bytes)).toEqual(
      [tuple(atom("box"), 7, "l"), tuple(atom("box"), [inner], "many")].map(encodeTerm),
    );
  });

  test("leaves no garbage that collecting cannot free", () => {
    const fake = host();
    for (let i = 0; i < 2000; i++) fake.deliver(tuple(atom("inner"), "x".repeat(500), i));
    fake.run("many");
    expect(fake.sent).toHaveLength(2000);
    expect(fake.sent[1999]!.message).toEqual(tuple(atom("inner"), "x".repeat(500), 1999));
  });
});

describe("a field of another type ends the process with bad_message", () => {
  const reason = (message: unknown) => host().deliver(message).reason("receivesInner");
  test("and the text names field, expectation and value", () => {
    expect(reason(tuple(atom("inner"), 5, 1.5))).toEqual(
      tuple(atom("bad_message"), "Inner.name: expected text, got 5"),
    );
    expect(reason(tuple(atom("inner"), "n", atom("x")))).toEqual(
      tuple(atom("bad_message"), "Inner.at: expected a float, got x"),
    );
  });

  test("and so does an integer out of range", () => {
    const fake = host()
      .deliver(tuple(atom("gerät"), 256))
      .deliver(atom("stop"));
    expect(fake.reason("receivesStop")).toEqual(
      tuple(atom("bad_message"), "Device.id: expected an integer that fits u8, got 256"),
    );
  });
});

test("plain values are terms without a class", () => {
  const { sent } = host().run("values");
  expect(sent.map(({ bytes }) => bytes)).toEqual(
    [
      "text",
      1,
      2.5,
      true,
      SELF,
      [1, 2],
      [],
      18446744073709551615n,
      -9223372036854775808n,
      undefined,
      "\ufffdx",
    ].map(encodeTerm),
  );
});

test("receive by a plain type takes the oldest message of that type", () => {
  const fake = host().deliver(OTHER).deliver(2.5).deliver(true).deliver("t").deliver(70000).run("selects");
  expect(fake.logged).toEqual(["info: 70000 t true 2.5 <0.8.0>"]);
});

test("the buffer for a large message is given back, and what is given back is used again", () => {
  const fake = host();
  for (let i = 0; i < 30; i++) fake.deliver("x".repeat(500_000)).deliver(i).run("largeOnes");
  expect(fake.sent).toHaveLength(60);
  // Each large one is fetched, since the buffer is small again.
  expect(fake.syscalls.filter((name) => name === "message.read")).toHaveLength(30);
  // Each time there are about 8 MB of strings and buffers at once; 240 MB altogether.
  expect(fake.pages).toBeLessThan(600);
});

test("messages larger than the buffers are fetched and sent whole", () => {
  const text = "0123456789".repeat(3000);
  const fake = host()
    .deliver(text)
    .deliver(tuple(atom("big"), text.repeat(10)))
    .run("largeOnes");
  expect(fake.sent.map(({ message }) => message)).toEqual([text, text + text]);
  expect(fake.syscalls.filter((name) => name === "message.read")).toHaveLength(2);
  expect(fake.logged[0]).toContain('{big,<<"0123');
});
