//! What a program in Rust needs to be a [moonlet](../../README.md) process.
//!
//! ```no_run
//! use moonlet::{entry, log, message, receive, self_pid, send, spawn, Pid};
//!
//! message! { struct Ping as "ping" { from: Pid, n: i64 } }
//! message! { struct Pong as "pong" { n: i64 } }
//!
//! fn pong() {
//!     loop {
//!         let ping: Ping = receive();
//!         send(&ping.from, Pong { n: ping.n });
//!     }
//! }
//!
//! fn ping() {
//!     let pong = spawn(pong);
//!     for n in 0..3 {
//!         send(&pong, Ping { from: self_pid(), n });
//!         log::info(&receive::<Pong>().n.to_string());
//!     }
//! }
//! entry!("main" => ping);
//! # fn main() {}
//! ```
//!
//! A process is an instance of its own: nothing is shared, also not statics. What the program cannot go on without (a spawn, a send to a
//! name that nobody has) ends it when it fails, with Erlang's word for its exit reason; the `try_` forms give an [`Error`] instead.
//!
//! The crate needs `alloc`, and `std` only for the feature of that name (on by default), with which a panic ends its process with the panic's
//! message and place.

#![no_std]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[allow(missing_docs, clippy::missing_safety_doc)]
pub mod abi;
mod address;
mod answer;
mod call;
mod entry;
mod error;
mod fault;
pub mod grant;
pub mod group;
pub mod log;
mod mailbox;
mod message;
mod process;
pub mod registry;
mod send;
mod server;
mod spawn;
mod start;
pub mod stdio;
pub mod stream;
mod system;
pub mod table;
#[allow(missing_docs)]
mod term;
mod time;
pub mod timer;

pub use address::{Address, RemoteName};
pub use call::{call, cast, send_request, try_call, CallError, Request, DEFAULT_CALL_TIMEOUT_MS};
pub use entry::panicked;
#[doc(hidden)]
pub use entry::{run_entry, spawned};
pub use error::Error;
pub use fault::{exit, fail};
pub use mailbox::{receive, receive_any, receive_down, receive_down_within, receive_within, sleep};
pub use message::{Down, Exit};
pub use process::*;
pub use send::{send, send_all, try_send};
pub use server::{Caller, Next, Refusal, Server};
pub use spawn::{spawn, spawn_link, spawn_monitor, spawn_with, Monitored, Priority, SpawnOptions};
pub use start::{serve, start, start_link, start_with, StartError};
pub use term::{
    decode, encode, Atom, Bytes, Decode, DecodeError, Decoder, Encode, Encoder, Patterns, Pid, Receive, Ref, Term,
};
pub use time::{monotonic_ms, monotonic_ns, random_bytes, random_u64};
