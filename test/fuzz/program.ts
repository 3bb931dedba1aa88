// Our own generator of random modules, for what binaryen's does not reach: imports that suspend, the host calling back, blocks and loops with
// parameters and several results, tail calls, exceptions, and every operand that can lie on the stack meanwhile. Every program ends: a
// budget is counted down at each loop and function. Floating point results have their NaNs taken out, whose bits are the engine's choice.
// biome-ignore-all lint/correctness/noVoidTypeReturn: each case of these switches ends with what it emits last
import { Random } from "./random.ts";

type Type = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref";

const NUMBERS: readonly Type[] = ["i32", "i64", "f32", "f64"];
const ALL: readonly Type[] = [...NUMBERS, "v128", "funcref", "externref"];
const MEMORY_MASK = 0x7fff;
/** What each call of an export may spend; the host fills the global `budget` up again. */
export const BUDGET = 300;

interface Signature {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}
interface Label {
  readonly name: string;
  /** What a branch to it takes. */
  readonly types: readonly Type[];
}

const BINARY: Readonly<Partial<Record<Type, readonly string[]>>> = {
  i32: ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "div_u", "rem_s"].map(
    (op) => `i32.${op}`,
  ),
  i64: ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "rotr", "div_s", "rem_u"].map(
    (op) => `i64.${op}`,
  ),
  f32: ["add", "sub", "mul", "div", "min", "copysign"].map((op) => `f32.${op}`),
  f64: ["add", "sub", "mul", "div", "max", "copysign"].map((op) => `f64.${op}`),
  v128: ["i32x4.add", "i64x2.mul", "v128.xor", "i8x16.swizzle", "i16x8.add_sat_s", "i32x4.min_u"],
};
const FROM: Readonly<Partial<Record<Type, readonly (readonly [Type, string])[]>>> = {
  i32: [
    ["i64", "i32.wrap_i64"],
    ["f64", "i32.trunc_sat_f64_s"],
    ["v128", "i32x4.extract_lane 2"],
    ["funcref", "ref.is_null"],
    ["externref", "ref.is_null"],
    ["i32", "i32.clz"],
    ["i64", "i64.eqz"],
    ["i32", "i32.extend8_s"],
    ["f32", "i32.reinterpret_f32"],
  ],
  i64: [
    ["i32", "i64.extend_i32_u"],
    ["f32", "i64.trunc_sat_f32_u"],
    ["v128", "i64x2.extract_lane 1"],
    ["f64", "i64.reinterpret_f64"],
  ],
  f32: [
    ["i32", "f32.convert_i32_s"],
    ["f64", "f32.demote_f64"],
  ],
  f64: [
    ["i64", "f64.convert_i64_u"],
    ["f32", "f64.promote_f32"],
  ],
  v128: [
    ["i32", "i32x4.splat"],
    ["i64", "i64x2.splat"],
  ],
};

/** The text of a seed's module, always the same. */
export function programText(seed: number): string {
  return new Program(new Random(seed ^ 0x9a17)).text();
}

class Program {
  readonly #random: Random;
  readonly #functions: Signature[] = [];
  readonly #globals: Type[] = [];
  #out: string[] = [];
  #locals: Type[] = [];
  #results: readonly Type[] = [];
  #labels: Label[] = [];
  #labelCount = 0;
  /** What a function may still spend on nesting. */
  #room = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  text(): string {
    const count = 3 + this.#random.below(5);
    for (let i = 0; i < count; i++) {
      this.#functions.push({
        params: this.#types(this.#random.below(4), ALL),
        results: this.#types(this.#random.below(4), ALL),
      });
    }
    // What the host can call has numbers only; some leave and take nothing, which is what it calls back.
    for (let i = 0; i < 2; i++)
      this.#functions[i] = {
        params: this.#types(this.#random.below(3), ["i32", "f64"]),
        results: this.#types(this.#random.below(3), NUMBERS),
      };
    this.#functions.push({ params: [], results: [] });
    for (let i = 0; i < 6; i++) this.#globals.push(this.#pick(ALL));
    const bodies = this.#functions.map((signature, i) => this.#function(signature, i));
    const last = this.#functions.length - 1;
    return `(module
${NUMBERS.map(
  (type) => `(import "env" "wait_${type}" (func $wait_${type} (param ${type}) (result ${type})))
(import "env" "log_${type}" (func $log_${type} (param ${type})))`,
).join("\n")}
(import "env" "pause" (func $pause))
(import "env" "back" (func $back (param i32) (result i32)))
(import "env" "object" (func $object (param i32) (result externref)))
(memory (export "memory") 1 3)
(data $bytes "moonlet moves")
(tag $e0 (param i32)) (tag $e1 (param i64 externref)) (tag $e2)
(table $fns (export "fns") ${this.#functions.length + 2} 24 funcref)
(table $refs (export "refs") 4 16 externref)
(elem (table $fns) (i32.const 0) func ${this.#functions.map((_, i) => `$f${i}`).join(" ")})
(elem $more func ${this.#functions.map((_, i) => `$f${i}`).join(" ")})
(global $budget (export "budget") (mut i32) (i32.const ${BUDGET}))
${this.#globals.map((type, i) => `(global $g${i} ${type === "v128" ? "" : `(export "g${i}") `}(mut ${type}) (${initial(type)}))`).join("\n")}
(func $denan_f32 (param f32) (result f32) (select (local.get 0) (f32.const 0) (f32.eq (local.get 0) (local.get 0))))
(func $denan_f64 (param f64) (result f64) (select (local.get 0) (f64.const 0) (f64.eq (local.get 0) (local.get 0))))
(func $spend (global.set $budget (i32.sub (global.get $budget) (i32.const 1)))
  (if (i32.lt_s (global.get $budget) (i32.const 0)) (then unreachable)))
${bodies.join("\n")}
(export "a" (func $f0)) (export "b" (func $f1)) (export "c" (func $f${last}))
(func (export "vectors") ${this.#globals.map((type, i) => (type === "v128" ? `(v128.store (i32.const ${32768 + 16 * i}) (global.get $g${i}))` : "")).join(" ")})
)`;
  }

  #function({ params, results }: Signature, index: number): string {
    this.#out = [];
    this.#labels = [];
    this.#results = results;
    const locals = this.#types(2 + this.#random.below(4), ALL);
    this.#locals = [...params, ...locals];
    this.#room = 25 + this.#random.below(40);
    this.#emit("call $spend");
    for (let n = 1 + this.#random.below(4); n > 0; n--) this.#statement(3);
    this.#expressions(results, 3);
    return `(func $f${index} ${list("param", params)} ${list("result", results)} ${list("local", locals)}\n${this.#out.join("\n")})`;
  }

  #emit(line: string): void {
    this.#out.push(line);
  }
  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)]!;
  }
  #chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }
  #types(count: number, from: readonly Type[]): Type[] {
    return Array.from({ length: count }, () => this.#pick(from));
  }

  #expressions(types: readonly Type[], depth: number): void {
    // Now and then one call or block leaves several values at once.
    if (types.length > 1 && depth > 0 && this.#chance(2)) this.#block(types, depth - 1);
    else for (const type of types) this.#expression(type, depth);
  }

  #expression(type: Type, depth: number): void {
    if (depth <= 0 || this.#room-- <= 0) {
      this.#leaf(type);
      return;
    }
    switch (this.#random.below(12)) {
      case 0:
      case 1: {
        const ops = BINARY[type];
        if (!ops) return this.#leaf(type);
        this.#expression(type, depth - 1);
        this.#expression(type, depth - 1);
        this.#emit(this.#pick(ops));
        return this.#denan(type);
      }
      case 2: {
        const ways = FROM[type];
        if (!ways) return this.#leaf(type);
        const [from, op] = this.#pick(ways);
        this.#expression(from, depth - 1);
        this.#emit(op);
        return this.#denan(type);
      }
      case 3:
      case 4:
        return this.#call(type, depth - 1);
      case 5:
        return this.#block([type], depth - 1);
      case 6: {
        this.#expression(type, depth - 1);
        this.#expression(type, depth - 1);
        this.#expression("i32", depth - 1);
        return this.#emit(type === "funcref" || type === "externref" ? `select (result ${type})` : "select");
      }
      case 7:
        if ((NUMBERS as readonly string[]).includes(type)) {
          this.#expression(type, depth - 1);
          return this.#emit(`call $wait_${type}`);
        }
        if (type === "externref") {
          this.#expression("i32", depth - 1);
          return this.#emit("call $object");
        }
        return this.#leaf(type);
      case 8: {
        const local = this.#localOf(type);
        this.#expression(type, depth - 1);
        if (local >= 0) this.#emit(`local.tee ${local}`);
        return;
      }
      case 9: {
        if (type === "funcref" || type === "externref") {
          this.#index(type === "funcref" ? this.#functions.length : 4, depth - 1);
          return this.#emit(`table.get ${type === "funcref" ? "$fns" : "$refs"}`);
        }
        this.#address(depth - 1);
        this.#emit(`${type}.load offset=${this.#random.below(64)}`);
        return this.#denan(type);
      }
      case 10: {
        if (type !== "i32") return this.#leaf(type);
        return this.#number(depth);
      }
      default: {
        // A branch out of here with a value, which otherwise stays.
        const label = this.#labels.find(({ types }) => types.length === 1 && types[0] === type);
        if (!label) return this.#leaf(type);
        this.#expression(type, depth - 1);
        this.#expression("i32", depth - 1);
        return this.#emit(`br_if ${label.name}`);
      }
    }
  }

  /** Things of type i32 that only instructions of their own give. */
  #number(depth: number): void {
    switch (this.#random.below(5)) {
      case 0:
        return this.#emit("memory.size");
      case 1:
        this.#emit("i32.const 1");
        return this.#emit("memory.grow");
      case 2:
        this.#expression("funcref", depth - 1);
        this.#emit("i32.const 1");
        return this.#emit("table.grow $fns");
      case 3:
        this.#expression("i32", depth - 1);
        return this.#emit("call $back");
      default:
        return this.#emit("table.size $refs");
    }
  }

  #leaf(type: Type): void {
    const local = this.#localOf(type);
    if (local >= 0 && this.#chance(2)) return this.#emit(`local.get ${local}`);
    const globals = this.#globals.flatMap((global, i) => (global === type ? [i] : []));
    if (globals.length > 0 && this.#chance(2)) return this.#emit(`global.get $g${this.#pick(globals)}`);
    const value = this.#random.next() >>> this.#random.below(32);
    if (type === "funcref")
      this.#emit(
        this.#chance(3) ? "ref.null func" : `ref.func $f${this.#random.below(this.#functions.length)}`,
      );
    else if (type === "externref") this.#emit("ref.null extern");
    else if (type === "v128") this.#emit(`v128.const i32x4 ${value} 7 ${~value >>> 0} 1`);
    else if (type === "i32") this.#emit(`i32.const ${value | 0}`);
    else if (type === "i64") this.#emit(`i64.const ${value}`);
    else this.#emit(`${type}.const ${(value | 0) / 8}`);
  }

  #localOf(type: Type): number {
    const found = this.#locals.flatMap((local, i) => (local === type ? [i] : []));
    return found.length > 0 ? this.#pick(found) : -1;
  }

  #denan(type: Type): void {
    if (type === "f32" || type === "f64") this.#emit(`call $denan_${type}`);
  }

  #address(depth: number): void {
    this.#expression("i32", depth);
    this.#emit(`i32.const ${MEMORY_MASK}`);
    this.#emit("i32.and");
  }
  #index(limit: number, depth: number): void {
    this.#expression("i32", depth);
    this.#emit(`i32.const ${limit}`);
    this.#emit("i32.rem_u");
  }

  /** A call that leaves this type; further results are dropped. */
  #call(type: Type, depth: number): void {
    const fitting = this.#functions.flatMap(({ results }, i) => (results[0] === type ? [i] : []));
    if (fitting.length === 0) return this.#leaf(type);
    const callee = this.#pick(fitting);
    const { params, results } = this.#functions[callee]!;
    this.#expressions(params, depth);
    if (this.#chance(3)) {
      // Mostly the right function; another one has another type, or is none, and traps.
      this.#emit(`i32.const ${this.#chance(12) ? this.#random.below(this.#functions.length + 2) : callee}`);
      this.#emit(`call_indirect $fns ${list("param", params)} ${list("result", results)}`);
    } else this.#emit(`call $f${callee}`);
    for (let i = 1; i < results.length; i++) this.#emit("drop");
  }

  /** A block, if, loop or try that takes some values and leaves these. */
  #block(results: readonly Type[], depth: number): void {
    const params = this.#chance(2) ? this.#types(this.#random.below(3), ALL) : [];
    const name = `$l${this.#labelCount++}`;
    const type = `${list("param", params)} ${list("result", results)}`;
    const kind = this.#random.below(7);
    for (const param of params) this.#expression(param, depth - 1);
    const inside = (label: Label, write: () => void) => {
      this.#labels.unshift(label);
      write();
      this.#labels.shift();
    };
    /** Uses up the parameters, in the midst of other things, and leaves the results. */
    const body = () => {
      for (let i = params.length - 1; i >= 0; i--) this.#consume(params[i]!);
      if (this.#chance(2)) this.#statement(depth - 1);
      this.#expressions(results, depth - 1);
    };
    if (kind <= 1) {
      this.#emit(`block ${name} ${type}`);
      inside({ name, types: results }, body);
      this.#emit("end");
    } else if (kind === 2) {
      this.#expression("i32", depth - 1);
      this.#emit(`if ${name} ${type}`);
      inside({ name, types: results }, body);
      this.#emit("else");
      inside({ name, types: results }, body);
      this.#emit("end");
    } else if (kind <= 4) {
      this.#emit(`loop ${name} ${type}`);
      this.#emit("call $spend");
      inside({ name, types: params }, () => {
        body();
        // Once more, with other parameters: what is below them on the stack is given up.
        if (this.#chance(2)) {
          this.#expressions(params, depth - 1);
          this.#expression("i32", depth - 1);
          this.#emit(`br_if ${name}`);
          for (const _ of params) this.#emit("drop");
        }
      });
      this.#emit("end");
    } else {
      this.#emit(`try ${name} ${type}`);
      inside({ name, types: results }, body);
      const catches: [string, readonly Type[]][] = [
        ["catch $e0", ["i32"]],
        ["catch $e1", ["i64", "externref"]],
        ["catch_all", []],
      ];
      for (const [clause, given] of catches) {
        if (clause !== "catch_all" && this.#chance(3)) continue;
        this.#emit(clause);
        for (let i = given.length - 1; i >= 0; i--) this.#consume(given[i]!);
        if (this.#chance(6)) {
          this.#emit(`rethrow ${name}`);
        } else inside({ name, types: results }, () => this.#expressions(results, depth - 1));
      }
      this.#emit("end");
    }
  }

  /** Takes a value off the stack. */
  #consume(type: Type): void {
    const local = this.#localOf(type);
    const globals = this.#globals.flatMap((global, i) => (global === type ? [i] : []));
    if (local >= 0 && this.#chance(2)) this.#emit(`local.set ${local}`);
    else if (globals.length > 0 && this.#chance(2)) this.#emit(`global.set $g${this.#pick(globals)}`);
    else if ((NUMBERS as readonly string[]).includes(type) && this.#chance(2))
      this.#emit(`call $log_${type}`);
    else this.#emit("drop");
  }

  #statement(depth: number): void {
    if (depth <= 0 || this.#room-- <= 0) return this.#emit("nop");
    switch (this.#random.below(14)) {
      case 0: {
        const type = this.#pick(ALL);
        this.#expression(type, depth - 1);
        return this.#consume(type);
      }
      case 1: {
        const type = this.#pick([...NUMBERS, "v128" as const]);
        this.#address(depth - 1);
        this.#expression(type, depth - 1);
        return this.#emit(`${type}.store offset=${this.#random.below(64)}`);
      }
      case 2:
        return this.#emit("call $pause");
      case 3: {
        this.#address(depth - 1);
        this.#address(depth - 1);
        this.#emit(`i32.const ${this.#random.below(3_000)}`);
        return this.#emit(this.#pick(["memory.copy", "memory.fill"]));
      }
      case 4: {
        this.#index(this.#functions.length, depth - 1);
        this.#expression("funcref", depth - 1);
        return this.#emit("table.set $fns");
      }
      case 5: {
        this.#index(4, depth - 1);
        this.#expression("externref", depth - 1);
        return this.#emit("table.set $refs");
      }
      case 6: {
        const callee = this.#random.below(this.#functions.length);
        const { params, results } = this.#functions[callee]!;
        this.#expressions(params, depth - 1);
        this.#emit(`call $f${callee}`);
        for (let i = results.length - 1; i >= 0; i--) this.#consume(results[i]!);
        return;
      }
      case 7: {
        const types = this.#types(this.#random.below(3), ALL);
        this.#block(types, depth - 1);
        for (let i = types.length - 1; i >= 0; i--) this.#consume(types[i]!);
        return;
      }
      case 8:
        return this.#conditionally(depth, () => this.#leave(depth - 1));
      case 9:
        this.#emit("i32.const 0");
        this.#emit("i32.const 0");
        this.#emit("i32.const 9");
        return this.#emit(this.#chance(3) ? "table.init $fns $more" : "memory.init $bytes");
      case 10:
        if (this.#chance(6)) this.#emit(this.#pick(["data.drop $bytes", "elem.drop $more"]));
        return;
      case 11:
        this.#index(this.#functions.length, depth - 1);
        this.#expression("funcref", depth - 1);
        this.#emit("i32.const 2");
        return this.#emit("table.fill $fns");
      case 12: {
        // A table of branches to whatever takes nothing.
        const labels = this.#labels.filter(({ types }) => types.length === 0).map(({ name }) => name);
        if (labels.length === 0) return this.#emit("nop");
        return this.#conditionally(depth, () => {
          this.#expression("i32", depth - 1);
          this.#emit(`br_table ${labels.join(" ")} ${this.#pick(labels)}`);
        });
      }
      default:
        return this.#conditionally(depth, () => this.#throw(depth - 1));
    }
  }

  #conditionally(depth: number, write: () => void): void {
    this.#expression("i32", depth - 1);
    this.#emit("if");
    const labels = this.#labels;
    write();
    this.#labels = labels;
    this.#emit("end");
  }

  #throw(depth: number): void {
    switch (this.#random.below(4)) {
      case 0:
        this.#expression("i32", depth);
        return this.#emit("throw $e0");
      case 1:
        this.#expression("i64", depth);
        this.#expression("externref", depth);
        return this.#emit("throw $e1");
      case 2:
        return this.#emit("throw $e2");
      default:
        return this.#emit(this.#chance(3) ? "unreachable" : "nop");
    }
  }

  /** Leaves the function, or a block around. */
  #leave(depth: number): void {
    const label = this.#labels.length > 0 && this.#chance(2) ? this.#pick(this.#labels) : undefined;
    if (label) {
      this.#expressions(label.types, depth);
      return this.#emit(`br ${label.name}`);
    }
    const same = this.#functions.flatMap(({ results }, i) =>
      `${results}` === `${this.#results}` ? [i] : [],
    );
    if (same.length === 0 || this.#chance(2)) {
      this.#expressions(this.#results, depth);
      return this.#emit("return");
    }
    const callee = this.#pick(same);
    const { params, results } = this.#functions[callee]!;
    this.#expressions(params, depth);
    if (this.#chance(3)) {
      this.#emit(`i32.const ${callee}`);
      this.#emit(`return_call_indirect $fns ${list("param", params)} ${list("result", results)}`);
    } else this.#emit(`return_call $f${callee}`);
  }
}

function list(word: string, types: readonly Type[]): string {
  return types.length > 0 ? `(${word} ${types.join(" ")})` : "";
}

function initial(type: Type): string {
  if (type === "v128") return "v128.const i32x4 1 2 3 4";
  if (type === "funcref") return "ref.null func";
  if (type === "externref") return "ref.null extern";
  return `${type}.const 5`;
}
