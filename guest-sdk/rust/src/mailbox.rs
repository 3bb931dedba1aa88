//! Receiving: selectively by type, or whatever comes. A message that does not fit stays in the mailbox, in its place.

use crate::answer::{answer, Spare};
use crate::error::Error;
use crate::fault::{fail, failed};
use crate::{abi, Decode, Down, Patterns, Receive, Ref, Term};

/// The timeout that never comes.
pub(crate) const FOR_EVER: u32 = u32::MAX;

static PATTERNS: Spare = Spare::new();

/// Waits for the oldest message that is a `T` and takes it out of the mailbox. What [`message!`](crate::message) declares is told by its
/// tag and its number of fields; the process ends with `{bad_message, Text}` when a field is then of another type.
///
/// ```no_run
/// # use moonlet::{message, receive, Pid};
/// message! {
///     enum Order {
///         Deposit as "deposit" { amount: i64 },
///         Balance as "balance" { from: Pid },
///     }
/// }
/// match receive::<Order>() {
///     Order::Deposit { amount } => println!("{} more", amount),
///     Order::Balance { from } => println!("{} wants to know", from),
/// }
/// ```
pub fn receive<T: Receive>() -> T {
    receive_for(FOR_EVER).unwrap_or_else(|| fail("timeout", "receive: the time that never ends has ended"))
}

/// As [`receive`], for at most `ms` milliseconds; `None` when there was none. With 0 it only looks.
pub fn receive_within<T: Receive>(ms: u32) -> Option<T> {
    receive_for(ms)
}

/// Waits for the oldest message, whatever it is.
pub fn receive_any() -> Term {
    receive()
}

/// Waits for the [`Down`] of a monitor. Costs the same however many other messages wait.
pub fn receive_down(monitor: &Ref) -> Down {
    receive_down_within(monitor, FOR_EVER).unwrap_or_else(|| fail("timeout", "receive_down: there is no such monitor"))
}

/// As [`receive_down`], for at most `ms` milliseconds; `None` when it did not come.
pub fn receive_down_within(monitor: &Ref, ms: u32) -> Option<Down> {
    receive_tagged(monitor, ms)
}

/// Lets `ms` milliseconds pass. Messages stay in the mailbox.
pub fn sleep(ms: u32) {
    // No message begins with this byte, since all begin with 131.
    let nothing = [1, 0, 0, 0, 0];
    let mut out = [0; 8];
    // SAFETY: all four are of arrays.
    unsafe { abi::message::receive(nothing.as_ptr(), nothing.len(), out.as_mut_ptr(), out.len(), ms) };
}

fn receive_for<T: Receive>(ms: u32) -> Option<T> {
    receive_like(T::patterns, ms, read)
}

/// The oldest message that fits one of the prefixes, read while its bytes are at hand; `None` when there was none in time.
pub(crate) fn receive_like<T>(fill: impl FnOnce(&mut Patterns), ms: u32, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let mut patterns = Patterns::within(PATTERNS.take());
    fill(&mut patterns);
    let prefixes = patterns.bytes();
    let message = answer(
        // SAFETY: all four are of slices.
        |out, room| unsafe { abi::message::receive(prefixes.as_ptr(), prefixes.len(), out, room, ms) },
        read,
    );
    PATTERNS.put(patterns.into_bytes());
    taken(message)
}

/// The oldest message over an alias, or of a monitor.
pub(crate) fn receive_tagged<T: Decode>(reference: &Ref, ms: u32) -> Option<T> {
    let tag = reference.bytes();
    taken(answer(
        // SAFETY: all four are of slices.
        |out, room| unsafe { abi::message::receive_tagged(tag.as_ptr(), tag.len(), out, room, ms) },
        read,
    ))
}

fn taken<T>(message: Result<T, Error>) -> Option<T> {
    match message {
        Ok(message) => Some(message),
        Err(Error::Timeout) => None,
        Err(error) => failed(error, "receive"),
    }
}

/// A message that has come, as what it has to be.
pub(crate) fn read<T: Decode>(bytes: &[u8]) -> T {
    crate::decode(bytes).unwrap_or_else(|error| fail("bad_message", error))
}
