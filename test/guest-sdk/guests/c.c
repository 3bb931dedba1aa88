// What the tests of the C library run: one entry for each behaviour.
#include "moonlet-server.h"

static uint8_t inbox[65536], out[65536];

// Sends everything back, read and written by the library's own means where it has some.
static void copy(moonlet_reader *r, moonlet_writer *w, int depth) {
  uint32_t size;
  const uint8_t *bytes;
  uint8_t tag = r->failed || r->at >= r->end ? 0 : *r->at;
  if (depth == 0) tag = 0;
  switch (tag) {
    case 97: case 98: moonlet_put_integer(w, moonlet_get_integer(r)); return;
    case 70: moonlet_put_float(w, moonlet_get_float(r)); return;
    case 77: bytes = moonlet_get_binary(r, &size); moonlet_put_binary(w, bytes, size); return;
    case 109: bytes = moonlet_get_binary(r, &size); moonlet_put_text(w, (const char *)bytes, size); return;
    case 104:
      size = moonlet_get_tuple(r);
      moonlet_put_tuple(w, (uint8_t)size);
      for (uint32_t i = 0; i < size; i++) copy(r, w, depth - 1);
      return;
    case 106: case 108:
      size = moonlet_get_list(r);
      moonlet_put_list(w, size);
      for (uint32_t i = 0; i <= size; i++)
        if (i < size) copy(r, w, depth - 1);
        else moonlet_get_nil(r), moonlet_put_nil(w);
      return;
    case 116:
      size = moonlet_get_map(r);
      moonlet_put_map(w, size);
      for (uint32_t i = 0; i < 2 * size; i++) copy(r, w, depth - 1);
      return;
    default:
      bytes = moonlet_skip(r);
      moonlet_put_bytes(w, bytes, (uint32_t)(r->at - bytes));
  }
}

MOONLET_ENTRY(echo) {
  moonlet_reader message;
  while (moonlet_receive(0, inbox, sizeof inbox, MOONLET_FOR_EVER, &message) == 0) {
    moonlet_get_tuple(&message);
    moonlet_handle from = moonlet_get_handle(&message);
    moonlet_writer answer = moonlet_begin(out, sizeof out);
    moonlet_put_tuple(&answer, 2);
    moonlet_put_atom(&answer, "echo");
    copy(&message, &answer, 6);
    if (message.failed || moonlet_send(&from, &answer) < 0) moonlet_exit("no_echo");
  }
}

// A counter, which takes casts, counts what it does not know, and shows its state.
static int call(void *state, moonlet_reader *request, moonlet_caller *caller, moonlet_writer *reply) {
  int64_t *total = state;
  (void)caller;
  if (moonlet_is(request, "stop", 1)) {
    moonlet_put_integer(reply, *total);
    return MOONLET_STOP;
  }
  if (!moonlet_is(request, "add", 2)) return MOONLET_NOT_UNDERSTOOD;
  moonlet_put_integer(reply, *total += moonlet_get_integer(request));
  return MOONLET_REPLY;
}

static int cast(void *state, moonlet_reader *message) {
  *(int64_t *)state += moonlet_get_integer(message);
  return MOONLET_CONTINUE;
}

static int info(void *state, moonlet_reader *message) {
  (void)message;
  *(int64_t *)state += 1000;
  return MOONLET_CONTINUE;
}

static void show(void *state, moonlet_writer *to) {
  moonlet_put_integer(to, *(int64_t *)state);
}

MOONLET_ENTRY(counter) {
  static int64_t total;
  moonlet_server server = {&total, inbox, sizeof inbox, out, sizeof out, call, cast, info, 0, show};
  moonlet_serve(&server);
}

// Spawns with an argument and a monitor, and answers what it has seen.
MOONLET_ENTRY(child) {
  moonlet_reader argument = moonlet_argument(inbox, sizeof inbox);
  moonlet_exit(moonlet_get_integer(&argument) == 7 ? "seven" : "another");
}

MOONLET_ENTRY(parent) {
  moonlet_reader asked = moonlet_argument(inbox, sizeof inbox);
  moonlet_handle asker = moonlet_get_handle(&asked), pid, monitor, nobody = moonlet_name("nobody");
  moonlet_writer seven = moonlet_begin(out, sizeof out);
  moonlet_put_integer(&seven, 7);
  if (moonlet_spawn("child", &seven, MOONLET_MONITOR, &pid, &monitor) != 0) moonlet_exit("not_spawned");
  moonlet_reader down;
  moonlet_patterns downs = {0, {0}};
  moonlet_accept(&downs, "DOWN", 5);
  moonlet_receive(&downs, inbox, sizeof inbox, 5000, &down);
  moonlet_is(&down, "DOWN", 5);
  moonlet_handle of = moonlet_get_handle(&down);
  moonlet_skip(&down);
  moonlet_handle who = moonlet_get_handle(&down);
  moonlet_writer told = moonlet_begin(out, sizeof out);
  moonlet_put_list(&told, 5);
  moonlet_put_bool(&told, moonlet_same(&of, &monitor) && moonlet_same(&who, &pid));
  moonlet_put_bool(&told, moonlet_get_atom(&down, "seven"));
  moonlet_put_integer(&told, moonlet_spawn("nothing", 0, 0, 0, 0));
  moonlet_put_integer(&told, moonlet_send(&nobody, &told));
  moonlet_put_integer(&told, moonlet_receive(0, inbox, sizeof inbox, 1, &down));
  moonlet_put_nil(&told);
  moonlet_send(&asker, &told);
}

// Recursion that the optimiser cannot turn into a loop.
static volatile int zero;
__attribute__((noinline)) static int deep(int n) {
  volatile char pad[64];
  pad[n & 63] = (char)n;
  return zero ? 0 : deep(n + 1) + pad[0];
}

MOONLET_ENTRY(recurse) {
  zero = deep(1);
}
