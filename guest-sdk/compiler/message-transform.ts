import type * as asc from "assemblyscript";
import type { Diagnostic } from "./diagnostic.ts";
export function synthesizeMessages(_parser: asc.Parser): Diagnostic[] {
  return [];
}
