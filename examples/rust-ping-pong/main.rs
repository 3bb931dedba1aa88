// Two processes that send a number back and forth.
use moonlet::{entry, log, message, receive, self_pid, send, spawn, Pid};

message! { struct Ping as "ping" { from: Pid, n: i64 } } // on the wire: {ping, From, N}
message! { struct Pong as "pong" { n: i64 } } // {pong, N}

fn pong() {
    loop {
        let ping: Ping = receive();
        send(&ping.from, Pong { n: ping.n });
    }
}

fn ping() {
    let pong = spawn(pong);
    for n in 0..3 {
        send(&pong, Ping { from: self_pid(), n });
        log::info(&receive::<Pong>().n.to_string());
    }
}

entry!("main" => ping, "pong" => pong);
