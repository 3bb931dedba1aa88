// Byte streams: order, back-pressure, ownership, and what a death does to them.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import type { StreamReader, StreamWriter } from "../../host/otp/stream.ts";
import { pumpFrom, pumpInto } from "../../host/otp/stream-pumps.ts";
import { settled, waiter, world } from "./support/world.ts";

const bytes = (...values: number[]) => new Uint8Array(values);
const isObject = (message: unknown) => typeof message === "object";

/** Reads to the end. */
async function readAll(self: Context, reader: StreamReader, maxBytes?: number): Promise<number[]> {
  const all: number[] = [];
  const options = maxBytes === undefined ? {} : { maxBytes };
  for (
    let chunk = await self.read(reader, options);
    chunk !== undefined;
    chunk = await self.read(reader, options)
  ) {
    all.push(...chunk);
  }
  return all;
}

/** A process that writes the chunks into the writer it is sent, and closes it. */
const writing =
  (...chunks: Uint8Array[]) =>
  async (self: Context): Promise<void> => {
    const writer = (await self.receive()) as StreamWriter;
    for (const chunk of chunks) await self.write(writer, chunk);
    self.close(writer);
  };

it("carries bytes in order from one process to another, and then the end", async () => {
  const { play } = world();
  await play(async (self) => {
    const { reader, writer } = self.openStream();
    self.send(self.spawn(writing(bytes(1, 2), bytes(), bytes(3))), writer);
    expect(await readAll(self, reader)).toEqual([1, 2, 3]);
    expect(await self.read(reader)).toBeUndefined();
    expect(await settled(self)).toEqual([]);
  });
});

it("carries whatever is written, in pieces of whatever size, through whatever capacity", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      chunks,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      async (written, capacity, max) => {
        const { play } = world();
        const read = await play(async (self) => {
          const { reader, writer } = self.openStream(capacity);
          self.send(self.spawn(writing(...written)), writer);
          return await readAll(self, reader, max);
        });
        expect(read).toEqual(written.flatMap((chunk) => [...chunk]));
      },
    ),
    { numRuns: 50 },
  );
});

it("a writer waits while the stream is full, and goes on when there is room", async () => {
  const { play } = world();
  await play(async (self) => {
    const { reader, writer } = self.openStream(4);
    let written = 0;
    const pid = self.spawn(async (child) => {
      const mine = (await child.receive()) as StreamWriter;
      for (let i = 0; i < 5; i++) {
        await child.write(mine, bytes(i, i));
        written++;
      }
    });
    self.send(pid, writer);
    await self.sleep(1);
    expect(written).toBe(2);
    await self.read(reader);
    await self.sleep(1);
    expect(written).toBe(3);
    expect(await readAll(self, reader)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

it("an end that was sent away belongs to its receiver only", async () => {
  const { play } = world();
  await play(async (self) => {
    const { reader, writer } = self.openStream();
    const pid = self.spawn(waiter);
    self.send(pid, { nested: [writer] });
    await expect(self.write(writer, bytes(1))).rejects.toMatchObject({ code: "badarg" });
    expect(() => self.send(pid, writer)).toThrow(expect.objectContaining({ code: "badarg" }));
    expect(writer.owner?.pid).toBe(pid);
    expect(reader.owner?.pid).toBe(self.pid);
    expect(() => self.sendAfter(1, pid, reader)).toThrow(expect.objectContaining({ code: "badarg" }));
    expect(() => self.exitSignal(pid, reader)).toThrow(expect.objectContaining({ code: "badarg" }));
  });
});

it("both ends may be sent on, with what is in between", async () => {
  const { play } = world();
  await play(async (self) => {
    const { reader, writer } = self.openStream();
    await self.write(writer, bytes(1));
    const pid = self.spawn(async (child) => {
      const ends = (await child.receive(isObject)) as { reader: StreamReader; writer: StreamWriter };
      await child.write(ends.writer, bytes(2));
      child.close(ends.writer);
      child.send(self.pid, await readAll(child, ends.reader));
    });
    self.send(pid, { reader, writer });
    expect(await self.receive()).toEqual([1, 2]);
  });
});

it("a refused message hands nothing over; one to nobody drops the ends in it", async () => {
  const { play } = world();
  await play(async (self) => {
    const { reader, writer } = self.openStream();
    const full = self.spawn(waiter, { maxMailbox: { messages: 0, policy: "reject" } });
    expect(() => self.send(full, writer)).toThrow(expect.objectContaining({ code: "system_limit" }));
    expect(() => self.send("nobody", writer)).toThrow(expect.objectContaining({ code: "badarg" }));
    await self.write(writer, bytes(1));
    self.exitSignal(full, "kill");
    self.send(full, writer);
    expect(await readAll(self, reader)).toEqual([1]);
  });
});

it("a writer that is dropped ends the stream, a dying one breaks it, after what was written", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const reason of ["normal", "boom"]) {
      const { reader, writer } = self.openStream();
      const pid = self.spawn(async (child) => {
        await child.write((await child.receive()) as StreamWriter, bytes(7));
        child.exit(reason);
      });
      self.send(pid, writer);
      await self.sleep(1);
      expect(await self.read(reader)).toEqual(bytes(7));
      const end = self.read(reader);
      if (reason === "normal") expect(await end).toBeUndefined();
      else await expect(end).rejects.toMatchObject({ code: "E_STREAM_BROKEN", cause: "boom" });
    }
  });
});

it("a waiting reader learns of its writer's death, and a waiting writer of its reader's", async () => {
  const { play } = world();
  await play(async (self) => {
    const first = self.openStream();
    const owner = self.spawn(waiter);
    self.send(owner, first.writer);
    self.spawn((child) => {
      child.sendAfter(10, self.pid, "unrelated");
    });
    self.spawn(async (child) => {
      await child.sleep(5);
      child.exitSignal(owner, "boom");
    });
    await expect(self.read(first.reader)).rejects.toMatchObject({ code: "E_STREAM_BROKEN" });
    const second = self.openStream(1);
    const other = self.spawn(waiter);
    self.send(other, second.reader);
    await self.write(second.writer, bytes(1));
    self.spawn(async (child) => {
      await child.sleep(5);
      child.exitSignal(other, "normal");
      child.exitSignal(other, "gone");
    });
    await expect(self.write(second.writer, bytes(2))).rejects.toMatchObject({ code: "E_STREAM_CLOSED" });
  });
});

it("a read or write that takes too long gives up and leaves nothing in the mailbox", async () => {
  const { play, environment } = world();
  await play(async (self) => {
    const { reader, writer } = self.openStream(1);
    await expect(self.read(reader, { timeoutMs: 20 })).rejects.toMatchObject({ code: "timeout" });
    await self.write(writer, bytes(1));
    await expect(self.write(writer, bytes(2), { timeoutMs: 20 })).rejects.toMatchObject({ code: "timeout" });
    expect(environment.now()).toBe(40);
    expect(await self.read(reader)).toEqual(bytes(1));
    expect(await settled(self)).toEqual([]);
  });
});

it("a capacity that is no number of bytes is refused", async () => {
  const { play } = world();
  await play((self) => {
    for (const capacity of [0, -1, 1.5, Number.NaN]) {
      expect(() => self.openStream(capacity)).toThrow(expect.objectContaining({ code: "badarg" }));
    }
  });
});

it("bytes come in from an async iterable and go out into a web stream, with back-pressure", async () => {
  const { play } = world();
  let produced = 0;
  const source = (async function* () {
    for (let i = 0; i < 10; i++) {
      produced++;
      yield bytes(i);
    }
  })();
  const out: number[] = [];
  let closed = false;
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) => void out.push(...chunk),
    close: () => {
      closed = true;
    },
  });
  await play(async (self) => {
    const { reader, writer } = self.openStream(2);
    self.send(self.spawn(pumpFrom(source)), writer);
    await self.sleep(1);
    expect(produced).toBeLessThan(5);
    const [pid, ref] = self.spawnMonitor(pumpInto(sink));
    self.send(pid, reader);
    expect(await self.receiveTagged(ref)).toMatchObject({ reason: "normal" });
  });
  expect(out).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(closed).toBe(true);
});

it("a broken stream aborts the sink", async () => {
  const { play } = world();
  let aborted: unknown;
  const sink = new WritableStream<Uint8Array>({
    abort: (reason) => {
      aborted = reason;
    },
  });
  await play(async (self) => {
    const { reader, writer } = self.openStream();
    const [pump, ref] = self.spawnMonitor(pumpInto(sink));
    self.send(pump, reader);
    const owner = self.spawn(waiter);
    self.send(owner, writer);
    self.exitSignal(owner, "boom");
    expect(await self.receiveTagged(ref)).toMatchObject({ reason: { code: "E_STREAM_BROKEN" } });
  });
  expect(aborted).toMatchObject({ code: "E_STREAM_BROKEN" });
});
