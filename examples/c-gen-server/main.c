// A bank account as a gen_server, with wasi-libc: calls are answered now or later, casts are not, and sys sees the balance.
#include <stdio.h>
#include "moonlet-server.h"

typedef struct {
  int64_t balance;
  // Who waits for the balance to rise above the threshold.
  moonlet_caller waiting;
  int64_t threshold;
} account;

static int call(void *state, moonlet_reader *request, moonlet_caller *caller, moonlet_writer *reply) {
  account *own = state;
  if (moonlet_is(request, "withdraw", 2)) {
    int64_t amount = moonlet_get_integer(request);
    if (amount > own->balance) {
      moonlet_put_atom(reply, "insufficient_funds");
    } else {
      own->balance -= amount;
      moonlet_put_integer(reply, own->balance);
    }
    return MOONLET_REPLY;
  }
  if (moonlet_is(request, "when_above", 2)) {
    // No reply now: the caller goes on waiting until a deposit comes.
    own->threshold = moonlet_get_integer(request);
    own->waiting = *caller;
    return MOONLET_CONTINUE;
  }
  if (!moonlet_is(request, "close", 1)) return MOONLET_NOT_UNDERSTOOD;
  moonlet_put_atom(reply, "ok");
  return MOONLET_STOP;
}

static int cast(void *state, moonlet_reader *message) {
  account *own = state;
  if (!moonlet_is(message, "deposit", 2)) return MOONLET_NOT_UNDERSTOOD;
  own->balance += moonlet_get_integer(message);
  if (own->waiting.length > 0 && own->balance > own->threshold) {
    static uint8_t later[1024];
    moonlet_writer reply = moonlet_begin_reply(&own->waiting, later, sizeof later);
    moonlet_put_integer(&reply, own->balance);
    moonlet_reply(&own->waiting, &reply);
    own->waiting.length = 0;
  }
  return MOONLET_CONTINUE;
}

static void show(void *state, moonlet_writer *to) {
  moonlet_put_integer(to, ((account *)state)->balance);
}

static void terminate(void *state) {
  printf("the account closes with %lld\n", (long long)((account *)state)->balance);
  fflush(stdout);
}

MOONLET_ENTRY(account) {
  static account own;
  static uint8_t inbox[1024], out[1024];
  moonlet_server server = {&own, inbox, sizeof inbox, out, sizeof out, call, cast, 0, terminate, show};
  moonlet_serve(&server);
}

static uint8_t inbox[1024], out[1024];

// Asks with an atom and, unless it is -1, an amount; the answer is opened in `reply`.
static int32_t ask(const moonlet_handle *to, const char *what, int64_t amount, uint32_t timeout_ms, moonlet_reader *reply) {
  moonlet_call call;
  moonlet_writer request = moonlet_begin_call(&call, to, out, sizeof out);
  if (amount >= 0) moonlet_put_tuple(&request, 2);
  moonlet_put_atom(&request, what);
  if (amount >= 0) moonlet_put_integer(&request, amount);
  return moonlet_finish_call(&call, &request, inbox, sizeof inbox, timeout_ms, reply);
}

static void deposit(const moonlet_handle *to, int64_t amount) {
  moonlet_writer message = moonlet_begin_cast(out, sizeof out);
  moonlet_put_tuple(&message, 2);
  moonlet_put_atom(&message, "deposit");
  moonlet_put_integer(&message, amount);
  moonlet_send(to, &message);
}

int main(void) {
  moonlet_handle pid;
  moonlet_reader reply;
  if (moonlet_spawn("account", 0, MOONLET_LINK, &pid, 0) < 0) return 1;
  deposit(&pid, 100);
  if (ask(&pid, "withdraw", 30, 1000, &reply) == 0)
    printf("100 in, 30 out: %lld\n", (long long)moonlet_get_integer(&reply));
  if (ask(&pid, "withdraw", 500, 1000, &reply) == 0)
    printf("500 out: %s\n", moonlet_get_atom(&reply, "insufficient_funds") ? "insufficient funds" : "paid");
  if (ask(&pid, "when_above", 9999, 20, &reply) == MOONLET_TIMEOUT) puts("too slow: timeout");
  ask(&pid, "close", -1, 1000, &reply);
  if (ask(&pid, "close", -1, 1000, &reply) == MOONLET_ENDED && moonlet_get_atom(&reply, "noproc")) puts("it is gone");
  return 0;
}
