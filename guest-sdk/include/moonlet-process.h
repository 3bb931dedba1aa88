/* moonlet-process.h: processes that send, receive, spawn and call, on top of the imports. Needs no libc and allocates nothing: whoever
 * calls brings the buffers.
 *
 *     static moonlet_handle other;
 *     static uint8_t bytes[256];
 *     moonlet_writer message = moonlet_begin(bytes, sizeof bytes);
 *     moonlet_put_atom(&message, "hello");
 *     moonlet_send(&other, &message);
 *
 * What fails gives an error code of the ABI, which is negative. */
#ifndef MOONLET_PROCESS_H
#define MOONLET_PROCESS_H

#include "moonlet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A message that is larger than the buffer for it: it is gone. */
#define MOONLET_TOO_LARGE (-100)
/* A call's server ended, or there was none: what is read is the reason. */
#define MOONLET_ENDED (-101)

/* A pid, a reference or a name: a whole term. 0 bytes stand for none. */
typedef struct {
  uint32_t length;
  uint8_t bytes[292];
} moonlet_handle;

/* What an import wrote, or an error. */
static inline int32_t moonlet_settle(moonlet_handle *handle, int32_t length) {
  if (length > (int32_t)sizeof handle->bytes) length = MOONLET_TOO_LARGE;
  handle->length = length < 0 ? 0 : (uint32_t)length;
  return length < 0 ? length : 0;
}

static inline moonlet_handle moonlet_self(void) {
  moonlet_handle self;
  moonlet_settle(&self, moonlet_process_self(self.bytes, sizeof self.bytes));
  return self;
}

/* A registered name, to send to. */
static inline moonlet_handle moonlet_name(const char *name) {
  moonlet_handle handle;
  moonlet_writer w = moonlet_begin(handle.bytes, sizeof handle.bytes);
  moonlet_put_atom(&w, name);
  handle.length = moonlet_length(&w);
  return handle;
}

/* Reads a pid, a reference or a name. */
static inline moonlet_handle moonlet_get_handle(moonlet_reader *r) {
  moonlet_handle handle;
  handle.length = moonlet_get_term(r, handle.bytes, sizeof handle.bytes);
  if (handle.length == 0) r->failed = 1;
  return handle;
}

static inline void moonlet_put_handle(moonlet_writer *w, const moonlet_handle *handle) {
  moonlet_put_term(w, handle->bytes, handle->length);
}

static inline int moonlet_same(const moonlet_handle *a, const moonlet_handle *b) {
  if (a->length != b->length) return 0;
  for (uint32_t i = 0; i < a->length; i++)
    if (a->bytes[i] != b->bytes[i]) return 0;
  return 1;
}

/* 0, also when the process is gone; MOONLET_BADARG for a name that nobody has, and for a message that did not fit its buffer. */
static inline int32_t moonlet_send(const moonlet_handle *to, const moonlet_writer *message) {
  uint32_t length = moonlet_length(message);
  if (length == 0 || to->length == 0) return MOONLET_BADARG;
  return moonlet_message_send(to->bytes, to->length, message->start, length);
}

/* Ends this process with an atom for its reason. */
static inline void moonlet_exit(const char *reason) {
  moonlet_handle atom = moonlet_name(reason);
  moonlet_process_exit(atom.bytes, atom.length);
}

/* Options of moonlet_spawn. */
#define MOONLET_LINK 1u
#define MOONLET_MONITOR 2u

/* A process that begins with an entry (MOONLET_ENTRY) of this program. `argument` may be 0; `pid` and `monitor` too, where they are of
 * no interest. 0, or an error. */
static inline int32_t moonlet_spawn(const char *entry, const moonlet_writer *argument, uint32_t options, moonlet_handle *pid,
                                    moonlet_handle *monitor) {
  uint8_t asked[64], answer[640];
  moonlet_handle name = moonlet_name(entry);
  moonlet_writer w = moonlet_begin(asked, sizeof asked);
  moonlet_put_map(&w, 2);
  moonlet_put_atom(&w, "link");
  moonlet_put_bool(&w, (options & MOONLET_LINK) != 0);
  moonlet_put_atom(&w, "monitor");
  moonlet_put_bool(&w, (options & MOONLET_MONITOR) != 0);
  uint32_t given = argument ? moonlet_length(argument) : 0;
  if (argument && given == 0) return MOONLET_BADARG;
  int32_t length = moonlet_process_spawn(name.bytes, name.length, argument ? argument->start : 0, given, asked, moonlet_length(&w),
                                         answer, sizeof answer);
  if (length < 0) return length;
  if (length > (int32_t)sizeof answer) return MOONLET_TOO_LARGE;
  moonlet_reader r = moonlet_open(answer, (uint32_t)length);
  if (options & MOONLET_MONITOR) moonlet_get_tuple(&r);
  moonlet_handle spawned = moonlet_get_handle(&r);
  if (pid) *pid = spawned;
  if (monitor && (options & MOONLET_MONITOR)) *monitor = moonlet_get_handle(&r);
  return r.failed ? MOONLET_BADARG : 0;
}

/* What this process was spawned with, in a buffer of the caller's. */
static inline moonlet_reader moonlet_argument(void *buffer, uint32_t room) {
  int32_t length = moonlet_process_argument(buffer, room);
  return moonlet_open(buffer, length < 0 || (uint32_t)length > room ? 0 : (uint32_t)length);
}

/* Which messages a receive takes: none are said, all. */
typedef struct {
  uint32_t length;
  uint8_t bytes[508];
} moonlet_patterns;

/* Takes messages `{tag, ...}` of so many elements, the tag included; the atom alone with 1. */
static inline void moonlet_accept(moonlet_patterns *patterns, const char *tag, uint8_t arity) {
  uint8_t *at = patterns->bytes + patterns->length;
  uint32_t room = sizeof patterns->bytes - patterns->length;
  if (arity != 1) {
    patterns->length += moonlet_pattern(at, room, tag, arity);
    return;
  }
  if (room < 4) return;
  moonlet_writer w = moonlet_begin(at + 4, room - 4);
  moonlet_put_atom(&w, tag);
  uint32_t length = moonlet_length(&w);
  if (length == 0) return;
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(length >> (8 * i));
  patterns->length += length + 4;
}

/* Waits for the oldest message that fits (`patterns` 0: any) and opens it in the buffer. 0; MOONLET_TIMEOUT; MOONLET_TOO_LARGE. */
static inline int32_t moonlet_receive(const moonlet_patterns *patterns, void *buffer, uint32_t room, uint32_t timeout_ms,
                                      moonlet_reader *message) {
  int32_t length =
      moonlet_message_receive(patterns ? patterns->bytes : 0, patterns ? patterns->length : 0, buffer, room, timeout_ms);
  if (length < 0) return length;
  if ((uint32_t)length > room) return MOONLET_TOO_LARGE;
  *message = moonlet_open(buffer, (uint32_t)length);
  return message->failed ? MOONLET_BADARG : 0;
}

/* Whether a message is `{tag, ...}` of so many elements (the atom alone with 1): if so the tag is read and the rest follows, else nothing
 * is read. */
static inline int moonlet_is(moonlet_reader *r, const char *tag, uint8_t arity) {
  moonlet_reader before = *r;
  if ((arity == 1 || moonlet_get_tuple(r) == arity) && moonlet_get_atom(r, tag)) return 1;
  *r = before;
  return 0;
}

/* A call that is being made. */
typedef struct {
  moonlet_handle monitor;
  moonlet_handle to;
} moonlet_call;

/* Begins a call, as gen_server:call: the request is written next, and moonlet_finish_call sends it. */
static inline moonlet_writer moonlet_begin_call(moonlet_call *call, const moonlet_handle *to, void *buffer, uint32_t room) {
  moonlet_handle self = moonlet_self();
  call->to = *to;
  /* 3: the monitor is an alias that ends with the reply. */
  moonlet_settle(&call->monitor, moonlet_process_monitor(to->bytes, to->length, 3, call->monitor.bytes, sizeof call->monitor.bytes));
  moonlet_writer w = moonlet_begin(buffer, room);
  moonlet_put_tuple(&w, 3);
  moonlet_put_atom(&w, "$gen_call");
  moonlet_put_tuple(&w, 2);
  moonlet_put_handle(&w, &self);
  moonlet_put_list(&w, 1);
  moonlet_put_atom(&w, "alias");
  moonlet_put_handle(&w, &call->monitor);
  return w;
}

/* Sends the call and waits for its reply, which is opened in the buffer. 0; MOONLET_TIMEOUT; MOONLET_ENDED when the server is gone: the
 * reason is opened then. */
static inline int32_t moonlet_finish_call(const moonlet_call *call, const moonlet_writer *request, void *buffer, uint32_t room,
                                          uint32_t timeout_ms, moonlet_reader *reply) {
  /* A name that nobody has is no error here: the monitor reports noproc. */
  if (moonlet_length(request) == 0 || call->monitor.length == 0) return MOONLET_BADARG;
  moonlet_send(&call->to, request);
  const moonlet_handle *ref = &call->monitor;
  int32_t length = moonlet_message_receive_tagged(ref->bytes, ref->length, buffer, room, timeout_ms);
  if (length == MOONLET_TIMEOUT) {
    moonlet_process_demonitor(ref->bytes, ref->length, 1);
    /* It may have come between the end of the time and the end of the alias. */
    length = moonlet_message_receive_tagged(ref->bytes, ref->length, buffer, room, 0);
  }
  if (length < 0) return length;
  if ((uint32_t)length > room) return MOONLET_TOO_LARGE;
  *reply = moonlet_open(buffer, (uint32_t)length);
  if (moonlet_is(reply, "DOWN", 5)) {
    moonlet_skip(reply);
    moonlet_skip(reply);
    moonlet_skip(reply);
    return MOONLET_ENDED;
  }
  moonlet_get_tuple(reply);
  moonlet_skip(reply);
  return reply->failed ? MOONLET_BADARG : 0;
}

/* Begins a message that expects no answer, as gen_server:cast; it is written next, and moonlet_send sends it. */
static inline moonlet_writer moonlet_begin_cast(void *buffer, uint32_t room) {
  moonlet_writer w = moonlet_begin(buffer, room);
  moonlet_put_tuple(&w, 2);
  moonlet_put_atom(&w, "$gen_cast");
  return w;
}

#ifdef __cplusplus
}
#endif

#endif
