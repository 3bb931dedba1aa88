// The imports of namespace `group`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("group", "join")
export declare function join(group: usize, group_len: usize, pid: usize, pid_len: usize): i32;

@external("group", "leave")
export declare function leave(group: usize, group_len: usize, pid: usize, pid_len: usize): i32;

@external("group", "members")
export declare function members(group: usize, len: usize, out: usize, cap: usize): i32;

@external("group", "monitor")
export declare function monitor(group: usize, len: usize, out: usize, cap: usize): i32;

@external("group", "demonitor")
export declare function demonitor(ref: usize, len: usize): i32;

@external("group", "kill")
export declare function kill(group: usize, len: usize): i32;

@external("group", "scope")
export declare function scope(name: usize, len: usize): i32;

@external("group", "list")
export declare function list(out: usize, cap: usize): i32;

@external("group", "monitor_scope")
export declare function monitor_scope(out: usize, cap: usize): i32;
