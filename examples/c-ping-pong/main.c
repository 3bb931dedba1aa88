// Two processes that send a number back and forth.
#include "moonlet-process.h"

static uint8_t inbox[512], out[512];

MOONLET_ENTRY(pong) {
  moonlet_reader message;
  moonlet_patterns pings = {0};
  moonlet_accept(&pings, "ping", 3);
  while (moonlet_receive(&pings, inbox, sizeof inbox, MOONLET_FOR_EVER, &message) == 0) {
    moonlet_is(&message, "ping", 3);
    moonlet_handle from = moonlet_get_handle(&message);
    moonlet_writer answer = moonlet_begin(out, sizeof out);
    moonlet_put_tuple(&answer, 2);
    moonlet_put_atom(&answer, "pong");
    moonlet_put_integer(&answer, moonlet_get_integer(&message));
    if (!message.failed) moonlet_send(&from, &answer);
  }
}

MOONLET_ENTRY(main) {
  moonlet_handle self = moonlet_self(), other;
  moonlet_patterns pongs = {0};
  moonlet_accept(&pongs, "pong", 2);
  if (moonlet_spawn("pong", 0, 0, &other, 0) < 0) moonlet_exit("no_pong");
  for (int n = 0; n < 3; n++) {
    moonlet_writer ping = moonlet_begin(out, sizeof out);
    moonlet_put_tuple(&ping, 3);
    moonlet_put_atom(&ping, "ping");
    moonlet_put_handle(&ping, &self);
    moonlet_put_integer(&ping, n);
    moonlet_send(&other, &ping);

    moonlet_reader message;
    moonlet_receive(&pongs, inbox, sizeof inbox, MOONLET_FOR_EVER, &message);
    moonlet_is(&message, "pong", 2);
    char digit[2] = {(char)('0' + moonlet_get_integer(&message)), 0};
    moonlet_log(2, digit);
  }
}
