// Who looks names up waits for nobody's names but their own.
import { describe, expect, it } from "vitest";
import { type Found, LookupQueue } from "../../host/node/lookup-queue.ts";
import { admittingLookup } from "../../host/node/name-lookup.ts";

/** A resolver that answers when it is told to. */
function world() {
  const asked = new Map<string, Found>();
  const told: string[] = [];
  const queue = new LookupQueue((host, found) => asked.set(host, found));
  const ask = (asker: object, host: string, isWanted = () => true) =>
    queue.ask(asker, {
      host,
      isWanted,
      found: (error) => told.push(error ? `${host}: ${(error as { code?: string }).code}` : host),
    });
  const answer = (host: string) => {
    const found = asked.get(host)!;
    asked.delete(host);
    found(null, []);
  };
  return { ask, answer, told, asked: () => [...asked.keys()], queue };
}
const [ann, bob] = [{}, {}];

describe("looking names up", () => {
  it("is one name after the other for each asker, beside those of others", () => {
    const { ask, answer, told, asked } = world();
    for (const host of ["a1", "a2", "a3"]) ask(ann, host);
    ask(bob, "b1");
    expect(asked()).toEqual(["a1", "b1"]);
    answer("b1");
    ask(bob, "b2");
    answer("a1");
    answer("b2");
    answer("a2");
    expect(asked()).toEqual(["a3"]);
    expect(told).toEqual(["b1", "a1", "b2", "a2"]);
  });

  it("leaves out what nobody wants to know any more when it is its turn", () => {
    const { ask, answer, told, asked } = world();
    let isWanted = true;
    ask(ann, "a1");
    ask(ann, "a2", () => isWanted);
    ask(ann, "a3");
    isWanted = false;
    answer("a1");
    expect(asked()).toEqual(["a3"]);
    answer("a3");
    expect(told).toEqual(["a1", "a3"]);
    ask(ann, "a4");
    expect(asked()).toEqual(["a4"]);
  });

  it("is refused to who has 64 names waiting that are wanted, and to nobody else", async () => {
    const { ask, told, asked } = world();
    let isWanted = true;
    for (let i = 0; i <= 64; i++) ask(ann, `a${i}`, () => isWanted);
    ask(ann, "more");
    ask(bob, "b");
    await Promise.resolve();
    expect(told).toEqual(["more: EMFILE"]);
    expect(asked()).toEqual(["a0", "b"]);
    isWanted = false;
    ask(ann, "again");
    await Promise.resolve();
    expect(told).toEqual(["more: EMFILE"]);
  });

  it("gives those addresses only that the asker may reach, and tells when there is none", () => {
    const queue = new LookupQueue((_host, found) =>
      found(null, [
        { address: "127.0.0.1", family: 4 },
        { address: "93.184.216.34", family: 4 },
        { address: "::ffff:127.0.0.1", family: 6 },
      ]),
    );
    const looked = (admits: (address: string) => boolean, all: boolean) => {
      let result: unknown[] = [];
      const target = { host: "h", port: 1, admits, asker: ann };
      admittingLookup(target, () => true, queue)("h", { all }, (error, ...found) => {
        result = error ? [(error as { code?: string }).code] : found;
      });
      return result;
    };
    const isPublic = (address: string) => address === "93.184.216.34";
    expect(looked(isPublic, true)).toEqual([[{ address: "93.184.216.34", family: 4 }]]);
    expect(looked(isPublic, false)).toEqual(["93.184.216.34", 4]);
    expect(looked(() => false, true)).toEqual(["EACCES"]);
  });
});
