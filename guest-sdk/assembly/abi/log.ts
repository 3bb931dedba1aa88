// The imports of namespace `log`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("log", "write")
export declare function write(level: i32, text: usize, len: usize): void;

@external("log", "report")
export declare function report(report: usize, len: usize): i32;
