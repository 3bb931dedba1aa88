import { describe, expect, it } from "vitest";
import { type LogRecord, Pid, tuple } from "../../host/otp/index.ts";
import { atom } from "../../host/otp/term/index.ts";
import { type AnyLogRecord, renderLogRecord } from "../../host/report/log-line.ts";

const pid = (number: number): Pid => new Pid("nonode@nohost", number, 1);
const at = new Date(2026, 10, 21, 8, 5, 3, 7).getTime();
const plain = (record: AnyLogRecord): string => renderLogRecord(record, { color: false });
const about = { at, pid: pid(4), label: "worker" } as const;

describe("a log line", () => {
  it("has time, level, pid, label, event and words in columns", () => {
    const records: AnyLogRecord[] = [
      { ...about, level: "debug", event: "spawn", parent: pid(1), capabilities: ["spawn", "stdio"] },
      { ...about, level: "info", event: "exit", reason: "normal" },
      { ...about, level: "warn", event: "kill", reason: "killed", from: undefined },
      { ...about, level: "warn", event: "cascade", reason: tuple("oops", 1), from: pid(7) },
      { at, level: "warn", event: "killGroup", group: atom("batch"), count: 2 },
      {
        at,
        level: "info",
        event: "census",
        labels: new Map([["worker", 3]]),
        groups: new Map([[tuple(atom("job"), 1), 2]]),
      },
      { at, level: "info", event: "guest", pid: pid(12), label: undefined, text: "hello" },
    ];
    expect(records.map(plain)).toEqual([
      "08:05:03.007 debug <0.4.0>  worker       spawn   by <0.1.0>, may spawn, stdio",
      "08:05:03.007 info  <0.4.0>  worker       exit    normal",
      "08:05:03.007 warn  <0.4.0>  worker       kill    killed",
      "08:05:03.007 warn  <0.4.0>  worker       cascade {oops,1} from <0.7.0>",
      "08:05:03.007 warn                        kill    group batch: 2 processes",
      "08:05:03.007 info                        census  worker 3, group {job,1} 2",
      "08:05:03.007 info  <0.12.0>              guest   hello",
    ]);
  });

  it("says where a guest trapped", () => {
    const reason = {
      type: "trap",
      kind: "integer_divide_by_zero",
      message: "divide by zero",
      frames: [{ functionName: "share", functionIndex: 3, file: "main.ts", line: 4, column: 10 }],
    };
    expect(plain({ ...about, level: "error", event: "crash", reason })).toContain(
      "crash   trap integer_divide_by_zero: divide by zero at share (main.ts:4:10)",
    );
  });

  it("stays one line and sends no control character, whatever a guest wrote", () => {
    const text = "one\ntwo\r\x1b[2J\u202e\x07\u2028";
    const label = "a\nb";
    const line = plain({ at, level: "info", event: "guest", pid: pid(1), label, text });
    expect(line).toContain(String.raw`one\ntwo\r\e[2J\u202e\x07\u2028`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect(line).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202e]/);
  });

  it("is coloured only when asked", () => {
    const record: LogRecord = { ...about, level: "error", event: "crash", reason: "boom" };
    expect(plain(record)).not.toContain("\x1b[");
    const colored = renderLogRecord(record, { color: true });
    expect(colored).toContain("\x1b[31merror\x1b[0m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
    expect(colored.replace(/\x1b\[\d*m/g, "")).toBe(plain(record));
  });
});
