// Two processes that send a number back and forth. Run it with `moonlet run examples/ping-pong/main.ts`.
import { self, spawn, send, receive, log, Pid } from "moonlet/guest-sdk";

@message class Ping { constructor(public from: Pid, public n: i32) {} }      // on the wire: {ping, From, N}
@message class Pong { constructor(public n: i32) {} }                        // {pong, N}

function pong(): void {
  while (true) {
    const m = receive<Ping>();
    send(m.from, new Pong(m.n));
  }
}

export function main(): void {
  const p = spawn(pong);
  for (let i = 0; i < 3; i++) {
    send(p, new Ping(self(), i));
    log.info(receive<Pong>().n.toString());
  }
}
