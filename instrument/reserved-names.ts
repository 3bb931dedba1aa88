// Names that instrumentation adds to a module. Apart from what needs binaryen, so that running a prebuilt module never loads it.

export const FUEL_EXPORT = "moonlet:fuel";
/** Pages that the memory may have; there is one only in a module that grows its memory. */
export const MAX_PAGES_EXPORT = "moonlet:max_pages";
/** Called when the fuel is below zero; `module.name` as Asyncify's options want it. */
export const YIELD_IMPORT = "moonlet.out_of_fuel";
