// The imports of namespace `random`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("random", "fill")
export declare function fill(ptr: usize, len: usize): void;
