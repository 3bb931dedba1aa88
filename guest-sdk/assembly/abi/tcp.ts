// The imports of namespace `tcp`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("tcp", "listen")
export declare function listen(port: i32, options: usize, options_len: usize, out: usize, cap: usize): i32;

@external("tcp", "accept")
export declare function accept(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("tcp", "connect")
export declare function connect(host: usize, host_len: usize, port: i32, out: usize, cap: usize, timeout_ms: u32): i32;

@external("tcp", "recv")
export declare function recv(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("tcp", "send")
export declare function send(ref: usize, ref_len: usize, ptr: usize, len: usize, timeout_ms: u32): i32;

@external("tcp", "shutdown")
export declare function shutdown(ref: usize, len: usize): i32;

@external("tcp", "active")
export declare function active(ref: usize, len: usize, mode: i32, count: i32): i32;

@external("tcp", "close")
export declare function close(ref: usize, len: usize): i32;

@external("tcp", "controlling_process")
export declare function controlling_process(ref: usize, ref_len: usize, pid: usize, pid_len: usize): i32;

@external("tcp", "sockname")
export declare function sockname(ref: usize, len: usize, out: usize, cap: usize): i32;

@external("tcp", "peername")
export declare function peername(ref: usize, len: usize, out: usize, cap: usize): i32;
