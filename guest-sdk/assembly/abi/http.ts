// The imports of namespace `http`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("http", "listen")
export declare function listen(port: i32, options: usize, options_len: usize, out: usize, cap: usize): i32;

@external("http", "accept")
export declare function accept(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("http", "active")
export declare function active(ref: usize, len: usize, mode: i32, count: i32): i32;

@external("http", "respond")
export declare function respond(ref: usize, ref_len: usize, status: i32, headers: usize, headers_len: usize): i32;

@external("http", "read")
export declare function read(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("http", "write")
export declare function write(ref: usize, ref_len: usize, ptr: usize, len: usize, timeout_ms: u32): i32;

@external("http", "finish")
export declare function finish(ref: usize, len: usize): i32;

@external("http", "watch")
export declare function watch(ref: usize, len: usize, how: i32): i32;

@external("http", "request")
export declare function request(
  method: usize, method_len: usize, url: usize, url_len: usize, headers: usize, headers_len: usize, options: usize, options_len: usize, out: usize, cap: usize,
): i32;

@external("http", "response")
export declare function response(ref: usize, ref_len: usize, out: usize, cap: usize, timeout_ms: u32): i32;

@external("http", "close")
export declare function close(ref: usize, len: usize): i32;

@external("http", "controlling_process")
export declare function controlling_process(ref: usize, ref_len: usize, pid: usize, pid_len: usize): i32;
