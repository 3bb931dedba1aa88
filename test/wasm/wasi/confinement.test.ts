// Nothing outside a granted directory can be reached from it, by whatever path, link or trick, and a grant for reading changes nothing.
import { existsSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeFileSystem } from "../../../host/node/file-system.ts";
import { ERRNO } from "../../../host/wasm/wasi/errno.ts";
import { resolve } from "../../../host/wasm/wasi/resolve.ts";
import { makePipe, type Place, places } from "./support/file-systems.ts";
import { ALL_RIGHTS, OPEN, Script } from "./support/script.ts";

const FOLLOW = 1;
const { notcapable, success, rofs, noent, loop, ilseq, nametoolong, notdir, perm, xdev } = ERRNO;

function given(place: Place, mode: "read" | "write" = "write") {
  return { fileSystem: place.fileSystem, directories: [{ host: place.path, guest: "/", mode }] };
}

describe.each(places)("in %s", (_, open) => {
  it.each([
    ["..", "../secret"],
    ["too many ..", "a/b/../../../secret"],
    ["an absolute path", "/secret"],
    ["the root", "/"],
    [".. at the end", "a/../.."],
    ["a link with ..", "out"],
    ["an absolute link", "absolute"],
    ["a link to a link that leads out", "indirect"],
    ["a link in the middle of the path", "parent/secret"],
    ["a link out and back in", "parent/box/a/inner"],
    [".. after a link to a folder", "deep/../../../secret"],
  ])("no file outside is opened by %s", async (_, path) => {
    using place = open();
    place.file("../secret", "secret");
    place.file("a/b/inner", "inner");
    place.symlink("../secret", "out");
    place.symlink("/etc/passwd", "absolute");
    place.symlink("out", "indirect");
    place.symlink("..", "parent");
    place.symlink("a/b", "deep");
    const script = new Script();
    script.open(path);
    script.open(path, { flags: OPEN.create });
    script.open(path, { flags: OPEN.directory });
    script.call("path_filestat_get", 3, FOLLOW, ...script.text(path), script.room(64));
    script.call("path_filestat_set_times", 3, FOLLOW, ...script.text(path), 0n, 0n, 2);
    expect((await script.play(given(place))).errnos).toEqual(Array(5).fill(notcapable));
  });

  it("nothing outside is made, moved, linked or removed", async () => {
    using place = open();
    place.file("../secret", "secret");
    place.file("inner", "inner");
    place.symlink("..", "parent");
    const script = new Script();
    for (const path of ["../new", "parent/new", "/tmp/moonlet-new"]) {
      script.call("path_create_directory", 3, ...script.text(path));
      script.call("path_symlink", ...script.text("inner"), 3, ...script.text(path));
      script.call("path_link", 3, 0, ...script.text("inner"), 3, ...script.text(path));
      script.call("path_rename", 3, ...script.text("inner"), 3, ...script.text(path));
    }
    for (const path of ["../secret", "parent/secret"]) {
      script.call("path_unlink_file", 3, ...script.text(path));
      script.call("path_remove_directory", 3, ...script.text(path));
      script.call("path_rename", 3, ...script.text(path), 3, ...script.text("mine"));
      script.call("path_link", 3, 0, ...script.text(path), 3, ...script.text("mine"));
      script.call("path_readlink", 3, ...script.text(path), script.room(8), 8, script.room(4));
    }
    const { errnos } = await script.play(given(place));
    expect(errnos).toEqual(Array(22).fill(notcapable));
    expect([place.read("../secret"), place.read("inner")]).toEqual(["secret", "inner"]);
  });

  it("no link that leads to an absolute path is made or read", async () => {
    using place = open();
    place.symlink("/etc/passwd", "absolute");
    const script = new Script();
    script.call("path_symlink", ...script.text("/etc/passwd"), 3, ...script.text("mine"));
    script.call("path_readlink", 3, ...script.text("absolute"), script.room(64), 64, script.room(4));
    expect((await script.play(given(place))).errnos).toEqual([notcapable, notcapable]);
  });

  it("links that stay inside are followed, up to forty of them", async () => {
    using place = open();
    place.file("a/b/file", "text");
    place.symlink("b/../b/./file", "a/file");
    place.symlink("a//file", "link40");
    for (let i = 39; i >= 0; i--) place.symlink(`link${i + 1}`, `link${i}`);
    const script = new Script();
    script.open("link2");
    script.open("link1");
    script.open("link0", { follow: false });
    expect((await script.play(given(place))).errnos).toEqual([success, loop, loop]);
  });

  it("a directory that was opened is a sandbox of its own", async () => {
    using place = open();
    place.file("a/file", "text");
    place.file("beside", "text");
    const script = new Script();
    const from = script.open("a", { flags: OPEN.directory });
    script.open("../beside", { from });
    script.open("file", { from });
    expect((await script.play(given(place))).errnos).toEqual([success, notcapable, success]);
  });

  it("names that are no UTF-8, hold NUL or are too long are refused", async () => {
    using place = open();
    const script = new Script();
    const paths = [
      Uint8Array.of(0xff, 0xfe),
      Uint8Array.of(97, 0, 98),
      new Uint8Array(4097).fill(97),
      new Uint8Array(0),
    ];
    for (const path of paths) script.call("path_filestat_get", 3, 0, ...script.bytes(path), script.room(64));
    expect((await script.play(given(place))).errnos).toEqual([ilseq, ilseq, nametoolong, noent]);
  });

  it("a path cannot hold open more directories than a few", async () => {
    using place = open();
    const deep = Array(200).fill("d").join("/");
    place.folder(deep);
    const script = new Script();
    script.open(deep);
    script.open(Array(127).fill("d").join("/"), { flags: OPEN.directory });
    script.open(Array(600).fill("d/..").join("/"));
    expect((await script.play(given(place))).errnos).toEqual([nametoolong, success, nametoolong]);
  });

  it("a file is no directory on the way", async () => {
    using place = open();
    place.file("file", "text");
    const script = new Script();
    script.open("file/x");
    script.open("file/..");
    script.open("file/.");
    expect((await script.play(given(place))).errnos).toEqual([notdir, notdir, notdir]);
  });

  it("a grant for reading changes nothing, and says so", async () => {
    using place = open();
    place.file("file", "text");
    place.folder("folder");
    const script = new Script();
    const text = (path: string) => script.text(path);
    script.open("file", { rights: 2n });
    const fd = script.open("file", { rights: 2n | (1n << 23n) | (1n << 5n) });
    script.open("file", { rights: 2n, flags: OPEN.create });
    script.open("file", { rights: 64n });
    script.open("file", { rights: 2n, flags: OPEN.truncate });
    script.open("new", { rights: 2n, flags: OPEN.create });
    script.call("path_create_directory", 3, ...text("new"));
    script.call("path_remove_directory", 3, ...text("folder"));
    script.call("path_unlink_file", 3, ...text("file"));
    script.call("path_rename", 3, ...text("file"), 3, ...text("new"));
    script.call("path_link", 3, 0, ...text("file"), 3, ...text("new"));
    script.call("path_symlink", ...text("file"), 3, ...text("new"));
    script.call("path_filestat_set_times", 3, 0, ...text("file"), 0n, 0n, 10);
    script.call("fd_filestat_set_times", fd, 0n, 0n, 10);
    script.call("fd_filestat_set_times", 3, 0n, 0n, 10);
    const { errnos } = await script.play(given(place, "read"));
    expect(errnos).toEqual([success, success, success, ...Array(12).fill(rofs)]);
    expect(place.read("file")).toBe("text");
  });

  it("a file that may only be read gets no other name where one may write", async () => {
    using place = open();
    place.file("readable/file", "text");
    place.folder("writable");
    const script = new Script();
    script.call("path_link", 3, 0, ...script.text("file"), 4, ...script.text("mine"));
    script.call("path_rename", 3, ...script.text("file"), 4, ...script.text("mine"));
    script.call("path_link", 4, 0, ...script.text("../readable/file"), 4, ...script.text("mine"));
    script.call("path_symlink", ...script.text("../readable/file"), 4, ...script.text("link"));
    script.open("link", { from: 4, flags: OPEN.truncate });
    const { errnos } = await script.play({
      fileSystem: place.fileSystem,
      directories: [
        { host: `${place.path}/readable`, guest: "/r", mode: "read" },
        { host: `${place.path}/writable`, guest: "/w", mode: "write" },
      ],
    });
    expect(errnos).toEqual([rofs, rofs, notcapable, success, notcapable]);
    expect(place.read("readable/file")).toBe("text");
  });

  it("a directory itself can be neither moved nor removed through its own descriptor", async () => {
    using place = open();
    const script = new Script();
    for (const path of [".", "./", "./."]) {
      script.call("path_remove_directory", 3, ...script.text(path));
      script.call("path_rename", 3, ...script.text(path), 3, ...script.text("moved"));
      script.call("path_unlink_file", 3, ...script.text(path));
      script.call("path_link", 3, 0, ...script.text(path), 3, ...script.text("linked"));
    }
    const { errnos } = await script.play(given(place));
    expect(errnos).toEqual(Array(3).fill([ERRNO.inval, ERRNO.busy, ERRNO.isdir, perm]).flat());
  });
});

describe("on the machine's file system", () => {
  const [, openNode] = places[0]!;

  it("a directory that becomes a link while a path is walked leads nowhere else", () => {
    using place = openNode();
    place.file("a/b/file", "inside");
    place.file("../elsewhere/b/file", "outside");
    place.file("../elsewhere/file", "outside");
    const root = nodeFileSystem.openDirectory(place.path);
    let steps = 0;
    const text = resolve(
      root,
      "a/b/file",
      {
        follow: true,
        step: () => {
          // "a" has been entered and "b" is next.
          if (++steps !== 2) return;
          renameSync(join(place.path, "a"), join(place.path, "moved"));
          symlinkSync("../elsewhere", join(place.path, "a"));
        },
      },
      ({ directory, name }) => {
        const file = directory.openFile(name!, { read: true, write: false, create: false, exclusive: false });
        const bytes = new Uint8Array(16);
        const count = file.read(bytes, 0);
        file.close();
        return new TextDecoder().decode(bytes.subarray(0, count));
      },
    );
    root.close();
    expect([steps, text]).toEqual([3, "inside"]);
  });

  it("a directory by path that is replaced while it is used answers NOENT, and what was opened is closed", () => {
    using place = places[1]![1]();
    place.file("a/b/file", "inside");
    place.file("../elsewhere/b/file", "outside");
    const root = place.fileSystem.openDirectory(place.path);
    const swap = () => {
      renameSync(join(place.path, "a"), join(place.path, "moved"));
      symlinkSync("../elsewhere", join(place.path, "a"));
    };
    let steps = 0;
    const step = () => {
      if (++steps === 2) swap();
    };
    expect(() => resolve(root, "a/b/file", { follow: true, step }, () => "reached")).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
    root.close();
    expect(steps).toBe(2);
  });

  it.skipIf(process.platform === "win32")("a named pipe is refused instead of waited for", async () => {
    using place = openNode();
    makePipe(join(place.path, "pipe"));
    const script = new Script();
    script.open("pipe", { rights: 2n });
    script.open("pipe", { rights: 64n });
    script.open("pipe");
    expect((await script.play(given(place))).errnos).toEqual(Array(3).fill(ERRNO.notsup));
  });

  it.skipIf(!existsSync("/dev/zero"))("a device has no positions", async () => {
    const script = new Script();
    const fd = script.open("zero", { rights: 2n | 4n });
    script.call("fd_seek", fd, 5n, 0, script.room(8));
    script.call("fd_read", fd, ...script.vectors([script.room(8), 8]), script.room(4));
    const played = await script.play({ directories: [{ host: "/dev", guest: "/dev" }] });
    expect(played.errnos).toEqual([success, ERRNO.spipe, success]);
  });

  it("a directory that is not there, or is none, is an error when the host is made", async () => {
    using place = openNode();
    place.file("file", "text");
    for (const host of [`${place.path}/none`, `${place.path}/file`]) {
      const played = new Script().play({ directories: [{ host, guest: "/" }] });
      await expect(played).rejects.toMatchObject({
        code: "E_DIRECTORY",
        message: expect.stringContaining(host),
      });
    }
  });

  it("directories of two file systems do not mix", () => {
    using place = openNode();
    using other = places[2]![1]();
    place.file("file", "text");
    const here = place.fileSystem.openDirectory(place.path);
    const there = other.fileSystem.openDirectory(other.path);
    expect(() => here.makeLink("file", there, "file")).toThrow(expect.objectContaining({ code: "EXDEV" }));
    expect(() => there.rename("file", here, "file")).toThrow(expect.objectContaining({ code: "EXDEV" }));
    here.close();
    expect(xdev).toBe(75);
    expect(ALL_RIGHTS).toBeGreaterThan(0n);
  });
});
