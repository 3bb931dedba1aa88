// What a function need not keep on asc's shadow stack, on which the collector finds objects: its parameters. Whoever called it keeps them in its own
// frame for the time of the call. asc writes them into the callee's frame again each time they are passed on, and many a function has a
// frame for nothing else. A parameter that is assigned anew is kept as asc does. Constants, which are static data, are kept nowhere.
import * as asc from "assemblyscript";
import { ASSIGNMENTS, CONSTANT, FLAG, LOCAL_GET, NODE } from "./asc-enums.ts";

/** Has the module keep no parameters that their callers keep, and no constants. */
export function trustCallers(compiler: asc.Compiler): void {
  const { module } = compiler;
  const keep = module.tostack.bind(module);
  module.tostack = (value) =>
    asc.getExpressionId(value) === CONSTANT || isKeptByCaller(compiler.currentFlow.targetFunction, value)
      ? value
      : keep(value);
}

function isKeptByCaller(target: asc.Function, value: asc.ExpressionRef): boolean {
  if (asc.getExpressionId(value) !== LOCAL_GET) return false;
  const { signature } = target;
  const offset = signature.thisType === null ? 0 : 1;
  const place = asc.getLocalGetIndex(value) - offset;
  // A constructor makes its object itself when it gets none.
  if (place < 0) return !target.is(FLAG.constructor);
  if (place >= signature.parameterTypes.length) return false;
  const { functionTypeNode } = target.prototype;
  const parameter = functionTypeNode.parameters[place];
  return parameter !== undefined && !assignedIn(target.prototype).has(parameter.name.text);
}

const assigned = new WeakMap<object, ReadonlySet<string>>();

/** The names that a function assigns to. */
function assignedIn({ declaration }: asc.FunctionPrototype): ReadonlySet<string> {
  const known = assigned.get(declaration);
  if (known !== undefined) return known;
  const names = new Set<string>();
  collectAssigned((declaration as asc.FunctionDeclaration).body, names);
  assigned.set(declaration, names);
  return names;
}

/** Adds what is assigned in this node and below. */
function collectAssigned(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const element of node) collectAssigned(element, names);
    return;
  }
  if (!(node instanceof asc.Node)) return;
  const target = assignmentTarget(node);
  if (target !== undefined && (target.kind as number) === NODE.identifier)
    names.add((target as asc.IdentifierExpression).text);
  for (const child of Object.values(node)) collectAssigned(child, names);
}

function assignmentTarget(node: asc.Node): asc.Expression | undefined {
  const kind: number = node.kind;
  let target: asc.Expression;
  if (kind === NODE.binary) {
    if (!ASSIGNMENTS.has((node as asc.BinaryExpression).operator)) return undefined;
    target = (node as asc.BinaryExpression).left;
  } else if (kind === NODE.unaryPrefix || kind === NODE.unaryPostfix) {
    if (!ASSIGNMENTS.has((node as asc.UnaryExpression).operator)) return undefined;
    target = (node as asc.UnaryExpression).operand;
  } else return undefined;
  while ((target.kind as number) === NODE.parenthesized)
    target = (target as asc.ParenthesizedExpression).expression;
  return target;
}
