/* moonlet.h: what a guest written in C imports, and a few helpers to write and read terms. ABI.md says what each import means.
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

/* log, clock, random, stdio, sim */
MOONLET_IMPORT("log", "write")
void moonlet_log_write(int32_t level, const void *text, uint32_t len);
MOONLET_IMPORT("log", "report")
int32_t moonlet_log_report(const void *report, uint32_t len);
MOONLET_IMPORT("clock", "monotonic")
int64_t moonlet_clock_monotonic(void);
MOONLET_IMPORT("random", "fill")
void moonlet_random_fill(void *ptr, uint32_t len);
MOONLET_IMPORT("stdio", "write")
int32_t moonlet_stdio_write(int32_t stream, const void *ptr, uint32_t len);
MOONLET_IMPORT("sim", "reachable")
void moonlet_sim_reachable(const void *name, uint32_t len);

/* Writing terms. A writer stops at its end and then has `failed` set; what fits is written whole.
 *
 *     uint8_t bytes[64];
 *     moonlet_writer w = moonlet_begin(bytes, sizeof bytes);
 *     moonlet_put_tuple(&w, 2);
 *     moonlet_put_atom(&w, "pong");
 *     moonlet_put_integer(&w, n);
 *     moonlet_message_send(pid, pid_len, bytes, moonlet_length(&w)); */
typedef struct {
  uint8_t *start;
  uint8_t *at;
  uint8_t *end;
  int failed;
} moonlet_writer;

static inline void moonlet_put_byte(moonlet_writer *w, uint8_t byte) {
  if (w->at < w->end) *w->at++ = byte;
  else w->failed = 1;
}

static inline void moonlet_put_bytes(moonlet_writer *w, const void *bytes, uint32_t len) {
  const uint8_t *from = (const uint8_t *)bytes;
  if ((uint32_t)(w->end - w->at) < len) {
    w->failed = 1;
    return;
  }
  for (uint32_t i = 0; i < len; i++) *w->at++ = from[i];
}

static inline void moonlet_put_u32(moonlet_writer *w, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) moonlet_put_byte(w, (uint8_t)(value >> shift));
}

static inline moonlet_writer moonlet_begin(void *buffer, uint32_t cap) {
  moonlet_writer w = {(uint8_t *)buffer, (uint8_t *)buffer, (uint8_t *)buffer + cap, 0};
  moonlet_put_byte(&w, 131);
  return w;
}

/* Bytes written, or 0 when something did not fit. */
static inline uint32_t moonlet_length(const moonlet_writer *w) {
  return w->failed ? 0 : (uint32_t)(w->at - w->start);
}

static inline void moonlet_put_tuple(moonlet_writer *w, uint8_t arity) {
  moonlet_put_byte(w, 104);
  moonlet_put_byte(w, arity);
}

/* A name of at most 255 bytes. */
static inline void moonlet_put_atom(moonlet_writer *w, const char *name) {
  uint32_t len = 0;
  while (name[len] != 0) len++;
  if (len > 255) {
    w->failed = 1;
    return;
  }
  moonlet_put_byte(w, 119);
  moonlet_put_byte(w, (uint8_t)len);
  moonlet_put_bytes(w, name, len);
}

static inline void moonlet_put_integer(moonlet_writer *w, int64_t value) {
  if (value >= 0 && value <= 255) {
    moonlet_put_byte(w, 97);
    moonlet_put_byte(w, (uint8_t)value);
  } else if (value == (int32_t)value) {
    moonlet_put_byte(w, 98);
    moonlet_put_u32(w, (uint32_t)(int32_t)value);
  } else {
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint8_t size = 0;
    for (uint64_t rest = magnitude; rest != 0; rest >>= 8) size++;
    moonlet_put_byte(w, 110);
    moonlet_put_byte(w, size);
    moonlet_put_byte(w, value < 0);
    for (; magnitude != 0; magnitude >>= 8) moonlet_put_byte(w, (uint8_t)magnitude);
  }
}

/* The value has to be finite. */
static inline void moonlet_put_float(moonlet_writer *w, double value) {
  union {
    double value;
    uint64_t bits;
  } both;
  both.value = value;
  moonlet_put_byte(w, 70);
  moonlet_put_u32(w, (uint32_t)(both.bits >> 32));
  moonlet_put_u32(w, (uint32_t)both.bits);
}

/* UTF-8. */
static inline void moonlet_put_text(moonlet_writer *w, const char *text, uint32_t len) {
  moonlet_put_byte(w, 109);
  moonlet_put_u32(w, len);
  moonlet_put_bytes(w, text, len);
}

/* A term that is encoded already, version byte included: a pid from moonlet_process_self, for example. */
static inline void moonlet_put_term(moonlet_writer *w, const void *term, uint32_t len) {
  if (len == 0) w->failed = 1;
  else moonlet_put_bytes(w, (const uint8_t *)term + 1, len - 1);
}

/* A prefix pattern for moonlet_message_receive: `{tag, ...}` with so many elements, the tag included. Gives its length, or 0 when
 * it does not fit. */
static inline uint32_t moonlet_pattern(uint8_t *out, uint32_t cap, const char *tag, uint8_t arity) {
  if (cap < 4) return 0;
  moonlet_writer w = moonlet_begin(out + 4, cap - 4);
  moonlet_put_tuple(&w, arity);
  moonlet_put_atom(&w, tag);
  uint32_t len = moonlet_length(&w);
  if (len == 0) return 0;
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(len >> (8 * i));
  return len + 4;
}

/* Reading terms, from front to back. A reader that meets something else has `failed` set, and gives zeros from then on. */
typedef struct {
  const uint8_t *at;
  const uint8_t *end;
  int failed;
} moonlet_reader;

static inline uint8_t moonlet_get_byte(moonlet_reader *r) {
  if (r->failed || r->at >= r->end) {
    r->failed = 1;
    return 0;
  }
  return *r->at++;
}

static inline uint32_t moonlet_get_u32(moonlet_reader *r) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | moonlet_get_byte(r);
  return value;
}

static inline void moonlet_expect(moonlet_reader *r, uint8_t byte) {
  if (moonlet_get_byte(r) != byte) r->failed = 1;
}

/* Opens a term of `len` bytes, as a syscall has written it. */
static inline moonlet_reader moonlet_open(const void *term, uint32_t len) {
  moonlet_reader r = {(const uint8_t *)term, (const uint8_t *)term + len, 0};
  moonlet_expect(&r, 131);
  return r;
}

/* The number of elements of a tuple; they follow. */
static inline uint8_t moonlet_get_tuple(moonlet_reader *r) {
  moonlet_expect(r, 104);
  return moonlet_get_byte(r);
}

/* Whether the next term is the atom of that name; if so it is read. */
static inline int moonlet_get_atom(moonlet_reader *r, const char *name) {
  const uint8_t *from = r->at;
  if (r->failed || r->end - from < 2 || from[0] != 119 || r->end - from - 2 < from[1]) return 0;
  for (uint32_t i = 0; i < from[1]; i++)
    if (name[i] == 0 || (uint8_t)name[i] != from[2 + i]) return 0;
  if (name[from[1]] != 0) return 0;
  r->at = from + 2 + from[1];
  return 1;
}

/* An integer of at most 64 bits. */
static inline int64_t moonlet_get_integer(moonlet_reader *r) {
  uint8_t tag = moonlet_get_byte(r);
  if (tag == 97) return moonlet_get_byte(r);
  if (tag == 98) return (int32_t)moonlet_get_u32(r);
  uint8_t size = moonlet_get_byte(r);
  uint8_t negative = moonlet_get_byte(r);
  uint64_t magnitude = 0;
  if (tag != 110 || size > 8) r->failed = 1;
  for (uint8_t i = 0; i < size && !r->failed; i++) magnitude |= (uint64_t)moonlet_get_byte(r) << (8 * i);
  if (magnitude > (uint64_t)INT64_MAX + negative) r->failed = 1;
  return r->failed ? 0 : negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
}

/* The bytes of text or of a binary; their number is in *len. */
static inline const uint8_t *moonlet_get_binary(moonlet_reader *r, uint32_t *len) {
  uint8_t tag = moonlet_get_byte(r);
  uint32_t size = moonlet_get_u32(r);
  if (tag == 77) moonlet_get_byte(r);
  else if (tag != 109) r->failed = 1;
  if (r->failed || (uint32_t)(r->end - r->at) < size) {
    r->failed = 1;
    *len = 0;
    return r->at;
  }
  const uint8_t *bytes = r->at;
  r->at += size;
  *len = size;
  return bytes;
}

/* A pid of whatever node, copied as a whole term into `out`, ready to be sent to. Gives its length, or 0. */
static inline uint32_t moonlet_get_pid(moonlet_reader *r, void *out, uint32_t cap) {
  const uint8_t *from = r->at;
  moonlet_expect(r, 88);
  uint8_t tag = moonlet_get_byte(r);
  uint32_t node = moonlet_get_byte(r);
  if (tag == 118) node = node << 8 | moonlet_get_byte(r);
  else if (tag != 119) r->failed = 1;
  if (r->failed || (uint32_t)(r->end - r->at) < node + 12) {
    r->failed = 1;
    return 0;
  }
  r->at += node + 12;
  moonlet_writer w = moonlet_begin(out, cap);
  moonlet_put_bytes(&w, from, (uint32_t)(r->at - from));
  return moonlet_length(&w);
}

/* Writes one line, up to the zero byte, to the host's log: 0 error, 1 warn, 2 info, 3 debug. */
static inline void moonlet_log(int32_t level, const char *text) {
  uint32_t len = 0;
  while (text[len] != 0) len++;
  moonlet_log_write(level, text, len);
}

#ifdef __cplusplus
}
#endif

#endif
