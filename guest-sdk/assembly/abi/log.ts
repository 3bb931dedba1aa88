// The imports of namespace `log`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("log", "write")
export declare function write(level: i32, text: usize, len: usize): void;
