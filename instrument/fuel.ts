// Fuel: a counter in the module, charged at function entries and loop headers with the static cost of what follows; and the limit on
// memory, which is asked before each memory.grow.
// The cost of a stretch is the number of its IR nodes, so a program's count is the same on every machine.
import binaryen from "binaryen";
import { InstrumentError } from "./error.ts";
import { kindOf, pushChildren } from "./expression-children.ts";
import { FUEL_EXPORT, MAX_PAGES_EXPORT } from "./reserved-names.ts";

const YIELD = "moonlet:out_of_fuel";
const FUEL = "moonlet:fuel";
const MAX_PAGES = "moonlet:max_pages";
const ALLOWED_DELTA = "moonlet:allowed_delta";

/** binaryen's type declarations leave these classes out. */
const {
  Loop: loopClass,
  Function: functionClass,
  MemoryGrow: memoryGrowClass,
} = binaryen as unknown as {
  Loop: LoopClass;
  MemoryGrow: { getDelta(grow: number): number; setDelta(grow: number, delta: number): void };
  Function: { setBody(ref: number, body: number): void };
};
interface LoopClass {
  getBody(loop: number): number;
  setBody(loop: number, body: number): void;
}

/** Adds the counter, its export, and a charge at each function entry and loop header. */
export function addFuel(module: binaryen.Module, moduleName: string): void {
  const functions: number[] = [];
  const found: Found = { loops: [], grows: [] };
  for (let i = 0, n = module.getNumFunctions(); i < n; i++) functions.push(module.getFunctionByIndex(i));
  for (const ref of functions) {
    const { name, module: from, body } = binaryen.getFunctionInfo(ref);
    if (from || !body) continue;
    found.loops.length = 0;
    const entry = measure(body, found, (kind) => {
      throw new InstrumentError(
        "E_NOT_INSTRUMENTABLE",
        `${moduleName} cannot be instrumented: function ${name} holds the instruction ${kind}, which cannot be captured`,
      );
    });
    for (const { loop, cost } of found.loops) {
      loopClass.setBody(loop, charged(module, cost, loopClass.getBody(loop)));
    }
    functionClass.setBody(ref, charged(module, entry, body));
  }
  if (found.grows.length > 0) limitGrowth(module, found.grows);
  module.addFunctionImport(YIELD, "moonlet", "out_of_fuel", binaryen.none, binaryen.none);
  module.addGlobal(FUEL, binaryen.i32, true, module.i32.const(0));
  module.addGlobalExport(FUEL, FUEL_EXPORT);
}

interface Found {
  /** The loops of a function, each with the nodes of one iteration. */
  readonly loops: { readonly loop: number; readonly cost: number }[];
  /** Every memory.grow of the module. */
  readonly grows: number[];
}

/** Sends each memory.grow's delta through a function that makes one which leads beyond the limit too large for any memory. */
function limitGrowth(module: binaryen.Module, grows: readonly number[]): void {
  module.addGlobal(MAX_PAGES, binaryen.i32, true, module.i32.const(65_536));
  module.addGlobalExport(MAX_PAGES, MAX_PAGES_EXPORT);
  const delta = () => module.local.get(0, binaryen.i32);
  const limit = () => module.global.get(MAX_PAGES, binaryen.i32);
  const size = module.memory.size();
  const room = module.if(
    module.i32.lt_u(limit(), size),
    module.i32.const(0),
    module.i32.sub(limit(), module.memory.size()),
  );
  const allowed = module.select(module.i32.gt_u(delta(), room), module.i32.const(-1), delta());
  module.addFunction(ALLOWED_DELTA, binaryen.i32, binaryen.i32, [], allowed);
  for (const grow of grows) {
    memoryGrowClass.setDelta(
      grow,
      module.call(ALLOWED_DELTA, [memoryGrowClass.getDelta(grow)], binaryen.i32),
    );
  }
}

/** Counts the nodes of `body` outside its loops and collects each loop with the nodes of one iteration. */
function measure(body: number, found: Found, refuse: (kind: string) => never): number {
  const pending: number[] = [body];
  let cost = 1;
  for (let expression = pending.pop(); expression !== undefined; expression = pending.pop()) {
    cost++;
    const id = binaryen.getExpressionId(expression);
    if (id === binaryen.MemoryGrowId) found.grows.push(expression);
    if (id === binaryen.LoopId) {
      found.loops.push({ loop: expression, cost: measure(loopClass.getBody(expression), found, refuse) });
    } else if (!pushChildren(expression, pending)) {
      refuse(kindOf(expression));
    }
  }
  return cost;
}

function charged(module: binaryen.Module, cost: number, body: number): number {
  const fuel = () => module.global.get(FUEL, binaryen.i32);
  return module.block(
    null,
    [
      module.global.set(FUEL, module.i32.sub(fuel(), module.i32.const(cost))),
      module.if(module.i32.lt_s(fuel(), module.i32.const(0)), module.call(YIELD, [], binaryen.none)),
      body,
    ],
    binaryen.getExpressionType(body),
  );
}
