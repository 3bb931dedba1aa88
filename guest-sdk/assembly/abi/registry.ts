// The imports of namespace `registry`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("registry", "register")
export declare function register(name: usize, name_len: usize, pid: usize, pid_len: usize): i32;

@external("registry", "unregister")
export declare function unregister(name: usize, len: usize): i32;

@external("registry", "whereis")
export declare function whereis(name: usize, len: usize, out: usize, cap: usize): i32;

@external("registry", "registered")
export declare function registered(out: usize, cap: usize): i32;
