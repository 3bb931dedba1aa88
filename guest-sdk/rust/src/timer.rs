//! Messages that are sent later.

use crate::address::Shown;
use crate::answer::answer;
use crate::error::Error;
use crate::fault::failed;
use crate::mailbox::read;
use crate::send::with_term;
use crate::{abi, Address, Encode, Ref, Term};

crate::message! {
    /// A timer of [`start`] fired: `{timeout, Ref, Message}`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Timeout as "timeout" {
        /// The timer.
        pub timer: Ref,
        /// What it was started with.
        pub message: Term,
    }
}

/// `timeout`: what arrives is a [`Timeout`].
fn begin(ms: f64, to: &impl Address, message: impl Encode, timeout: bool) -> Result<Ref, Error> {
    with_term(message, |message| {
        to.with_address(|to| {
            let (to, to_len, message, len) = (to.as_ptr(), to.len(), message.as_ptr(), message.len());
            // SAFETY: all are of slices.
            let import = |out, room| unsafe {
                match timeout {
                    true => abi::timer::start(ms, to, to_len, message, len, out, room),
                    false => abi::timer::send_after(ms, to, to_len, message, len, out, room),
                }
            };
            answer(import, read)
        })
    })
}

/// Sends the message in so many milliseconds, to a pid or a name; the timer.
///
/// ```no_run
/// # use moonlet::{receive, self_pid, timer};
/// timer::send_after(100.0, self_pid(), "time is over");
/// let told: String = receive();
/// ```
pub fn send_after(ms: f64, to: impl Address, message: impl Encode) -> Ref {
    begin(ms, &to, message, false)
        .unwrap_or_else(|error| failed(error, format_args!("send_after: {} ms, to {}", ms, Shown(&to))))
}

/// As [`send_after`]; what arrives is a [`Timeout`], which names the timer.
pub fn start(ms: f64, to: impl Address, message: impl Encode) -> Ref {
    begin(ms, &to, message, true)
        .unwrap_or_else(|error| failed(error, format_args!("timer::start: {} ms, to {}", ms, Shown(&to))))
}

/// Stops a timer. How many milliseconds were left; `None` when it has fired or was stopped before.
pub fn cancel(timer: &Ref) -> Option<f64> {
    // SAFETY: both are of a slice.
    left(unsafe { abi::timer::cancel(timer.bytes().as_ptr(), timer.bytes().len()) })
}

/// How many milliseconds are left.
pub fn left_of(timer: &Ref) -> Option<f64> {
    // SAFETY: both are of a slice.
    left(unsafe { abi::timer::read(timer.bytes().as_ptr(), timer.bytes().len()) })
}

fn left(ms: f64) -> Option<f64> {
    (ms >= 0.0).then_some(ms)
}
