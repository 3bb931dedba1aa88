// The imports of namespace `timer`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("timer", "send_after")
export declare function send_after(
  ms: f64, to: usize, to_len: usize, message: usize, len: usize, out: usize, cap: usize,
): i32;

@external("timer", "start")
export declare function start(
  ms: f64, to: usize, to_len: usize, message: usize, len: usize, out: usize, cap: usize,
): i32;

@external("timer", "cancel")
export declare function cancel(ref: usize, len: usize): f64;

@external("timer", "read")
export declare function read(ref: usize, len: usize): f64;
