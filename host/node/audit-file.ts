// The audit as a file: one line of JSON for each record, appended, so that what was written stays whatever becomes of this process. A file that
// takes nothing more, on a disk that is full, stops nobody: whoever runs the host is told, and what was lost is a record as soon as there is room.
import { closeSync, openSync, writeSync } from "node:fs";
import { MoonletError } from "../otp/error.ts";

export interface AuditFile {
  write(record: object): void;
  close(): void;
}

export interface AuditFileOptions {
  /** The record of so many that could not be written. */
  readonly lost: (count: number) => object;
  /** Told why a record was lost, when the one before was not. */
  readonly failed: (error: Error) => void;
  /** Writes some of the bytes to the file, and says how many. Default: the file system's. */
  readonly append?: (fd: number, bytes: Uint8Array) => number;
}

/** @throws MoonletError E_AUDIT when the file cannot be opened. */
export function openAuditFile(
  path: string,
  { lost, failed, append = writeSync }: AuditFileOptions,
): AuditFile {
  let fd: number;
  try {
    fd = openSync(path, "a", 0o600);
  } catch (error) {
    throw new MoonletError(
      "E_AUDIT",
      `the audit cannot be written to "${path}": ${(error as Error).message}`,
      {
        hint: "Name a file in a directory that is there and may be written to.",
        cause: error,
      },
    );
  }
  const encoder = new TextEncoder();
  let lostCount = 0;
  /** What is left of a line that was begun: without it the next one would be none. */
  let rest: Uint8Array = new Uint8Array(0);

  const some = (bytes: Uint8Array): Uint8Array => {
    const written = append(fd, bytes);
    if (written === 0) throw new Error("it takes nothing more");
    return bytes.subarray(written);
  };
  /** Writes a line, or begins it; throws when not even that is possible. */
  const begin = (record: object) => {
    while (rest.length > 0) rest = some(rest);
    rest = some(encoder.encode(`${JSON.stringify(record)}\n`));
    try {
      while (rest.length > 0) rest = some(rest);
    } catch {
      // The rest of it comes before whatever is next.
    }
  };

  return {
    write: (record) => {
      try {
        if (lostCount > 0) begin(lost(lostCount));
        lostCount = 0;
        begin(record);
      } catch (error) {
        lostCount++;
        if (lostCount === 1) failed(error as Error);
      }
    },
    close: () => closeSync(fd),
  };
}
