// The imports of namespace `sim`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("sim", "reachable")
export declare function reachable(name: usize, len: usize): void;
