// The imports of namespace `process`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("process", "self")
export declare function self(out: usize, cap: usize): i32;

@external("process", "argument")
export declare function argument(out: usize, cap: usize): i32;

@external("process", "spawn")
export declare function spawn(
  entry: usize, entry_len: usize, arg: usize, arg_len: usize, options: usize, options_len: usize, out: usize, cap: usize,
): i32;

@external("process", "exit")
export declare function exit(reason: usize, len: usize): void;

@external("process", "exit_signal")
export declare function exit_signal(pid: usize, pid_len: usize, reason: usize, reason_len: usize): i32;

@external("process", "trap_exit")
export declare function trap_exit(flag: i32): i32;

@external("process", "link")
export declare function link(pid: usize, len: usize): i32;

@external("process", "unlink")
export declare function unlink(pid: usize, len: usize): i32;

@external("process", "monitor")
export declare function monitor(target: usize, len: usize, alias: i32, out: usize, cap: usize): i32;

@external("process", "demonitor")
export declare function demonitor(ref: usize, len: usize, flush: i32): i32;

@external("process", "alias")
export declare function alias(reply: i32, out: usize, cap: usize): i32;

@external("process", "unalias")
export declare function unalias(ref: usize, len: usize): i32;

@external("process", "is_alive")
export declare function is_alive(pid: usize, len: usize): i32;

@external("process", "info")
export declare function info(pid: usize, len: usize, out: usize, cap: usize): i32;

@external("process", "label")
export declare function label(ptr: usize, len: usize): void;

@external("process", "priority")
export declare function priority(level: i32): i32;

@external("process", "yield")
export declare function yield_turn(): void;

@external("process", "monitor_with")
export declare function monitor_with(target: usize, len: usize, options: usize, options_len: usize, out: usize, cap: usize): i32;

@external("process", "list")
export declare function list(out: usize, cap: usize): i32;

@external("process", "suspend")
export declare function suspend(pid: usize, len: usize): i32;

@external("process", "resume")
export declare function resume(pid: usize, len: usize): i32;

@external("process", "group_leader")
export declare function group_leader(out: usize, cap: usize): i32;

@external("process", "set_group_leader")
export declare function set_group_leader(pid: usize, len: usize): i32;

@external("process", "items")
export declare function items(pid: usize, pid_len: usize, items: usize, items_len: usize, out: usize, cap: usize): i32;

@external("process", "put")
export declare function put(key: usize, key_len: usize, value: usize, len: usize, out: usize, cap: usize): i32;

@external("process", "get")
export declare function get(key: usize, len: usize, out: usize, cap: usize): i32;

@external("process", "erase")
export declare function erase(key: usize, len: usize, out: usize, cap: usize): i32;

@external("process", "dictionary")
export declare function dictionary(out: usize, cap: usize): i32;

@external("process", "hibernate")
export declare function hibernate(): void;
