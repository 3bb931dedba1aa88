//! Requests and replies, as gen_server does them: `{'$gen_call', {Pid, [alias | Ref]}, Request}` one way, `{[alias | Ref], Reply}` to the
//! alias the other. So guests, JavaScript's servers and Erlang's own understand each other.

use core::fmt;
use core::marker::PhantomData;

use crate::address::Shown;
use crate::fault::fail;
use crate::mailbox::{receive_tagged, FOR_EVER};
use crate::process::{demonitor, monitor_as, self_pid};
use crate::send::try_send;
use crate::{exit, Address, Atom, Decode, DecodeError, Decoder, Down, Encode, Encoder, Ref, Term};

/// Milliseconds, as in gen_server.
pub const DEFAULT_CALL_TIMEOUT_MS: u32 = 5000;

const REPLY_DEMONITOR: i32 = 3;

/// Why a call has no reply: the atom timeout, or the server's exit reason (noproc when there was no server).
#[derive(Clone, Debug, PartialEq)]
pub struct CallError {
    /// The term.
    pub reason: Term,
}

impl CallError {
    /// Whether it is the time that was over.
    pub fn timed_out(&self) -> bool {
        self.reason.is_atom("timeout")
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "no reply: {}", self.reason)
    }
}

/// Asks a server and waits for its reply, for at most five seconds. As in Erlang this process ends when the server does first (with
/// `{Reason, Text}`) or the time is over (with `{timeout, Text}`); [`try_call`] reports these instead.
///
/// ```no_run
/// # use moonlet::call;
/// let total: i64 = call("counter", ("add", 2));
/// ```
pub fn call<R: Decode>(to: impl Address, request: impl Encode) -> R {
    match try_call(&to, request, DEFAULT_CALL_TIMEOUT_MS) {
        Ok(reply) => reply,
        Err(error) => exit((error.reason, alloc::format!("call to {} failed", Shown(&to)))),
    }
}

/// As [`call`], for at most so many milliseconds, and tells what happened. A reply that comes too late is dropped.
pub fn try_call<R: Decode>(to: impl Address, request: impl Encode, timeout_ms: u32) -> Result<R, CallError> {
    let itself = to.with_address(|address| address == self_pid().bytes());
    if itself {
        // It would wait for itself.
        return Err(CallError { reason: Term::atom("calling_self") });
    }
    send_request(to, request).wait(timeout_ms)
}

/// A request whose answer is fetched later. Dropping it changes nothing: the reply then lies in the mailbox as `{[alias | Ref], Reply}`.
#[must_use]
pub struct Request<R> {
    monitor: Ref,
    reply: PhantomData<fn() -> R>,
}

/// Sends a request and does not wait. Never fails: that a server is not there is found in the answer.
///
/// ```no_run
/// # use moonlet::{send_request, Request};
/// let (one, other): (Request<i64>, Request<i64>) = (send_request("a", 1), send_request("b", 2));
/// let both = one.wait(1000).unwrap() + other.wait(1000).unwrap();
/// ```
pub fn send_request<R: Decode>(to: impl Address, request: impl Encode) -> Request<R> {
    let monitor = monitor_as(&to, REPLY_DEMONITOR);
    // A name that nobody has is no error here: the monitor reports noproc.
    let _ = try_send(to, Call { monitor: &monitor, request });
    Request { monitor, reply: PhantomData }
}

impl<R: Decode> Request<R> {
    /// Waits for the answer for at most so many milliseconds; then the request is given up, and a late answer is dropped.
    pub fn wait(self, timeout_ms: u32) -> Result<R, CallError> {
        let answer = receive_tagged(&self.monitor, timeout_ms).or_else(|| {
            demonitor(&self.monitor);
            // It may have come between the end of the time and the end of the alias.
            receive_tagged(&self.monitor, 0)
        });
        match answer {
            Some(Answer::Reply(reply)) => Ok(reply),
            Some(Answer::Down(down)) => Err(CallError { reason: down.reason }),
            None => Err(CallError { reason: Term::atom("timeout") }),
        }
    }

    /// As `wait`, for ever.
    pub fn wait_for_ever(self) -> Result<R, CallError> {
        self.wait(FOR_EVER)
    }
}

/// Sends a message that expects no answer, as gen_server:cast: `{'$gen_cast', Message}`. A name that nobody has is no error.
pub fn cast(to: impl Address, message: impl Encode) {
    if let Err(error @ crate::Error::SystemLimit) = try_send(to, (Atom::new("$gen_cast"), message)) {
        fail(error.word(), "cast: the message is too large, or the mailbox takes no more");
    }
}

struct Call<'a, T> {
    monitor: &'a Ref,
    request: T,
}

impl<T: Encode> Encode for Call<'_, T> {
    fn encode(&self, to: &mut Encoder) {
        to.tuple(3);
        to.atom("$gen_call");
        to.tuple(2);
        self_pid().encode(to);
        to.list(1);
        to.atom("alias");
        self.monitor.encode(to);
        self.request.encode(to);
    }
}

enum Answer<R> {
    Reply(R),
    Down(Down),
}

impl<R: Decode> Decode for Answer<R> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let before = from.mark();
        if let Ok(("DOWN", 5)) = from.message() {
            from.rewind(before);
            return Down::decode(from).map(Answer::Down);
        }
        from.rewind(before);
        from.tuple()?;
        from.skip()?;
        R::decode(from).map(Answer::Reply).map_err(|error| error.within("reply"))
    }
}
