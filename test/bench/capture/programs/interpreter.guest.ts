// A small Lisp: a reader, closures over chains of scopes, an evaluator that calls itself.
class Node {
  items: Node[] | null = null;
  symbol: string = "";
  number: i32 = 0;
}
class Scope {
  names: Map<string, Box> = new Map();
  constructor(public outer: Scope | null) {}
  find(name: string): Box {
    let scope: Scope | null = this;
    while (scope !== null) {
      if (scope.names.has(name)) return scope.names.get(name);
      scope = scope.outer;
    }
    return NOTHING;
  }
}
class Box {
  number: i32 = 0;
  lambda: Node | null = null;
  scope: Scope | null = null;
}
const NOTHING = new Box();

let source = "";
let at = 0;

function read(): Node {
  while (source.charCodeAt(at) === 32) at++;
  const node = new Node();
  if (source.charCodeAt(at) === 0x28) {
    at++;
    const items: Node[] = [];
    while (true) {
      while (source.charCodeAt(at) === 32) at++;
      if (source.charCodeAt(at) === 0x29) break;
      items.push(read());
    }
    at++;
    node.items = items;
    return node;
  }
  const start = at;
  while (at < source.length && source.charCodeAt(at) !== 32 && source.charCodeAt(at) !== 0x29) at++;
  const word = source.substring(start, at);
  const c = word.charCodeAt(0);
  if (c >= 0x30 && c <= 0x39) node.number = <i32>parseInt(word);
  else node.symbol = word;
  return node;
}

function boxed(number: i32): Box {
  const box = new Box();
  box.number = number;
  return box;
}

function evaluate(node: Node, scope: Scope): Box {
  const items = node.items;
  if (items === null) return node.symbol.length > 0 ? scope.find(node.symbol) : boxed(node.number);
  const head = items[0].symbol;
  if (head === "if") return evaluate(evaluate(items[1], scope).number !== 0 ? items[2] : items[3], scope);
  if (head === "let") {
    const value = evaluate(items[2], scope);
    scope.names.set(items[1].symbol, value);
    return value;
  }
  if (head === "fn") {
    const box = new Box();
    box.lambda = node;
    box.scope = scope;
    return box;
  }
  if (head === "+") return boxed(evaluate(items[1], scope).number + evaluate(items[2], scope).number);
  if (head === "-") return boxed(evaluate(items[1], scope).number - evaluate(items[2], scope).number);
  if (head === "<") return boxed(evaluate(items[1], scope).number < evaluate(items[2], scope).number ? 1 : 0);
  const callee = evaluate(items[0], scope);
  const lambda = callee.lambda!.items!;
  const inner = new Scope(callee.scope);
  const names = lambda[1].items!;
  for (let i = 0; i < names.length; i++) inner.names.set(names[i].symbol, evaluate(items[i + 1], scope));
  return evaluate(lambda[2], inner);
}

export function run(n: i32): u64 {
  const scope = new Scope(null);
  for (let i = 0; i < 2; i++) {
    source = i === 0
      ? "(let fib (fn (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))"
      : "(let twice (fn (f) (fn (x) (f (f x)))))";
    at = 0;
    evaluate(read(), scope);
  }
  source = `(+ (fib ${n}) ((twice (fn (x) (+ x 5))) 7))`;
  at = 0;
  return <u64>evaluate(read(), scope).number;
}
