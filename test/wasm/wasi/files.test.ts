// Files and directories through descriptors: positions, appending, sizes, times, listings, and what happens to the descriptors.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host } from "../../../host/host.ts";
import { ERRNO } from "../../../host/wasm/wasi/errno.ts";
import { type Place, places } from "./support/file-systems.ts";
import { ALL_RIGHTS, OPEN, Script, textAt } from "./support/script.ts";

const { success, badf, inval, notcapable, isdir, spipe, mfile } = ERRNO;
const APPEND = 1;
const END = 2;

function given(place: Place) {
  return {
    fileSystem: place.fileSystem,
    directories: [{ host: place.path, guest: "/", mode: "write" as const }],
  };
}

describe.each(places)("in %s", (_, open) => {
  it("reads and writes go on where the last one ended, over several buffers", async () => {
    using place = open();
    const script = new Script();
    const fd = script.open("file", { flags: OPEN.create });
    const count = script.room(4);
    script.call(
      "fd_write",
      fd,
      ...script.vectors(script.text("one "), script.text(""), script.text("two ")),
      count,
    );
    script.call("fd_write", fd, ...script.vectors(script.text("three")), count);
    script.call("fd_seek", fd, -9n, END, script.room(8));
    const [a, b] = [script.room(4), script.room(64)];
    script.call("fd_read", fd, ...script.vectors([a, 4], [b, 64]), count);
    const { errnos, memory } = await script.play(given(place));
    expect(errnos).toEqual(Array(5).fill(success));
    expect([textAt(memory, a, 4), textAt(memory, b, 5), memory.getUint32(count, true)]).toEqual([
      "two ",
      "three",
      9,
    ]);
    expect(place.read("file")).toBe("one two three");
  });

  it("reads and writes at a position leave the position alone", async () => {
    using place = open();
    place.file("file", "0123456789");
    const script = new Script();
    const fd = script.open("file");
    const [out, position] = [script.room(16), script.room(8)];
    script.call("fd_pread", fd, ...script.vectors([out, 4]), 6n, script.room(4));
    script.call("fd_pwrite", fd, ...script.vectors(script.text("ab")), 1n, script.room(4));
    script.call("fd_tell", fd, position);
    script.call("fd_pread", fd, ...script.vectors([out, 4]), -1n, script.room(4));
    const { errnos, memory } = await script.play(given(place));
    expect(errnos).toEqual([success, success, success, success, inval]);
    expect([textAt(memory, out, 4), memory.getBigUint64(position, true)]).toEqual(["6789", 0n]);
    expect(place.read("file")).toBe("0ab3456789");
  });

  it("appending writes at the end, wherever the position is", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    const fd = script.open("file", { fdFlags: APPEND });
    script.call("fd_write", fd, ...script.vectors(script.text(" more")), script.room(4));
    script.call("fd_seek", fd, 0n, 0, script.room(8));
    script.call("fd_write", fd, ...script.vectors(script.text("!")), script.room(4));
    script.call("fd_fdstat_set_flags", fd, 0);
    script.call("fd_seek", fd, 0n, 0, script.room(8));
    script.call("fd_write", fd, ...script.vectors(script.text("T")), script.room(4));
    expect((await script.play(given(place))).errnos).toEqual(Array(7).fill(success));
    expect(place.read("file")).toBe("Text more!");
  });

  it("sizes are set, allocated and truncated", async () => {
    using place = open();
    place.file("file", "0123456789");
    const script = new Script();
    const fd = script.open("file");
    const stat = script.room(64);
    script.call("fd_filestat_set_size", fd, 4n);
    script.call("fd_allocate", fd, 2n, 4n);
    script.call("fd_allocate", fd, 0n, 2n);
    script.call("fd_filestat_get", fd, stat);
    script.call("fd_allocate", fd, 0n, 0n);
    script.call("fd_allocate", fd, -1n, 2n);
    script.open("other", { flags: OPEN.create | OPEN.truncate });
    const { errnos, memory } = await script.play(given(place));
    expect(errnos).toEqual([success, success, success, success, success, inval, inval, success]);
    expect(memory.getBigUint64(stat + 32, true)).toBe(6n);
    expect([place.read("file"), place.read("other")]).toEqual(["0123\0\0", ""]);
  });

  it("times are kept to the nanosecond, and one is set without the other", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    const [first, second] = [script.room(64), script.room(64)];
    const at = 1_700_000_000_123_456_789n;
    script.call("path_filestat_set_times", 3, 0, ...script.text("file"), at, at + 1n, 1 | 4);
    script.call("path_filestat_get", 3, 0, ...script.text("file"), first);
    script.call("path_filestat_set_times", 3, 0, ...script.text("file"), 5n, at + 2n, 4);
    script.call("path_filestat_get", 3, 0, ...script.text("file"), second);
    script.call("path_filestat_set_times", 3, 0, ...script.text("file"), 0n, 0n, 16);
    const { errnos, memory } = await script.play(given(place));
    expect(errnos).toEqual([success, success, success, success, inval]);
    const times = [first, second].map((stat) => [
      memory.getBigUint64(stat + 40, true),
      memory.getBigUint64(stat + 48, true),
    ]);
    expect(times).toEqual([
      [at, at + 1n],
      [at, at + 2n],
    ]);
  });

  it("a listing gives each entry once, whatever the buffer's size, and goes on from a cookie", async () => {
    using place = open();
    const names = Array.from({ length: 20 }, (_, i) => `file-number-${i}`);
    for (const name of names) place.file(name, "");
    const script = new Script();
    const [small, used] = [script.room(64), script.room(4)];
    const [whole, wholeUsed] = [script.room(4096), script.room(4)];
    script.call("fd_readdir", 3, small, 64, 0n, used);
    script.call("fd_readdir", 3, whole, 4096, 5n, wholeUsed);
    const { errnos, memory } = await script.play(given(place));
    expect([errnos, memory.getUint32(used, true)]).toEqual([[success, success], 64]);
    const found: string[] = [];
    for (let at = whole; at < whole + memory.getUint32(wholeUsed, true); ) {
      const length = memory.getUint32(at + 16, true);
      expect(memory.getBigUint64(at, true)).toBe(BigInt(6 + found.length));
      expect(memory.getUint8(at + 20)).toBe(4);
      found.push(textAt(memory, at + 24, length));
      at += 24 + length;
    }
    // Five entries come before cookie 5, two of them "." and "..".
    expect(found).toHaveLength(17);
    expect(names).toEqual(expect.arrayContaining(found));
    expect(new Set(found).size).toBe(17);
  });

  it("a descriptor that is closed is gone, and its number is given out again", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    const fd = script.open("file");
    script.call("fd_close", fd);
    const uses: readonly (readonly [string, ...(number | bigint)[]])[] = [
      ["fd_close"],
      ["fd_read", ...script.vectors([script.room(4), 4]), script.room(4)],
      ["fd_write", ...script.vectors([script.room(4), 4]), script.room(4)],
      ["fd_tell", script.room(8)],
      ["fd_sync"],
      ["fd_fdstat_get", script.room(24)],
      ["fd_filestat_get", script.room(64)],
      ["fd_readdir", script.room(8), 8, 0n, script.room(4)],
      ["fd_prestat_get", script.room(8)],
      ["fd_advise", 0n, 0n, 0],
      ["sock_shutdown", 0],
    ];
    for (const [name, ...args] of uses) script.call(name, fd, ...args);
    const again = script.open("file");
    const { errnos, memory } = await script.play(given(place));
    expect(errnos).toEqual([success, success, ...uses.map(() => badf), success]);
    expect([memory.getUint32(fd.load, true), memory.getUint32(again.load, true)]).toEqual([4, 4]);
  });

  it("a descriptor moves to another number, whose own is closed", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    const fd = script.open("file");
    const other = script.open("file");
    script.call("fd_renumber", fd, other);
    script.call("fd_tell", fd, script.room(8));
    script.call("fd_tell", other, script.room(8));
    script.call("fd_renumber", other, other);
    script.call("fd_renumber", other, 77);
    script.call("fd_renumber", other, 0);
    script.call("fd_read", 0, ...script.vectors([script.room(8), 8]), script.room(4));
    expect((await script.play(given(place))).errnos).toEqual([
      success,
      success,
      success,
      badf,
      success,
      success,
      badf,
      success,
      success,
    ]);
  });

  it("rights that were given up stay so, for what is opened through a directory too", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    script.call("fd_fdstat_set_rights", 3, ALL_RIGHTS & ~(1n << 6n), 2n);
    script.call("fd_fdstat_set_rights", 3, 1n << 13n, 2n);
    const fd = script.open("file");
    script.call("fd_read", fd, ...script.vectors([script.room(4), 4]), script.room(4));
    script.call("fd_seek", fd, 1n, 0, script.room(8));
    script.call("path_filestat_get", 3, 0, ...script.text("file"), script.room(64));
    script.call("fd_fdstat_set_rights", 3, 1n << 14n, 0n);
    const errnos = [notcapable, success, success, success, notcapable, notcapable, notcapable];
    expect((await script.play(given(place))).errnos).toEqual(errnos);
  });

  it("a directory is no file, and a standard stream has no positions", async () => {
    using place = open();
    const script = new Script();
    const vectors = script.vectors([script.room(4), 4]);
    script.call("fd_read", 3, ...vectors, script.room(4));
    script.call("fd_write", 3, ...vectors, script.room(4));
    script.call("fd_seek", 3, 0n, 0, script.room(8));
    script.call("fd_pread", 1, ...vectors, 0n, script.room(4));
    script.call("fd_seek", 0, 0n, 0, script.room(8));
    script.open(".", { rights: 64n });
    expect((await script.play(given(place))).errnos).toEqual([isdir, isdir, isdir, spipe, spipe, isdir]);
  });

  it("no more can be open than the limit says", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    for (let i = 0; i < 4; i++) script.open("file");
    const { errnos } = await script.play({ ...given(place), limits: { openResources: 3 } });
    expect(errnos).toEqual([success, success, mfile, mfile]);
  });
});

describe("when a process ends", () => {
  it.skipIf(process.platform !== "linux")("whatever it had open is closed, however it ended", async () => {
    using place = places[0]![1]();
    place.file("folder/file", "text");
    const opened = () => readdirSync("/proc/self/fd").length;
    const run = async (end: (script: Script) => void) => {
      const script = new Script();
      for (let i = 0; i < 20; i++) script.open("folder/file");
      script.open("folder", { flags: OPEN.directory });
      script.call(
        "fd_readdir",
        script.open("folder", { flags: OPEN.directory }),
        script.room(40),
        40,
        0n,
        script.room(4),
      );
      end(script);
      await script.play(given(place));
    };
    await run(() => {});
    const before = opened();
    for (let i = 0; i < 5; i++) {
      await run(() => {});
      await run((script) => script.call("proc_exit", 3));
      await run((script) => script.call("fd_sync", 3).call("random_get", -1, 100));
    }
    expect(opened()).toBe(before);
  });

  it.skipIf(process.platform !== "linux")(
    "a directory that only it was given is closed, also when it was never run",
    async () => {
      using place = places[0]![1]();
      place.folder("a");
      const opened = () => readdirSync("/proc/self/fd").length;
      await using host = new Host({ grants: ["stdio"], write: () => {}, ...given(place) });
      const program = await new Script().load(host);
      const directories = [{ host: `${place.path}/a`, guest: "/" }];
      await host.exited(host.spawn(program, "_start", { name: "somebody" }));
      const before = opened();
      const pids = [1, 2, 3].map(() => host.spawn(program, "_start", { directories }));
      const ends = pids.map((pid) => host.exited(pid));
      host.kill(pids[1]!);
      const waiting = host.spawn(program, "_start", { name: "taken" });
      expect(() => host.spawn(program, "_start", { directories, name: "taken" })).toThrow();
      expect(opened()).toBe(before + 2);
      await Promise.all([...ends, host.exited(waiting)]);
      expect(opened()).toBe(before);
    },
  );
});
