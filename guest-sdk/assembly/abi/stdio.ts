// The imports of namespace `stdio`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("stdio", "write")
export declare function write(stream: i32, ptr: usize, len: usize): i32;
