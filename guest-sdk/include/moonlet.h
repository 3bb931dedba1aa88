/* moonlet.h: what a guest written in C imports. ABI.md says what each import means. It includes moonlet-terms.h, which writes and reads
 * terms; moonlet-process.h sends, receives, spawns and calls with them, moonlet-server.h is gen_server, and each includes those before it.
 *
 *     clang --target=wasm32 -mbulk-memory -O2 -nostdlib -Wl,--no-entry -Wl,--export-table -I guest-sdk/include guest.c -o guest.wasm
 *
 * An entry is a function without parameters: `MOONLET_ENTRY(main) { ... }` exports one as "main". Needs no libc; without
 * -mbulk-memory the compiler makes calls of memcpy, which there is none of. */
#ifndef MOONLET_H
#define MOONLET_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOONLET_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define MOONLET_ENTRY(name) __attribute__((export_name(#name))) void moonlet_entry_##name(void)

/* What a syscall returns instead of a length or a flag when it fails. */
#define MOONLET_TIMEOUT (-1)
#define MOONLET_BADARG (-2)
#define MOONLET_NOPROC (-3)
#define MOONLET_SYSTEM_LIMIT (-4)
#define MOONLET_NOT_GRANTED (-5)
#define MOONLET_NOT_EXPORTED (-6)
#define MOONLET_CLOSED (-7)
#define MOONLET_FAILED (-8)
#define MOONLET_REVOKED (-9)

/* The timeout that never comes. */
#define MOONLET_FOR_EVER 0xffffffffu

/* process */
MOONLET_IMPORT("process", "self")
int32_t moonlet_process_self(void *out, uint32_t cap);
MOONLET_IMPORT("process", "argument")
int32_t moonlet_process_argument(void *out, uint32_t cap);
MOONLET_IMPORT("process", "spawn")
int32_t moonlet_process_spawn(const void *entry, uint32_t entry_len, const void *arg, uint32_t arg_len, const void *options,
                              uint32_t options_len, void *out, uint32_t cap);
MOONLET_IMPORT("process", "exit")
void moonlet_process_exit(const void *reason, uint32_t len);
MOONLET_IMPORT("process", "exit_signal")
int32_t moonlet_process_exit_signal(const void *pid, uint32_t pid_len, const void *reason, uint32_t reason_len);
MOONLET_IMPORT("process", "trap_exit")
int32_t moonlet_process_trap_exit(int32_t flag);
MOONLET_IMPORT("process", "link")
int32_t moonlet_process_link(const void *pid, uint32_t len);
MOONLET_IMPORT("process", "unlink")
int32_t moonlet_process_unlink(const void *pid, uint32_t len);
MOONLET_IMPORT("process", "monitor")
int32_t moonlet_process_monitor(const void *target, uint32_t len, int32_t alias, void *out, uint32_t cap);
MOONLET_IMPORT("process", "demonitor")
int32_t moonlet_process_demonitor(const void *ref, uint32_t len, int32_t flush);
MOONLET_IMPORT("process", "alias")
int32_t moonlet_process_alias(int32_t reply, void *out, uint32_t cap);
MOONLET_IMPORT("process", "unalias")
int32_t moonlet_process_unalias(const void *ref, uint32_t len);
MOONLET_IMPORT("process", "is_alive")
int32_t moonlet_process_is_alive(const void *pid, uint32_t len);
MOONLET_IMPORT("process", "info")
int32_t moonlet_process_info(const void *pid, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("process", "label")
void moonlet_process_label(const void *ptr, uint32_t len);
MOONLET_IMPORT("process", "priority")
int32_t moonlet_process_priority(int32_t level);
MOONLET_IMPORT("process", "yield")
void moonlet_process_yield(void);
MOONLET_IMPORT("process", "monitor_with")
int32_t moonlet_process_monitor_with(const void *target, uint32_t len, const void *options, uint32_t options_len, void *out,
                                     uint32_t cap);
MOONLET_IMPORT("process", "list")
int32_t moonlet_process_list(void *out, uint32_t cap);
MOONLET_IMPORT("process", "suspend")
int32_t moonlet_process_suspend(const void *pid, uint32_t len);
MOONLET_IMPORT("process", "resume")
int32_t moonlet_process_resume(const void *pid, uint32_t len);
MOONLET_IMPORT("process", "group_leader")
int32_t moonlet_process_group_leader(void *out, uint32_t cap);
MOONLET_IMPORT("process", "set_group_leader")
int32_t moonlet_process_set_group_leader(const void *pid, uint32_t len);
MOONLET_IMPORT("process", "items")
int32_t moonlet_process_items(const void *pid, uint32_t pid_len, const void *items, uint32_t items_len, void *out, uint32_t cap);
MOONLET_IMPORT("process", "put")
int32_t moonlet_process_put(const void *key, uint32_t key_len, const void *value, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("process", "get")
int32_t moonlet_process_get(const void *key, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("process", "erase")
int32_t moonlet_process_erase(const void *key, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("process", "dictionary")
int32_t moonlet_process_dictionary(void *out, uint32_t cap);
MOONLET_IMPORT("process", "hibernate")
void moonlet_process_hibernate(void);

/* code */
MOONLET_IMPORT("code", "load")
int32_t moonlet_code_load(const void *ptr, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("code", "change")
int32_t moonlet_code_change(const void *ref, uint32_t ref_len, const void *entry, uint32_t entry_len, const void *state,
                            uint32_t state_len, void *out, uint32_t cap);
MOONLET_IMPORT("code", "ready")
int32_t moonlet_code_ready(void);
MOONLET_IMPORT("code", "lend")
int32_t moonlet_code_lend(const void *ref, uint32_t ref_len, const void *pid, uint32_t pid_len);
MOONLET_IMPORT("code", "purge")
int32_t moonlet_code_purge(const void *ref, uint32_t len);

/* message */
MOONLET_IMPORT("message", "send")
int32_t moonlet_message_send(const void *to, uint32_t to_len, const void *message, uint32_t len);
MOONLET_IMPORT("message", "send_all")
int32_t moonlet_message_send_all(const void *to, uint32_t to_len, const void *message, uint32_t len);
MOONLET_IMPORT("message", "receive")
int32_t moonlet_message_receive(const void *patterns, uint32_t patterns_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("message", "receive_tagged")
int32_t moonlet_message_receive_tagged(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("message", "read")
int32_t moonlet_message_read(void *out, uint32_t cap);

/* grant */
MOONLET_IMPORT("grant", "has")
int32_t moonlet_grant_has(const void *grant, uint32_t len);
MOONLET_IMPORT("grant", "list")
int32_t moonlet_grant_list(void *out, uint32_t cap);
MOONLET_IMPORT("grant", "ask")
int32_t moonlet_grant_ask(const void *grant, uint32_t len);
MOONLET_IMPORT("grant", "lend")
int32_t moonlet_grant_lend(const void *grant, uint32_t len, const void *to, uint32_t to_len, void *out, uint32_t cap);
MOONLET_IMPORT("grant", "open")
int32_t moonlet_grant_open(const void *ref, uint32_t len);
MOONLET_IMPORT("grant", "revoke")
int32_t moonlet_grant_revoke(const void *ref, uint32_t len);

/* registry */
MOONLET_IMPORT("registry", "register")
int32_t moonlet_registry_register(const void *name, uint32_t name_len, const void *pid, uint32_t pid_len);
MOONLET_IMPORT("registry", "unregister")
int32_t moonlet_registry_unregister(const void *name, uint32_t len);
MOONLET_IMPORT("registry", "whereis")
int32_t moonlet_registry_whereis(const void *name, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("registry", "registered")
int32_t moonlet_registry_registered(void *out, uint32_t cap);

/* group */
MOONLET_IMPORT("group", "join")
int32_t moonlet_group_join(const void *group, uint32_t group_len, const void *pid, uint32_t pid_len);
MOONLET_IMPORT("group", "leave")
int32_t moonlet_group_leave(const void *group, uint32_t group_len, const void *pid, uint32_t pid_len);
MOONLET_IMPORT("group", "members")
int32_t moonlet_group_members(const void *group, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("group", "monitor")
int32_t moonlet_group_monitor(const void *group, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("group", "monitor_scope")
int32_t moonlet_group_monitor_scope(void *out, uint32_t cap);
MOONLET_IMPORT("group", "demonitor")
int32_t moonlet_group_demonitor(const void *ref, uint32_t len);
MOONLET_IMPORT("group", "kill")
int32_t moonlet_group_kill(const void *group, uint32_t len);
MOONLET_IMPORT("group", "scope")
int32_t moonlet_group_scope(const void *name, uint32_t len);
MOONLET_IMPORT("group", "list")
int32_t moonlet_group_list(void *out, uint32_t cap);

/* stream */
MOONLET_IMPORT("stream", "open")
int32_t moonlet_stream_open(uint32_t capacity, void *out, uint32_t cap);
MOONLET_IMPORT("stream", "read")
int32_t moonlet_stream_read(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("stream", "write")
int32_t moonlet_stream_write(const void *ref, uint32_t ref_len, const void *ptr, uint32_t len, uint32_t timeout_ms);
MOONLET_IMPORT("stream", "close")
int32_t moonlet_stream_close(const void *ref, uint32_t len);
MOONLET_IMPORT("stream", "give")
int32_t moonlet_stream_give(const void *ref, uint32_t ref_len, const void *pid, uint32_t pid_len);

/* table */
MOONLET_IMPORT("table", "new")
int32_t moonlet_table_new(const void *name, uint32_t name_len, const void *options, uint32_t options_len, void *out,
                          uint32_t cap);
MOONLET_IMPORT("table", "insert")
int32_t moonlet_table_insert(const void *table, uint32_t table_len, const void *objects, uint32_t len);
MOONLET_IMPORT("table", "insert_new")
int32_t moonlet_table_insert_new(const void *table, uint32_t table_len, const void *objects, uint32_t len);
MOONLET_IMPORT("table", "lookup")
int32_t moonlet_table_lookup(const void *table, uint32_t table_len, const void *key, uint32_t key_len, void *out,
                             uint32_t cap);
MOONLET_IMPORT("table", "lookup_element")
int32_t moonlet_table_lookup_element(const void *table, uint32_t table_len, const void *key, uint32_t key_len,
                                     int32_t position, void *out, uint32_t cap);
MOONLET_IMPORT("table", "member")
int32_t moonlet_table_member(const void *table, uint32_t table_len, const void *key, uint32_t key_len);
MOONLET_IMPORT("table", "take")
int32_t moonlet_table_take(const void *table, uint32_t table_len, const void *key, uint32_t key_len, void *out,
                           uint32_t cap);
MOONLET_IMPORT("table", "delete")
int32_t moonlet_table_delete(const void *table, uint32_t table_len, const void *key, uint32_t key_len);
MOONLET_IMPORT("table", "delete_object")
int32_t moonlet_table_delete_object(const void *table, uint32_t table_len, const void *object, uint32_t len);
MOONLET_IMPORT("table", "delete_all_objects")
int32_t moonlet_table_delete_all_objects(const void *table, uint32_t len);
MOONLET_IMPORT("table", "delete_table")
int32_t moonlet_table_delete_table(const void *table, uint32_t len);
MOONLET_IMPORT("table", "update_counter")
int32_t moonlet_table_update_counter(const void *table, uint32_t table_len, const void *key, uint32_t key_len,
                                     const void *update, uint32_t update_len, const void *initial, uint32_t initial_len,
                                     void *out, uint32_t cap);
MOONLET_IMPORT("table", "update_element")
int32_t moonlet_table_update_element(const void *table, uint32_t table_len, const void *key, uint32_t key_len,
                                     const void *updates, uint32_t updates_len);
MOONLET_IMPORT("table", "select")
int32_t moonlet_table_select(const void *table, uint32_t table_len, const void *spec, uint32_t spec_len, uint32_t limit,
                             void *out, uint32_t cap);
MOONLET_IMPORT("table", "match")
int32_t moonlet_table_match(const void *table, uint32_t table_len, const void *pattern, uint32_t pattern_len, uint32_t limit,
                            void *out, uint32_t cap);
MOONLET_IMPORT("table", "match_object")
int32_t moonlet_table_match_object(const void *table, uint32_t table_len, const void *pattern, uint32_t pattern_len,
                                   uint32_t limit, void *out, uint32_t cap);
MOONLET_IMPORT("table", "more")
int32_t moonlet_table_more(const void *continuation, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("table", "select_count")
int32_t moonlet_table_select_count(const void *table, uint32_t table_len, const void *spec, uint32_t len);
MOONLET_IMPORT("table", "select_delete")
int32_t moonlet_table_select_delete(const void *table, uint32_t table_len, const void *spec, uint32_t len);
MOONLET_IMPORT("table", "select_replace")
int32_t moonlet_table_select_replace(const void *table, uint32_t table_len, const void *spec, uint32_t len);
MOONLET_IMPORT("table", "match_delete")
int32_t moonlet_table_match_delete(const void *table, uint32_t table_len, const void *pattern, uint32_t len);
MOONLET_IMPORT("table", "first")
int32_t moonlet_table_first(const void *table, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("table", "last")
int32_t moonlet_table_last(const void *table, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("table", "next")
int32_t moonlet_table_next(const void *table, uint32_t table_len, const void *key, uint32_t key_len, void *out,
                           uint32_t cap);
MOONLET_IMPORT("table", "previous")
int32_t moonlet_table_previous(const void *table, uint32_t table_len, const void *key, uint32_t key_len, void *out,
                               uint32_t cap);
MOONLET_IMPORT("table", "size")
int32_t moonlet_table_size(const void *table, uint32_t len);
MOONLET_IMPORT("table", "info")
int32_t moonlet_table_info(const void *table, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("table", "whereis")
int32_t moonlet_table_whereis(const void *name, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("table", "list")
int32_t moonlet_table_list(void *out, uint32_t cap);
MOONLET_IMPORT("table", "rename")
int32_t moonlet_table_rename(const void *table, uint32_t table_len, const void *name, uint32_t name_len, void *out,
                             uint32_t cap);
MOONLET_IMPORT("table", "give_away")
int32_t moonlet_table_give_away(const void *table, uint32_t table_len, const void *pid, uint32_t pid_len, const void *data,
                                uint32_t data_len);
MOONLET_IMPORT("table", "set_heir")
int32_t moonlet_table_set_heir(const void *table, uint32_t table_len, const void *pid, uint32_t pid_len, const void *data,
                               uint32_t data_len);
MOONLET_IMPORT("table", "safe_fixtable")
int32_t moonlet_table_safe_fixtable(const void *table, uint32_t len, int32_t flag);

/* timer */
MOONLET_IMPORT("timer", "send_after")
int32_t moonlet_timer_send_after(double ms, const void *to, uint32_t to_len, const void *message, uint32_t len, void *out,
                                 uint32_t cap);
MOONLET_IMPORT("timer", "start")
int32_t moonlet_timer_start(double ms, const void *to, uint32_t to_len, const void *message, uint32_t len, void *out,
                            uint32_t cap);
MOONLET_IMPORT("timer", "cancel")
double moonlet_timer_cancel(const void *ref, uint32_t len);
MOONLET_IMPORT("timer", "read")
double moonlet_timer_read(const void *ref, uint32_t len);

/* tcp */
MOONLET_IMPORT("tcp", "listen")
int32_t moonlet_tcp_listen(int32_t port, const void *options, uint32_t options_len, void *out, uint32_t cap);
MOONLET_IMPORT("tcp", "accept")
int32_t moonlet_tcp_accept(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("tcp", "connect")
int32_t moonlet_tcp_connect(const void *host, uint32_t host_len, int32_t port, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("tcp", "recv")
int32_t moonlet_tcp_recv(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("tcp", "send")
int32_t moonlet_tcp_send(const void *ref, uint32_t ref_len, const void *ptr, uint32_t len, uint32_t timeout_ms);
MOONLET_IMPORT("tcp", "shutdown")
int32_t moonlet_tcp_shutdown(const void *ref, uint32_t len);
MOONLET_IMPORT("tcp", "active")
int32_t moonlet_tcp_active(const void *ref, uint32_t len, int32_t mode, int32_t count);
MOONLET_IMPORT("tcp", "close")
int32_t moonlet_tcp_close(const void *ref, uint32_t len);
MOONLET_IMPORT("tcp", "controlling_process")
int32_t moonlet_tcp_controlling_process(const void *ref, uint32_t ref_len, const void *pid, uint32_t pid_len);
MOONLET_IMPORT("tcp", "sockname")
int32_t moonlet_tcp_sockname(const void *ref, uint32_t len, void *out, uint32_t cap);
MOONLET_IMPORT("tcp", "peername")
int32_t moonlet_tcp_peername(const void *ref, uint32_t len, void *out, uint32_t cap);

/* http */
MOONLET_IMPORT("http", "listen")
int32_t moonlet_http_listen(int32_t port, const void *options, uint32_t options_len, void *out, uint32_t cap);
MOONLET_IMPORT("http", "accept")
int32_t moonlet_http_accept(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("http", "active")
int32_t moonlet_http_active(const void *ref, uint32_t len, int32_t mode, int32_t count);
MOONLET_IMPORT("http", "respond")
int32_t moonlet_http_respond(const void *ref, uint32_t ref_len, int32_t status, const void *headers, uint32_t headers_len);
MOONLET_IMPORT("http", "read")
int32_t moonlet_http_read(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("http", "write")
int32_t moonlet_http_write(const void *ref, uint32_t ref_len, const void *ptr, uint32_t len, uint32_t timeout_ms);
MOONLET_IMPORT("http", "finish")
int32_t moonlet_http_finish(const void *ref, uint32_t len);
MOONLET_IMPORT("http", "watch")
int32_t moonlet_http_watch(const void *ref, uint32_t len, int32_t how);
MOONLET_IMPORT("http", "request")
int32_t moonlet_http_request(const void *method, uint32_t method_len, const void *url, uint32_t url_len, const void *headers,
                             uint32_t headers_len, const void *options, uint32_t options_len, void *out, uint32_t cap);
MOONLET_IMPORT("http", "response")
int32_t moonlet_http_response(const void *ref, uint32_t ref_len, void *out, uint32_t cap, uint32_t timeout_ms);
MOONLET_IMPORT("http", "close")
int32_t moonlet_http_close(const void *ref, uint32_t len);
MOONLET_IMPORT("http", "controlling_process")
int32_t moonlet_http_controlling_process(const void *ref, uint32_t ref_len, const void *pid, uint32_t pid_len);

/* log, clock, random, stdio, sim */
MOONLET_IMPORT("log", "write")
void moonlet_log_write(int32_t level, const void *text, uint32_t len);
MOONLET_IMPORT("log", "report")
int32_t moonlet_log_report(const void *report, uint32_t len);
MOONLET_IMPORT("clock", "monotonic")
int64_t moonlet_clock_monotonic(void);
MOONLET_IMPORT("clock", "wall")
int64_t moonlet_clock_wall(void);
MOONLET_IMPORT("random", "fill")
void moonlet_random_fill(void *ptr, uint32_t len);
MOONLET_IMPORT("stdio", "write")
int32_t moonlet_stdio_write(int32_t stream, const void *ptr, uint32_t len);
MOONLET_IMPORT("sim", "reachable")
void moonlet_sim_reachable(const void *name, uint32_t len);

/* Writes one line, up to the zero byte, to the host's log: 0 error, 1 warn, 2 info, 3 debug. */
static inline void moonlet_log(int32_t level, const char *text) {
  uint32_t len = 0;
  while (text[len] != 0) len++;
  moonlet_log_write(level, text, len);
}

#ifdef __cplusplus
}
#endif

#include "moonlet-terms.h"

#endif
