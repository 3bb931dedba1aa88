// Tables live outside the linear memory, where no limit of a process reaches: each may hold so many elements and no more.
import binaryen from "binaryen";
import { InstrumentError } from "./error.ts";

/** Elements of one table at most; 8 MB. */
export const MAX_TABLE_ELEMENTS = 1_000_000;

/** binaryen's type declarations leave this class out. */
const { Table: tableClass } = binaryen as unknown as {
  Table: {
    getInitial(table: number): number;
    hasMax(table: number): boolean;
    getMax(table: number): number;
    setMax(table: number, max: number): void;
  };
};

/** Makes `table.grow` fail above the limit. Throws E_NOT_INSTRUMENTABLE for a table that begins above it. */
export function limitTables(module: binaryen.Module, moduleName: string): void {
  for (let i = 0, n = module.getNumTables(); i < n; i++) {
    const table = module.getTableByIndex(i);
    const initial = tableClass.getInitial(table);
    if (initial > MAX_TABLE_ELEMENTS) {
      throw new InstrumentError(
        "E_NOT_INSTRUMENTABLE",
        `${moduleName} has a table of ${initial} elements; ${MAX_TABLE_ELEMENTS} is the most`,
      );
    }
    if (!tableClass.hasMax(table) || tableClass.getMax(table) > MAX_TABLE_ELEMENTS)
      tableClass.setMax(table, MAX_TABLE_ELEMENTS);
  }
}
