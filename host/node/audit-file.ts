// The audit as a file: one line of JSON for each record, appended, so that what was written stays whatever becomes of this process.
import { closeSync, openSync, writeSync } from "node:fs";
import { MoonletError } from "../otp/error.ts";

export interface AuditFile {
  write(record: object): void;
  close(): void;
}

/** @throws MoonletError E_AUDIT when the file cannot be written to. */
export function openAuditFile(path: string): AuditFile {
  let fd: number;
  try {
    fd = openSync(path, "a", 0o600);
  } catch (error) {
    throw new MoonletError("E_AUDIT", `the audit cannot be written to "${path}"`, {
      hint: "Name a file in a directory that is there and may be written to.",
      cause: error,
    });
  }
  return {
    write: (record) => void writeSync(fd, `${JSON.stringify(record)}\n`),
    close: () => closeSync(fd),
  };
}
