// Names of functions in Rust as their source has them. Compilers write paths into symbols (`_ZN4main4deep17h0123456789abcdefE`); other names,
// also those of C++, which begin alike, stay as they are.

const SYMBOL = /^_ZN(.*)17h[0-9a-f]{16}E(?:\.llvm\.\d+)?$/;
const ESCAPES: Readonly<Record<string, string>> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

/** `main::deep` for the symbol of that function. */
export function readableName(name: string): string {
  const path = SYMBOL.exec(name)?.[1];
  return path === undefined ? name : (readPath(path) ?? name);
}

/** Identifiers, each behind its length; undefined for anything else. */
function readPath(path: string): string | undefined {
  const parts: string[] = [];
  let rest = path;
  while (rest !== "") {
    const digits = /^\d{1,6}/.exec(rest)?.[0];
    if (digits === undefined) return undefined;
    const end = digits.length + Number(digits);
    if (end > rest.length) return undefined;
    parts.push(readIdentifier(rest.slice(digits.length, end)));
    rest = rest.slice(end);
  }
  return parts.join("::");
}

function readIdentifier(text: string): string {
  return text
    .replace(/^_(?=\$)/, "")
    .replace(/\$u([0-9a-f]{1,6})\$/g, (whole, code: string) => {
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .replace(/\$([A-Z]{1,2})\$/g, (whole, name: string) => ESCAPES[name] ?? whole)
    .replaceAll("..", "::");
}
