// The file of an audit on a disk that has room, is full, and has room again.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openAuditFile } from "../../host/node/audit-file.ts";

const folder = mkdtempSync(join(tmpdir(), "audit-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file on a disk with room for so many bytes more. */
function onDisk(name: string, room: { bytes: number }) {
  const failures: string[] = [];
  const file = openAuditFile(join(folder, name), {
    lost: (count) => ({ lost: count }),
    failed: (error) => failures.push(error.message),
    append: (fd, bytes) => {
      if (room.bytes === 0) throw new Error("no space left on device");
      const written = writeSync(fd, bytes.subarray(0, room.bytes));
      room.bytes -= written;
      return written;
    },
  });
  const lines = () => readFileSync(join(folder, name), "utf8").split("\n");
  return { file, failures, lines };
}

describe("the file of an audit", () => {
  it("is written line by line, whatever the system takes at once", () => {
    const { file, lines } = onDisk("whole", { bytes: Number.POSITIVE_INFINITY });
    file.write({ n: 1 });
    file.write({ n: 2 });
    file.close();
    expect(lines()).toEqual(['{"n":1}', '{"n":2}', ""]);
  });

  it("on a full disk loses records, says so once, and then how many, when there is room again", () => {
    const room = { bytes: 8 };
    const { file, failures, lines } = onDisk("full", room);
    for (let n = 1; n <= 4; n++) file.write({ n });
    expect(lines()).toEqual(['{"n":1}', ""]);
    expect(failures).toEqual(["no space left on device"]);
    room.bytes = 1000;
    file.write({ n: 5 });
    room.bytes = 0;
    file.write({ n: 6 });
    expect(failures).toHaveLength(2);
    file.close();
    expect(lines()).toEqual(['{"n":1}', '{"lost":3}', '{"n":5}', ""]);
  });

  it("has a line that was begun as a whole in the end", () => {
    const room = { bytes: 11 };
    const { file, failures, lines } = onDisk("part", room);
    for (let n = 1; n <= 3; n++) file.write({ n });
    expect(lines()).toEqual(['{"n":1}', '{"n']);
    expect(failures).toHaveLength(1);
    room.bytes = 1000;
    file.write({ n: 4 });
    file.close();
    expect(lines()).toEqual(['{"n":1}', '{"n":2}', '{"lost":1}', '{"n":4}', ""]);
  });

  it.skipIf(!existsSync("/dev/full"))("can be a device that is always full", () => {
    const failures: Error[] = [];
    const file = openAuditFile("/dev/full", { lost: () => ({}), failed: (error) => failures.push(error) });
    for (let n = 0; n < 100; n++) file.write({ n });
    file.close();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: "ENOSPC" });
  });

  it("that cannot be opened is refused by name, with the system's reason", () => {
    expect(() => openAuditFile(folder, { lost: () => ({}), failed: () => {} })).toThrow(
      expect.objectContaining({ code: "E_AUDIT", message: expect.stringContaining("EISDIR") }),
    );
  });
});
