// The cells through which results get out of a module that was stopped, and the answer of a suspended import gets in.

/** By letter of the manifest's results. */
const NAMES: Readonly<Record<string, string>> = {
  i: "i32",
  I: "i64",
  f: "f32",
  F: "f64",
  v: "v128",
  r: "externref",
  c: "funcref",
  a: "anyref",
};
const REFERENCES = "rca";

function cellOf(exports: object, letter: string, suffix = ""): WebAssembly.Global | undefined {
  const name = `moonlet:result_${NAMES[letter]}${suffix}`;
  return (exports as Record<string, WebAssembly.Global | undefined>)[name];
}

/** Writes the result of the import that suspended. `answers` are the letters of all that may. */
export function writeAnswer(exports: object, answers: string, value: unknown): void {
  for (const letter of answers) {
    const fits =
      answers.length === 1 ||
      (REFERENCES.includes(letter)
        ? typeof value === "object" || typeof value === "function"
        : (letter === "I") === (typeof value === "bigint"));
    const cell = fits ? cellOf(exports, letter) : undefined;
    if (cell) cell.value = value;
  }
}

/** What a function with these results returned: nothing, a value, or an array of several. */
export function readResult(exports: object, results: string): unknown {
  const seen: Record<string, number> = {};
  const values = [...results].map((letter) => {
    const ordinal = seen[letter] ?? 0;
    seen[letter] = ordinal + 1;
    // JavaScript can hold neither vectors nor exceptions; they stay in their cells.
    if (letter === "v" || letter === "x") return undefined;
    return cellOf(exports, letter, ordinal === 0 ? "" : `_${ordinal}`)?.value as unknown;
  });
  return values.length > 1 ? values : values[0];
}
