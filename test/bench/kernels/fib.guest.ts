// Recursion with nothing in it: the cost of a call.
function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function run(n: i32): u64 {
  return fib(n);
}
