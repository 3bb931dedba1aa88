/* moonlet-server.h: gen_server in C. On the wire it is OTP's, so that host.call, JavaScript's and other guests' clients and Erlang's
 * gen_server and sys work with it.
 *
 *     static int call(void *state, moonlet_reader *request, moonlet_caller *caller, moonlet_writer *reply) {
 *       int64_t *total = state;
 *       if (!moonlet_is(request, "add", 2)) return MOONLET_NOT_UNDERSTOOD;
 *       *total += moonlet_get_integer(request);
 *       moonlet_put_integer(reply, *total);
 *       return MOONLET_REPLY;
 *     }
 *     MOONLET_ENTRY(counter) {
 *       static int64_t total;
 *       static uint8_t inbox[1024], out[1024];
 *       moonlet_server server = {.state = &total, .inbox = inbox, .inbox_room = sizeof inbox, .out = out, .out_room = sizeof out, .call = call};
 *       moonlet_serve(&server);
 *     } */
#ifndef MOONLET_SERVER_H
#define MOONLET_SERVER_H

#include "moonlet-process.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a callback gives: what was written to `reply` is the answer; there is no answer, now; the server ends, after the answer if there is
 * one; the message is none that this server knows. */
#define MOONLET_REPLY 1
#define MOONLET_CONTINUE 0
#define MOONLET_STOP 2
#define MOONLET_NOT_UNDERSTOOD (-1)

/* Who asked, `{Pid, Tag}`: can be kept, to reply later. */
typedef struct {
  uint32_t length;
  uint8_t bytes[640];
} moonlet_caller;

typedef struct {
  /* What the callbacks are given. */
  void *state;
  /* Buffers for a message and for a reply; a larger message is dropped, with a line in the log. */
  uint8_t *inbox;
  uint32_t inbox_room;
  uint8_t *out;
  uint32_t out_room;
  /* A call; `reply` is open for the answer. Required. A request that it does not understand ends the server with bad_call. */
  int (*call)(void *state, moonlet_reader *request, moonlet_caller *caller, moonlet_writer *reply);
  /* A cast, any other message, the end; each may be 0. */
  int (*cast)(void *state, moonlet_reader *message);
  int (*info)(void *state, moonlet_reader *message);
  void (*terminate)(void *state);
  /* Writes the state as one term for sys:get_state; 0: the atom undefined. */
  void (*show)(void *state, moonlet_writer *to);
} moonlet_server;

/* Begins the answer to a call: its value is written next. */
static inline moonlet_writer moonlet_begin_reply(const moonlet_caller *caller, void *buffer, uint32_t room) {
  moonlet_reader from = moonlet_open(caller->bytes, caller->length);
  moonlet_get_tuple(&from);
  moonlet_skip(&from);
  moonlet_writer w = moonlet_begin(buffer, room);
  moonlet_put_tuple(&w, 2);
  const uint8_t *tag = moonlet_skip(&from);
  moonlet_put_bytes(&w, tag, (uint32_t)(from.at - tag));
  return w;
}

/* Sends an answer, over the alias in the tag `[alias | Ref]`, which ends when the caller stops to wait; else to the pid. */
static inline int32_t moonlet_reply(const moonlet_caller *caller, const moonlet_writer *reply) {
  moonlet_reader from = moonlet_open(caller->bytes, caller->length);
  moonlet_get_tuple(&from);
  moonlet_handle to = moonlet_get_handle(&from);
  if (from.at < from.end && *from.at == 108 && moonlet_get_list(&from) == 1 && moonlet_get_atom(&from, "alias"))
    to = moonlet_get_handle(&from);
  return moonlet_send(&to, reply);
}

static inline moonlet_caller moonlet_get_caller(moonlet_reader *r) {
  moonlet_caller caller;
  caller.length = moonlet_get_term(r, caller.bytes, sizeof caller.bytes);
  return caller;
}

/* Answers a system message. Whether the server has to end. */
static inline int moonlet_serve_system(moonlet_server *server, moonlet_reader *message, int *suspended) {
  moonlet_caller caller = moonlet_get_caller(message);
  moonlet_writer w = moonlet_begin_reply(&caller, server->out, server->out_room);
  int ends = 0;
  if (moonlet_is(message, "get_state", 1)) {
    if (server->show) server->show(server->state, &w);
    else moonlet_put_atom(&w, "undefined");
  } else if (moonlet_is(message, "suspend", 1)) {
    *suspended = 1;
    moonlet_put_atom(&w, "ok");
  } else if (moonlet_is(message, "resume", 1)) {
    *suspended = 0;
    moonlet_put_atom(&w, "ok");
  } else if (moonlet_is(message, "terminate", 2)) {
    ends = 1;
    moonlet_put_atom(&w, "ok");
  } else {
    const uint8_t *request = moonlet_skip(message);
    moonlet_put_tuple(&w, 2);
    moonlet_put_atom(&w, "error");
    moonlet_put_tuple(&w, 2);
    moonlet_put_atom(&w, "unknown_system_msg");
    moonlet_put_bytes(&w, request, (uint32_t)(message->at - request));
  }
  moonlet_reply(&caller, &w);
  return ends;
}

/* Runs a server until it stops; then whoever called this goes on. By sys:terminate with another reason than normal the process ends. */
static inline void moonlet_serve(moonlet_server *server) {
  moonlet_patterns only_system = {0, {0}};
  moonlet_accept(&only_system, "system", 3);
  int suspended = 0;
  for (;;) {
    moonlet_reader message;
    int32_t code = moonlet_receive(suspended ? &only_system : 0, server->inbox, server->inbox_room, MOONLET_FOR_EVER, &message);
    if (code < 0) {
      moonlet_log(1, "a server dropped a message that is larger than its buffer");
      continue;
    }
    int next = MOONLET_CONTINUE;
    if (moonlet_is(&message, "$gen_call", 3)) {
      moonlet_caller caller = moonlet_get_caller(&message);
      moonlet_writer reply = moonlet_begin_reply(&caller, server->out, server->out_room);
      uint8_t *begun = reply.at;
      next = server->call(server->state, &message, &caller, &reply);
      if (next == MOONLET_NOT_UNDERSTOOD || message.failed) moonlet_exit("bad_call");
      if (reply.failed) moonlet_exit("reply_too_large");
      if (next == MOONLET_REPLY || reply.at != begun) moonlet_reply(&caller, &reply);
    } else if (moonlet_is(&message, "$gen_cast", 2)) {
      next = server->cast ? server->cast(server->state, &message) : MOONLET_NOT_UNDERSTOOD;
      if (next == MOONLET_NOT_UNDERSTOOD || message.failed) moonlet_exit("bad_cast");
    } else if (moonlet_is(&message, "system", 3)) {
      moonlet_reader content = message;
      moonlet_skip(&content);
      if (moonlet_serve_system(server, &message, &suspended)) {
        if (server->terminate) server->terminate(server->state);
        moonlet_is(&content, "terminate", 2);
        moonlet_handle reason = moonlet_get_handle(&content);
        moonlet_reader why = moonlet_open(reason.bytes, reason.length);
        if (!moonlet_get_atom(&why, "normal")) moonlet_process_exit(reason.bytes, reason.length);
        return;
      }
    } else {
      next = server->info ? server->info(server->state, &message) : MOONLET_NOT_UNDERSTOOD;
      if (next == MOONLET_NOT_UNDERSTOOD) moonlet_log(1, "a server received a message that it does not know");
    }
    if (next == MOONLET_STOP) {
      if (server->terminate) server->terminate(server->state);
      return;
    }
  }
}

#ifdef __cplusplus
}
#endif

#endif
