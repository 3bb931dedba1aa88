// The imports of namespace `grant`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("grant", "has")
export declare function has(grant: usize, len: usize): i32;

@external("grant", "list")
export declare function list(out: usize, cap: usize): i32;

@external("grant", "ask")
export declare function ask(grant: usize, len: usize): i32;

@external("grant", "lend")
export declare function lend(grant: usize, len: usize, to: usize, to_len: usize, out: usize, cap: usize): i32;

@external("grant", "open")
export declare function open(ref: usize, len: usize): i32;

@external("grant", "revoke")
export declare function revoke(ref: usize, len: usize): i32;
