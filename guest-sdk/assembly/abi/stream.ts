// The imports of namespace `stream`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("stream", "open")
export declare function open(capacity: u32, out: usize, cap: usize): i32;

@external("stream", "read")
export declare function read(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("stream", "write")
export declare function write(ref: usize, ref_len: usize, ptr: usize, len: usize, timeout_ms: u32): i32;

@external("stream", "close")
export declare function close(ref: usize, len: usize): i32;

@external("stream", "give")
export declare function give(ref: usize, ref_len: usize, pid: usize, pid_len: usize): i32;
