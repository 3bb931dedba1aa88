// Makes a module that behaves differently small: takes parts out of its text, or puts simpler ones in, as long as it stays valid and different.
import wabtModule from "wabt";
import { assembleByWabt } from "../spec/assemble.ts";
import { isList, type List, readExpressions } from "../spec/expressions.ts";
import { compareModule } from "./differential.ts";

const wabt = await wabtModule();
const MAX_TRIES = 4_000;
const MAX_MS = 120_000;
const REPLACEMENTS = [
  "",
  "(unreachable)",
  "(i32.const 0)",
  "(i64.const 0)",
  "(f32.const 0)",
  "(f64.const 0)",
  "(nop)",
];

/** The text of a small module that is different in the same way, with the way in a comment. */
export async function shrink(bytes: Uint8Array, seed: number, detail: string): Promise<string> {
  const kind = kindOf(detail);
  const fails = async (text: string): Promise<boolean> => {
    let candidate: Uint8Array;
    try {
      candidate = assembleByWabt(text);
    } catch {
      return false;
    }
    if (!WebAssembly.validate(candidate as BufferSource)) return false;
    try {
      const verdict = await compareModule(candidate, seed);
      return verdict.type === "different" && kindOf(verdict.detail) === kind;
    } catch {
      return false;
    }
  };
  const text = textOf(bytes);
  const heading = `;; seed ${seed}: ${detail}\n`;
  if (await fails(text)) return heading + (await shrinkText(text, fails));
  return `${heading};; The text of it does not show the difference; the module is that of the seed.\n${text}`;
}

/** The smallest text found for which `fails` still holds; it holds for the text given. */
export async function shrinkText(
  whole: string,
  fails: (text: string) => Promise<boolean> | boolean,
): Promise<string> {
  let text = whole;
  const start = Date.now();
  let tries = 0;
  const isEnough = () => ++tries > MAX_TRIES || Date.now() - start > MAX_MS;
  for (let progress = true; progress; ) {
    progress = false;
    // Large parts first; what was taken out changes all places behind it, so they are looked up again.
    for (let rank = 0; ; ) {
      const list = allLists(text)[rank];
      if (!list) break;
      const replacements = [
        ...REPLACEMENTS.filter((replacement) => replacement.length < list.to - list.from),
        ...list.items.filter(isList).map((part) => text.slice(part.from, part.to)),
      ];
      let smaller: string | undefined;
      for (const replacement of replacements) {
        if (isEnough()) return withoutGaps(text);
        const candidate = text.slice(0, list.from) + replacement + text.slice(list.to);
        if (!(await fails(candidate))) continue;
        smaller = candidate;
        break;
      }
      if (smaller === undefined) rank++;
      else {
        text = smaller;
        progress = true;
      }
    }
  }
  return withoutGaps(text);
}

function withoutGaps(text: string): string {
  return text.replace(/\s*\n\s*\)/g, ")").replace(/\n\s*(?=\n)/g, "");
}

/** All but the module itself, the longest first. */
function allLists(text: string): List[] {
  const found: List[] = [];
  const visit = (list: List) => {
    found.push(list);
    for (const item of list.items) if (isList(item)) visit(item);
  };
  const [module] = readExpressions(text);
  for (const item of module?.items ?? []) if (isList(item)) visit(item);
  return found.sort((x, y) => y.to - y.from - (x.to - x.from));
}

function textOf(bytes: Uint8Array): string {
  const module = wabt.readWasm(bytes, {
    readDebugNames: true,
    exceptions: true,
    mutable_globals: true,
    sat_float_to_int: true,
    sign_extension: true,
    simd: true,
    multi_value: true,
    tail_call: true,
    bulk_memory: true,
    reference_types: true,
    extended_const: true,
  });
  try {
    module.generateNames();
    module.applyNames();
    return module.toText({ foldExprs: true, inlineExport: false });
  } finally {
    module.destroy();
  }
}

/** What of a difference has to stay the same while the module changes: invalid output is another matter than wrong results. */
function kindOf(detail: string): string {
  if (detail.includes("is not valid")) return "invalid";
  return detail.includes(" units, with") ? "fuel" : "behaviour";
}
