// Fuel: a counter in the module, charged at function entries and loop headers with the static cost of what follows.
// The cost of a stretch is the number of its IR nodes, so a program's count is the same on every machine.
import binaryen from "binaryen";
import { InstrumentError } from "./error.ts";
import { kindOf, pushChildren } from "./expression-children.ts";

export const FUEL_EXPORT = "moonlet:fuel";
/** Called when the fuel is below zero; `module.name` as Asyncify's options want it. */
export const YIELD_IMPORT = "moonlet.out_of_fuel";
const YIELD = "moonlet:out_of_fuel";
const FUEL = "moonlet:fuel";

/** binaryen's type declarations leave these classes out. */
const { Loop: loopClass, Function: functionClass } = binaryen as unknown as {
  Loop: LoopClass;
  Function: { setBody(ref: number, body: number): void };
};
interface LoopClass {
  getBody(loop: number): number;
  setBody(loop: number, body: number): void;
}

/** Adds the counter, its export, and a charge at each function entry and loop header. */
export function addFuel(module: binaryen.Module, moduleName: string): void {
  const functions: number[] = [];
  for (let i = 0, n = module.getNumFunctions(); i < n; i++) functions.push(module.getFunctionByIndex(i));
  for (const ref of functions) {
    const { name, module: from, body } = binaryen.getFunctionInfo(ref);
    if (from || !body) continue;
    const loops: { loop: number; cost: number }[] = [];
    const entry = measure(body, loops, (kind) => {
      throw new InstrumentError(
        "E_NOT_INSTRUMENTABLE",
        `${moduleName} cannot be instrumented: function ${name} holds the instruction ${kind}, which cannot be captured`,
      );
    });
    for (const { loop, cost } of loops) {
      loopClass.setBody(loop, charged(module, cost, loopClass.getBody(loop)));
    }
    functionClass.setBody(ref, charged(module, entry, body));
  }
  module.addFunctionImport(YIELD, "moonlet", "out_of_fuel", binaryen.none, binaryen.none);
  module.addGlobal(FUEL, binaryen.i32, true, module.i32.const(0));
  module.addGlobalExport(FUEL, FUEL_EXPORT);
}

/** Counts the nodes of `body` outside its loops and collects each loop with the nodes of one iteration. */
function measure(
  body: number,
  loops: { loop: number; cost: number }[],
  refuse: (kind: string) => never,
): number {
  const pending: number[] = [body];
  let cost = 1;
  for (let expression = pending.pop(); expression !== undefined; expression = pending.pop()) {
    cost++;
    if (binaryen.getExpressionId(expression) === binaryen.LoopId) {
      loops.push({ loop: expression, cost: measure(loopClass.getBody(expression), loops, refuse) });
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
