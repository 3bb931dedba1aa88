// Which function types of a module are the same: an indirect call of one reaches functions of all that are alike.
import type { ModuleInfo } from "./module-reader.ts";

/** By type index: types with equal signatures have the same number. */
export function canonicalTypes(info: ModuleInfo): number[] {
  const seen = new Map<string, number>();
  return info.types.map((type, index) => {
    if (!type) return index;
    const key = `${type.params.join(",")}>${type.results.join(",")}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    seen.set(key, index);
    return index;
  });
}
