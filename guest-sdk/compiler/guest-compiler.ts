// asc's compiler with five changes that guests profit from: comparing with null never calls an overloaded operator, an error
// inside the library is reported at the line of the guest that led there, what throws has a source position, frames
// begin without a call of the engine's, and parameters are kept by the caller alone.
import * as asc from "assemblyscript";
import { BLOCK, NODE, TOKEN } from "./asc-enums.ts";
import { trustCallers } from "./caller-roots.ts";
import { fillByStores } from "./stack-zeros.ts";

const LIBRARY = "~lib/";

/** Compiles one program. */
export class GuestCompiler extends asc.Compiler {
  /** The guest's expressions that led to errors in the library. */
  readonly #callers = new Map<asc.DiagnosticMessage, asc.Range>();

  /** The guest's expression that was compiled last, for when the compiler crashes. */
  lastExpression: asc.Range | undefined;

  constructor(program: asc.Program) {
    super(program);
    fillByStores(this.module);
    trustCallers(this);
  }

  /** Where in the guest an error of the library came from; undefined for errors in the guest itself. */
  callerOf(diagnostic: asc.DiagnosticMessage): asc.Range | undefined {
    return this.#callers.get(diagnostic);
  }

  override compileExpression(
    expression: asc.Expression,
    contextualType: asc.Type,
    constraints?: number,
  ): asc.ExpressionRef {
    const kind: number = expression.kind;
    if (kind === NODE.binary) {
      const compared = comparedWithNull(expression as asc.BinaryExpression);
      if (compared !== undefined)
        return this.#compileNullCheck(expression as asc.BinaryExpression, compared, contextualType);
    } else if (kind === NODE.call || kind === NODE.new) {
      if (!isLibrary(expression.range)) this.lastExpression = expression.range;
      const before = this.diagnostics.length;
      const compiled = super.compileExpression(expression, contextualType, constraints);
      if (this.diagnostics.length > before) this.#attribute(before, expression.range);
      return compiled;
    }
    return super.compileExpression(expression, contextualType, constraints);
  }

  /** asc gives the call that aborts no position, so that a stack trace would lack its innermost line. */
  override makeStaticAbort(messageExpr: asc.ExpressionRef, codeLocation: asc.Node): asc.ExpressionRef {
    const aborting = super.makeStaticAbort(messageExpr, codeLocation);
    if (asc.getExpressionId(aborting) === BLOCK)
      this.addDebugLocation(asc.getBlockChildAt(aborting, 0), codeLocation.range);
    return aborting;
  }

  /**
   * `x == null` asks for identity whatever x's class says about `==`, and as such it narrows the type of x; asc would call the
   * overload and lose that.
   */
  #compileNullCheck(
    expression: asc.BinaryExpression,
    compared: asc.Expression,
    context: asc.Type,
  ): asc.ExpressionRef {
    const operand = this.compileExpression(compared, this.options.usizeType);
    const type = this.currentType;
    if (!type.isReference || type.isExternalReference) return super.compileExpression(expression, context);
    const operator: number = expression.operator;
    const zero = this.module.usize(0);
    const equal = operator === TOKEN.equals || operator === TOKEN.equalsStrictly;
    const { usizeType } = this.options;
    const result = equal
      ? this.makeEq(operand, zero, usizeType, expression)
      : this.makeNe(operand, zero, usizeType, expression);
    this.currentType = asc.Type.bool;
    return result;
  }

  #attribute(since: number, range: asc.Range): void {
    if (isLibrary(range)) return;
    for (const diagnostic of this.diagnostics.slice(since)) {
      // The innermost expression of the guest comes first and stays.
      if (this.#callers.has(diagnostic)) continue;
      if (diagnostic.range && isLibrary(diagnostic.range)) this.#callers.set(diagnostic, range);
    }
  }
}

function isLibrary(range: asc.Range): boolean {
  return range.source.normalizedPath.startsWith(LIBRARY);
}

/** The operand that is compared with null, or undefined when the expression is something else. */
function comparedWithNull(expression: asc.BinaryExpression): asc.Expression | undefined {
  const operator: number = expression.operator;
  if (
    operator !== TOKEN.equals &&
    operator !== TOKEN.equalsStrictly &&
    operator !== TOKEN.differs &&
    operator !== TOKEN.differsStrictly
  ) {
    return undefined;
  }
  if ((expression.right.kind as number) === NODE.null) return expression.left;
  if ((expression.left.kind as number) === NODE.null) return expression.right;
  return undefined;
}
