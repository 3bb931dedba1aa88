// The imports of namespace `table`, as ABI.md specifies them. Pointers and lengths are in bytes of this module's memory.

@external("table", "new")
export declare function make(name: usize, name_len: usize, options: usize, options_len: usize, out: usize, cap: usize): i32;

@external("table", "insert")
export declare function insert(table: usize, table_len: usize, objects: usize, len: usize): i32;

@external("table", "insert_new")
export declare function insert_new(table: usize, table_len: usize, objects: usize, len: usize): i32;

@external("table", "lookup")
export declare function lookup(table: usize, table_len: usize, key: usize, key_len: usize, out: usize, cap: usize): i32;

@external("table", "lookup_element")
export declare function lookup_element(
  table: usize, table_len: usize, key: usize, key_len: usize, position: i32, out: usize, cap: usize,
): i32;

@external("table", "member")
export declare function member(table: usize, table_len: usize, key: usize, key_len: usize): i32;

@external("table", "take")
export declare function take(table: usize, table_len: usize, key: usize, key_len: usize, out: usize, cap: usize): i32;

@external("table", "delete")
export declare function remove(table: usize, table_len: usize, key: usize, key_len: usize): i32;

@external("table", "delete_object")
export declare function delete_object(table: usize, table_len: usize, object: usize, len: usize): i32;

@external("table", "delete_all_objects")
export declare function delete_all_objects(table: usize, len: usize): i32;

@external("table", "delete_table")
export declare function delete_table(table: usize, len: usize): i32;

@external("table", "update_counter")
export declare function update_counter(
  table: usize, table_len: usize, key: usize, key_len: usize, update: usize, update_len: usize, initial: usize, initial_len: usize, out: usize, cap: usize,
): i32;

@external("table", "update_element")
export declare function update_element(
  table: usize, table_len: usize, key: usize, key_len: usize, updates: usize, updates_len: usize,
): i32;

@external("table", "select")
export declare function select(
  table: usize, table_len: usize, spec: usize, spec_len: usize, limit: u32, out: usize, cap: usize,
): i32;

@external("table", "match")
export declare function match(
  table: usize, table_len: usize, pattern: usize, pattern_len: usize, limit: u32, out: usize, cap: usize,
): i32;

@external("table", "match_object")
export declare function match_object(
  table: usize, table_len: usize, pattern: usize, pattern_len: usize, limit: u32, out: usize, cap: usize,
): i32;

@external("table", "more")
export declare function more(continuation: usize, len: usize, out: usize, cap: usize): i32;

@external("table", "select_count")
export declare function select_count(table: usize, table_len: usize, spec: usize, len: usize): i32;

@external("table", "select_delete")
export declare function select_delete(table: usize, table_len: usize, spec: usize, len: usize): i32;

@external("table", "select_replace")
export declare function select_replace(table: usize, table_len: usize, spec: usize, len: usize): i32;

@external("table", "match_delete")
export declare function match_delete(table: usize, table_len: usize, pattern: usize, len: usize): i32;

@external("table", "first")
export declare function first(table: usize, len: usize, out: usize, cap: usize): i32;

@external("table", "last")
export declare function last(table: usize, len: usize, out: usize, cap: usize): i32;

@external("table", "next")
export declare function next(table: usize, table_len: usize, key: usize, key_len: usize, out: usize, cap: usize): i32;

@external("table", "previous")
export declare function previous(table: usize, table_len: usize, key: usize, key_len: usize, out: usize, cap: usize): i32;

@external("table", "size")
export declare function size(table: usize, len: usize): i32;

@external("table", "info")
export declare function info(table: usize, len: usize, out: usize, cap: usize): i32;

@external("table", "whereis")
export declare function whereis(name: usize, len: usize, out: usize, cap: usize): i32;

@external("table", "rename")
export declare function rename(table: usize, table_len: usize, name: usize, name_len: usize, out: usize, cap: usize): i32;

@external("table", "give_away")
export declare function give_away(table: usize, table_len: usize, pid: usize, pid_len: usize, data: usize, data_len: usize): i32;

@external("table", "set_heir")
export declare function set_heir(table: usize, table_len: usize, pid: usize, pid_len: usize, data: usize, data_len: usize): i32;

@external("table", "safe_fixtable")
export declare function safe_fixtable(table: usize, len: usize, flag: i32): i32;

@external("table", "list")
export declare function list(out: usize, cap: usize): i32;
