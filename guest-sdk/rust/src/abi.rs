//! Every import of ABI version 1, as the host has it; `ABI.md` says what each means. A test holds this table against that document.
//!
//! These are raw: pointers and lengths are offsets in the guest's memory, and one that leads outside ends the process. Whatever a
//! program does with them stays inside its own sandbox. The rest of the crate is made of them.

/// Declares imports on WebAssembly. Elsewhere, where the crate is only checked and documented, they panic.
macro_rules! imports {
    ($(#[$about:meta])* $module:ident: $namespace:literal {
        $($name:literal $function:ident($($parameter:ident: $type:ty),*) $(-> $result:ty)?;)*
    }) => {
        $(#[$about])*
        pub mod $module {
            #[cfg(target_arch = "wasm32")]
            #[link(wasm_import_module = $namespace)]
            extern "C" {
                $(
                    #[link_name = $name]
                    pub fn $function($($parameter: $type),*) $(-> $result)?;
                )*
            }
            $(
                #[allow(clippy::too_many_arguments)]
                #[cfg(not(target_arch = "wasm32"))]
                pub unsafe fn $function($(_: $type),*) $(-> $result)? {
                    panic!(concat!($namespace, ".", $name, " is an import of moonlet's"))
                }
            )*
        }
    };
}

imports! {
    /// Processes.
    process: "process" {
        "self" self_(out: *mut u8, cap: usize) -> i32;
        "argument" argument(out: *mut u8, cap: usize) -> i32;
        "spawn" spawn(entry: *const u8, entry_len: usize, arg: *const u8, arg_len: usize, options: *const u8, options_len: usize, out: *mut u8, cap: usize) -> i32;
        "exit" exit(reason: *const u8, len: usize);
        "exit_signal" exit_signal(pid: *const u8, pid_len: usize, reason: *const u8, reason_len: usize) -> i32;
        "trap_exit" trap_exit(flag: i32) -> i32;
        "link" link(pid: *const u8, len: usize) -> i32;
        "unlink" unlink(pid: *const u8, len: usize) -> i32;
        "monitor" monitor(target: *const u8, len: usize, alias: i32, out: *mut u8, cap: usize) -> i32;
        "demonitor" demonitor(reference: *const u8, len: usize, flush: i32) -> i32;
        "alias" alias(reply: i32, out: *mut u8, cap: usize) -> i32;
        "unalias" unalias(reference: *const u8, len: usize) -> i32;
        "is_alive" is_alive(pid: *const u8, len: usize) -> i32;
        "info" info(pid: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "label" label(ptr: *const u8, len: usize);
        "priority" priority(level: i32) -> i32;
        "yield" yield_();
        "monitor_with" monitor_with(target: *const u8, len: usize, options: *const u8, options_len: usize, out: *mut u8, cap: usize) -> i32;
        "list" list(out: *mut u8, cap: usize) -> i32;
        "suspend" suspend(pid: *const u8, len: usize) -> i32;
        "resume" resume(pid: *const u8, len: usize) -> i32;
        "group_leader" group_leader(out: *mut u8, cap: usize) -> i32;
        "set_group_leader" set_group_leader(pid: *const u8, len: usize) -> i32;
        "items" items(pid: *const u8, pid_len: usize, items: *const u8, items_len: usize, out: *mut u8, cap: usize) -> i32;
        "put" put(key: *const u8, key_len: usize, value: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "get" get(key: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "erase" erase(key: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "dictionary" dictionary(out: *mut u8, cap: usize) -> i32;
        "hibernate" hibernate();
    }
}

imports! {
    /// Messages.
    message: "message" {
        "send" send(to: *const u8, to_len: usize, message: *const u8, len: usize) -> i32;
        "send_all" send_all(to: *const u8, to_len: usize, message: *const u8, len: usize) -> i32;
        "receive" receive(patterns: *const u8, patterns_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "receive_tagged" receive_tagged(reference: *const u8, ref_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "read" read(out: *mut u8, cap: usize) -> i32;
    }
}

imports! {
    /// Registered names.
    registry: "registry" {
        "register" register(name: *const u8, name_len: usize, pid: *const u8, pid_len: usize) -> i32;
        "unregister" unregister(name: *const u8, len: usize) -> i32;
        "whereis" whereis(name: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "registered" registered(out: *mut u8, cap: usize) -> i32;
    }
}

imports! {
    /// Process groups.
    group: "group" {
        "join" join(group: *const u8, group_len: usize, pid: *const u8, pid_len: usize) -> i32;
        "leave" leave(group: *const u8, group_len: usize, pid: *const u8, pid_len: usize) -> i32;
        "members" members(group: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "monitor" monitor(group: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "monitor_scope" monitor_scope(out: *mut u8, cap: usize) -> i32;
        "demonitor" demonitor(reference: *const u8, len: usize) -> i32;
        "kill" kill(group: *const u8, len: usize) -> i32;
        "scope" scope(name: *const u8, len: usize) -> i32;
        "list" list(out: *mut u8, cap: usize) -> i32;
    }
}

imports! {
    /// Byte streams.
    stream: "stream" {
        "open" open(capacity: u32, out: *mut u8, cap: usize) -> i32;
        "read" read(reference: *const u8, ref_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "write" write(reference: *const u8, ref_len: usize, ptr: *const u8, len: usize, timeout_ms: u32) -> i32;
        "close" close(reference: *const u8, len: usize) -> i32;
        "give" give(reference: *const u8, ref_len: usize, pid: *const u8, pid_len: usize) -> i32;
    }
}

imports! {
    /// Another program for a process while it lives.
    code: "code" {
        "load" load(ptr: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "change" change(reference: *const u8, ref_len: usize, entry: *const u8, entry_len: usize, state: *const u8, state_len: usize, out: *mut u8, cap: usize) -> i32;
        "ready" ready() -> i32;
        "lend" lend(reference: *const u8, ref_len: usize, pid: *const u8, pid_len: usize) -> i32;
        "purge" purge(reference: *const u8, len: usize) -> i32;
    }
}

imports! {
    /// Tables.
    table: "table" {
        "new" new(name: *const u8, name_len: usize, options: *const u8, options_len: usize, out: *mut u8, cap: usize) -> i32;
        "insert" insert(table: *const u8, table_len: usize, objects: *const u8, len: usize) -> i32;
        "insert_new" insert_new(table: *const u8, table_len: usize, objects: *const u8, len: usize) -> i32;
        "lookup" lookup(table: *const u8, table_len: usize, key: *const u8, key_len: usize, out: *mut u8, cap: usize) -> i32;
        "lookup_element" lookup_element(table: *const u8, table_len: usize, key: *const u8, key_len: usize, position: i32, out: *mut u8, cap: usize) -> i32;
        "member" member(table: *const u8, table_len: usize, key: *const u8, key_len: usize) -> i32;
        "take" take(table: *const u8, table_len: usize, key: *const u8, key_len: usize, out: *mut u8, cap: usize) -> i32;
        "delete" delete(table: *const u8, table_len: usize, key: *const u8, key_len: usize) -> i32;
        "delete_object" delete_object(table: *const u8, table_len: usize, object: *const u8, len: usize) -> i32;
        "delete_all_objects" delete_all_objects(table: *const u8, len: usize) -> i32;
        "delete_table" delete_table(table: *const u8, len: usize) -> i32;
        "update_counter" update_counter(table: *const u8, table_len: usize, key: *const u8, key_len: usize, update: *const u8, update_len: usize, initial: *const u8, initial_len: usize, out: *mut u8, cap: usize) -> i32;
        "update_element" update_element(table: *const u8, table_len: usize, key: *const u8, key_len: usize, updates: *const u8, updates_len: usize) -> i32;
        "select" select(table: *const u8, table_len: usize, spec: *const u8, spec_len: usize, limit: usize, out: *mut u8, cap: usize) -> i32;
        "match" match_(table: *const u8, table_len: usize, pattern: *const u8, pattern_len: usize, limit: usize, out: *mut u8, cap: usize) -> i32;
        "match_object" match_object(table: *const u8, table_len: usize, pattern: *const u8, pattern_len: usize, limit: usize, out: *mut u8, cap: usize) -> i32;
        "more" more(continuation: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "select_count" select_count(table: *const u8, table_len: usize, spec: *const u8, len: usize) -> i32;
        "select_delete" select_delete(table: *const u8, table_len: usize, spec: *const u8, len: usize) -> i32;
        "select_replace" select_replace(table: *const u8, table_len: usize, spec: *const u8, len: usize) -> i32;
        "match_delete" match_delete(table: *const u8, table_len: usize, pattern: *const u8, len: usize) -> i32;
        "first" first(table: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "last" last(table: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "next" next(table: *const u8, table_len: usize, key: *const u8, key_len: usize, out: *mut u8, cap: usize) -> i32;
        "previous" previous(table: *const u8, table_len: usize, key: *const u8, key_len: usize, out: *mut u8, cap: usize) -> i32;
        "size" size(table: *const u8, len: usize) -> i32;
        "info" info(table: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "whereis" whereis(name: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "list" list(out: *mut u8, cap: usize) -> i32;
        "rename" rename(table: *const u8, table_len: usize, name: *const u8, name_len: usize, out: *mut u8, cap: usize) -> i32;
        "give_away" give_away(table: *const u8, table_len: usize, pid: *const u8, pid_len: usize, data: *const u8, data_len: usize) -> i32;
        "set_heir" set_heir(table: *const u8, table_len: usize, pid: *const u8, pid_len: usize, data: *const u8, data_len: usize) -> i32;
        "safe_fixtable" safe_fixtable(table: *const u8, len: usize, flag: i32) -> i32;
    }
}

imports! {
    /// Timers.
    timer: "timer" {
        "send_after" send_after(ms: f64, to: *const u8, to_len: usize, message: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "start" start(ms: f64, to: *const u8, to_len: usize, message: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "cancel" cancel(reference: *const u8, len: usize) -> f64;
        "read" read(reference: *const u8, len: usize) -> f64;
    }
}

imports! {
    /// Connections and listening sockets.
    tcp: "tcp" {
        "listen" listen(port: i32, options: *const u8, options_len: usize, out: *mut u8, cap: usize) -> i32;
        "accept" accept(socket: *const u8, socket_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "connect" connect(host: *const u8, host_len: usize, port: i32, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "recv" recv(socket: *const u8, socket_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "send" send(socket: *const u8, socket_len: usize, ptr: *const u8, len: usize, timeout_ms: u32) -> i32;
        "shutdown" shutdown(socket: *const u8, len: usize) -> i32;
        "active" active(socket: *const u8, len: usize, mode: i32, count: i32) -> i32;
        "close" close(socket: *const u8, len: usize) -> i32;
        "controlling_process" controlling_process(socket: *const u8, socket_len: usize, pid: *const u8, pid_len: usize) -> i32;
        "sockname" sockname(socket: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
        "peername" peername(socket: *const u8, len: usize, out: *mut u8, cap: usize) -> i32;
    }
}

imports! {
    /// Requests that come in and go out.
    http: "http" {
        "listen" listen(port: i32, options: *const u8, options_len: usize, out: *mut u8, cap: usize) -> i32;
        "accept" accept(socket: *const u8, socket_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "active" active(socket: *const u8, len: usize, mode: i32, count: i32) -> i32;
        "respond" respond(socket: *const u8, socket_len: usize, status: i32, headers: *const u8, headers_len: usize) -> i32;
        "read" read(socket: *const u8, socket_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "write" write(socket: *const u8, socket_len: usize, ptr: *const u8, len: usize, timeout_ms: u32) -> i32;
        "finish" finish(socket: *const u8, len: usize) -> i32;
        "watch" watch(socket: *const u8, len: usize, how: i32) -> i32;
        "request" request(
            method: *const u8,
            method_len: usize,
            url: *const u8,
            url_len: usize,
            headers: *const u8,
            headers_len: usize,
            options: *const u8,
            options_len: usize,
            out: *mut u8,
            cap: usize
        ) -> i32;
        "response" response(socket: *const u8, socket_len: usize, out: *mut u8, cap: usize, timeout_ms: u32) -> i32;
        "close" close(socket: *const u8, len: usize) -> i32;
        "controlling_process" controlling_process(socket: *const u8, socket_len: usize, pid: *const u8, pid_len: usize) -> i32;
    }
}

imports! {
    /// The log.
    log: "log" {
        "write" write(level: i32, text: *const u8, len: usize);
        "report" report(report: *const u8, len: usize) -> i32;
    }
}

imports! {
    /// Grants.
    grant: "grant" {
        "has" has(grant: *const u8, len: usize) -> i32;
        "list" list(out: *mut u8, cap: usize) -> i32;
        "ask" ask(grant: *const u8, len: usize) -> i32;
        "lend" lend(grant: *const u8, len: usize, to: *const u8, to_len: usize, out: *mut u8, cap: usize) -> i32;
        "open" open(reference: *const u8, len: usize) -> i32;
        "revoke" revoke(reference: *const u8, len: usize) -> i32;
    }
}

imports! {
    /// The clock.
    clock: "clock" {
        "monotonic" monotonic() -> i64;
        "wall" wall() -> i64;
    }
}

imports! {
    /// Random bytes.
    random: "random" {
        "fill" fill(ptr: *mut u8, len: usize);
    }
}

imports! {
    /// Standard output and error.
    stdio: "stdio" {
        "write" write(stream: i32, ptr: *const u8, len: usize) -> i32;
    }
}

imports! {
    /// Marks for simulations.
    sim: "sim" {
        "reachable" reachable(name: *const u8, len: usize);
    }
}

imports! {
    /// Of AssemblyScript's standard library: a trap with a message, which panics use.
    env: "env" {
        "abort" abort(message: *const u8, file: *const u8, line: u32, column: u32);
    }
}
