// The imports of namespace `message`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("message", "send")
export declare function send(to: usize, to_len: usize, message: usize, len: usize): i32;

@external("message", "send_all")
export declare function send_all(to: usize, to_len: usize, message: usize, len: usize): i32;

@external("message", "receive")
export declare function receive(patterns: usize, patterns_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("message", "receive_tagged")
export declare function receive_tagged(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("message", "read")
export declare function read(out: usize, cap: usize): i32;
