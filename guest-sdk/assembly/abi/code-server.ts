// The imports of namespace `code`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("code", "load")
export declare function load(ptr: usize, len: usize, out: usize, cap: usize): i32;

@external("code", "change")
export declare function change(
  ref: usize, ref_len: usize, entry: usize, entry_len: usize, state: usize, state_len: usize, out: usize, cap: usize,
): i32;

@external("code", "ready")
export declare function ready(): i32;

@external("code", "lend")
export declare function lend(ref: usize, ref_len: usize, pid: usize, pid_len: usize): i32;

@external("code", "purge")
export declare function purge(ref: usize, len: usize): i32;
