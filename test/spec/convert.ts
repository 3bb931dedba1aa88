// Turns a .wast file into commands and binaries with wabt's wast2json. What that cannot read (newer syntax) is cut out, a top-level form at a
// time, so that the rest of the file still counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Value {
  readonly type: string;
  readonly value?: string | readonly string[];
  readonly lane_type?: string;
}
export interface Action {
  readonly type: "invoke" | "get";
  readonly module?: string;
  readonly field: string;
  readonly args?: readonly Value[];
}
export interface Command {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly as?: string;
  readonly filename?: string;
  readonly action?: Action;
  readonly expected?: readonly Value[];
}
export type Script =
  | {
      readonly folder: string;
      readonly commands: readonly Command[];
      readonly dropped: number;
      dispose(): void;
    }
  | { readonly reason: string };

export function convert(file: string): Script {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-spec-"));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  let text = readFileSync(file, "utf8");
  const forms = topLevelForms(text);
  let dropped = 0;
  for (;;) {
    if (forms.every((form) => form.cut)) return { folder, commands: [], dropped, dispose };
    const input = join(folder, "script.wast");
    const output = join(folder, "script.json");
    writeFileSync(input, text);
    const run = spawnSync("wast2json", ["--enable-all", input, "-o", output], { encoding: "utf8" });
    if (run.status === 0) {
      const { commands } = JSON.parse(readFileSync(output, "utf8")) as { commands: Command[] };
      return { folder, commands, dropped, dispose };
    }
    const line = Number(/script\.wast:(\d+)/.exec(run.stderr ?? "")?.[1]);
    const index = forms.findIndex((form) => form.fromLine <= line && line <= form.toLine && !form.cut);
    if (!(index >= 0)) {
      dispose();
      return {
        reason: run.error
          ? "wast2json (wabt) is not installed"
          : (run.stderr ?? "")
              .split("\n")[0]!
              .replace(/^.*?script\.wast:\S* /, "")
              .slice(0, 80),
      };
    }
    // Without its module, what follows up to the next one has nothing to act on.
    const isModule = /^\(\s*module/.test(text.slice(forms[index]!.from));
    for (let i = index; i < forms.length && (i === index || isModule); i++) {
      const form = forms[i]!;
      if (i > index && /^\(\s*module/.test(text.slice(form.from))) break;
      if (form.cut) continue;
      form.cut = true;
      dropped++;
      text =
        text.slice(0, form.from) +
        text.slice(form.from, form.to).replace(/[^\n]/g, " ") +
        text.slice(form.to);
    }
  }
}

interface Form {
  readonly from: number;
  readonly to: number;
  readonly fromLine: number;
  readonly toLine: number;
  cut: boolean;
}

function topLevelForms(text: string): Form[] {
  const forms: Form[] = [];
  let depth = 0;
  let from = 0;
  let line = 1;
  let fromLine = 1;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\n") line++;
    else if (char === '"') {
      for (i++; text[i] !== '"' && i < text.length; i++) if (text[i] === "\\") i++;
    } else if (char === ";" && text[i + 1] === ";") {
      while (i < text.length && text[i] !== "\n") i++;
      line++;
    } else if (char === "(" && text[i + 1] === ";") {
      let nested = 0;
      for (; i < text.length; i++) {
        if (text[i] === "\n") line++;
        else if (text[i] === "(" && text[i + 1] === ";") {
          nested++;
          i++;
        } else if (text[i] === ";" && text[i + 1] === ")") {
          i++;
          if (--nested === 0) break;
        }
      }
    } else if (char === "(") {
      if (depth++ === 0) {
        from = i;
        fromLine = line;
      }
    } else if (char === ")" && --depth === 0)
      forms.push({ from, to: i + 1, fromLine, toLine: line, cut: false });
  }
  return forms;
}
