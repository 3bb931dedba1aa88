// What the tests of the C library run: one entry for each behaviour.
#include "moonlet-grants.h"
#include "moonlet-groups.h"
#include "moonlet-server.h"
#include "moonlet-streams.h"
#include "moonlet-tables.h"

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

// What processes share: each entry does something to it and sends whoever asked a list of numbers.
static moonlet_writer report(moonlet_handle *asker) {
  moonlet_reader asked = moonlet_argument(inbox, sizeof inbox);
  *asker = moonlet_get_handle(&asked);
  return moonlet_begin(out, sizeof out);
}

static void tell(moonlet_writer *w, int64_t number) {
  moonlet_put_list(w, 1);
  moonlet_put_integer(w, number);
}

static void send_report(moonlet_writer *w, const moonlet_handle *asker) {
  moonlet_put_nil(w);
  moonlet_send(asker, w);
}

static moonlet_writer text(uint8_t *bytes, const char *words) {
  moonlet_writer w = moonlet_begin(bytes, 64);
  moonlet_put_string(&w, words);
  return w;
}

MOONLET_ENTRY(tables) {
  moonlet_handle asker, stock, named = moonlet_name("stock");
  moonlet_writer w = report(&asker);
  uint8_t bytes[64], key[64], found[256];
  int64_t left = 0;
  moonlet_reader objects;
  tell(&w, moonlet_new_table("stock", MOONLET_PUBLIC | MOONLET_NAMED, &stock));
  moonlet_writer object = moonlet_begin(bytes, sizeof bytes), apples = text(key, "apples");
  moonlet_put_tuple(&object, 2);
  moonlet_put_string(&object, "apples");
  moonlet_put_integer(&object, 3);
  tell(&w, moonlet_insert(&stock, &object));
  tell(&w, moonlet_insert_new(&stock, &object));
  tell(&w, moonlet_lookup(&named, &apples, found, sizeof found, &objects));
  moonlet_get_tuple(&objects);
  moonlet_skip(&objects);
  tell(&w, moonlet_get_integer(&objects));
  moonlet_count(&stock, &apples, -1, &left);
  tell(&w, left);
  apples = text(key, "pears");
  moonlet_count(&stock, &apples, 5, &left);
  tell(&w, left);
  tell(&w, moonlet_is_member(&stock, &apples));
  tell(&w, moonlet_delete(&stock, &apples));
  tell(&w, moonlet_is_member(&stock, &apples));
  tell(&w, moonlet_count_objects(&stock));
  tell(&w, moonlet_delete_table(&stock));
  tell(&w, moonlet_insert(&stock, &object));
  send_report(&w, &asker);
}

// Reads a stream that it is sent to the end, and tells how many bytes there were, and the sum of them.
MOONLET_ENTRY(reads) {
  moonlet_handle asker;
  moonlet_writer w = report(&asker);
  moonlet_reader message;
  uint8_t bytes[77];
  int64_t count = 0, sum = 0;
  moonlet_receive(0, inbox, sizeof inbox, 5000, &message);
  moonlet_handle reader = moonlet_get_handle(&message);
  int32_t length;
  while ((length = moonlet_read_stream(&reader, bytes, sizeof bytes, 5000)) > 0)
    for (int32_t i = 0; i < length; i++) count++, sum += bytes[i];
  tell(&w, length);
  tell(&w, count);
  tell(&w, sum);
  send_report(&w, &asker);
}

MOONLET_ENTRY(streams) {
  moonlet_handle asker, reader, writer, other;
  static uint8_t many[5000];
  report(&asker);
  moonlet_writer argument = moonlet_begin(out, sizeof out);
  moonlet_put_handle(&argument, &asker);
  if (moonlet_spawn("reads", &argument, 0, &other, 0) != 0) moonlet_exit("not_spawned");
  if (moonlet_open_stream(100, &reader, &writer) != 0) moonlet_exit("not_opened");
  if (moonlet_give_stream(&reader, &other) != 0) moonlet_exit("not_given");
  moonlet_writer message = moonlet_begin(out, sizeof out);
  moonlet_put_handle(&message, &reader);
  moonlet_send(&other, &message);
  for (uint32_t i = 0; i < sizeof many; i++) many[i] = (uint8_t)i;
  if (moonlet_write_stream(&writer, many, sizeof many) != 0) moonlet_exit("not_written");
  moonlet_close_stream(&writer);
}

MOONLET_ENTRY(groups) {
  moonlet_handle asker, self = moonlet_self(), monitor;
  moonlet_writer w = report(&asker);
  uint8_t bytes[512];
  moonlet_reader members;
  tell(&w, moonlet_join("lobby", &self));
  tell(&w, moonlet_monitor_group("lobby", &monitor));
  tell(&w, moonlet_join("lobby", &self));
  tell(&w, moonlet_members("lobby", bytes, sizeof bytes, &members));
  moonlet_handle member = moonlet_get_handle(&members);
  tell(&w, moonlet_same(&member, &self));
  moonlet_receive(0, bytes, sizeof bytes, 5000, &members);
  tell(&w, moonlet_get_tuple(&members));
  tell(&w, moonlet_demonitor_group(&monitor));
  tell(&w, moonlet_leave("lobby", &self));
  tell(&w, moonlet_leave("lobby", &self));
  tell(&w, moonlet_leave("lobby", &self));
  send_report(&w, &asker);
}

// Tells how it is with a grant now, each time that it is sent something.
MOONLET_ENTRY(borrower) {
  moonlet_handle asker;
  report(&asker);
  for (;;) {
    moonlet_reader message;
    moonlet_receive(0, inbox, sizeof inbox, MOONLET_FOR_EVER, &message);
    moonlet_writer answer = moonlet_begin(out, sizeof out);
    moonlet_put_integer(&answer, moonlet_has_grant("register:own.x"));
    moonlet_send(&asker, &answer);
  }
}

MOONLET_ENTRY(grants) {
  moonlet_handle asker, self = moonlet_self(), other, loan;
  moonlet_writer w = report(&asker);
  static uint8_t bytes[1024];
  moonlet_reader answer;
  tell(&w, moonlet_has_grant("register:own.*"));
  tell(&w, moonlet_has_grant("kill"));
  tell(&w, moonlet_has_grant("nonsense"));
  tell(&w, moonlet_ask_grant("kill"));
  tell(&w, moonlet_ask_grant("register:cart.1"));
  tell(&w, moonlet_has_grant("register:cart.1"));
  moonlet_writer argument = moonlet_begin(bytes, sizeof bytes);
  moonlet_put_handle(&argument, &self);
  moonlet_writer options = moonlet_begin(inbox, sizeof inbox);
  moonlet_put_map(&options, 1);
  moonlet_put_atom(&options, "grants");
  moonlet_put_nil(&options);
  moonlet_handle entry = moonlet_name("borrower");
  moonlet_settle(&other, moonlet_process_spawn(entry.bytes, entry.length, bytes, moonlet_length(&argument), inbox,
                                               moonlet_length(&options), other.bytes, sizeof other.bytes));
  for (int round = 0; round < 3; round++) {
    if (round == 1) tell(&w, moonlet_lend_grant("register:own.*", &other, &loan));
    if (round == 2) tell(&w, moonlet_revoke_grant(&loan));
    moonlet_writer ask = moonlet_begin(bytes, sizeof bytes);
    moonlet_put_atom(&ask, "tell");
    moonlet_send(&other, &ask);
    moonlet_receive(0, inbox, sizeof inbox, 5000, &answer);
    tell(&w, moonlet_get_integer(&answer));
  }
  tell(&w, moonlet_revoke_grant(&loan));
  send_report(&w, &asker);
}
