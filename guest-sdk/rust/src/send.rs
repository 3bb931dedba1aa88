//! Sending.

use crate::address::Shown;
use crate::answer::Spare;
use crate::error::{check, Error};
use crate::fault::failed;
use crate::{abi, Address, Encode, Encoder, Pid};

static MESSAGES: Spare = Spare::new();

/// Gives a value to `with` as a whole term, in a buffer that is used again.
pub(crate) fn with_term<R>(value: impl Encode, with: impl FnOnce(&[u8]) -> R) -> R {
    let mut to = Encoder::within(MESSAGES.take());
    value.encode(&mut to);
    let result = with(to.bytes());
    MESSAGES.put(to.into_bytes());
    result
}

/// Sends a message. Sending to a process that is gone does nothing, as in Erlang.
///
/// Ends this process with `badarg` when nobody has the name, with `system_limit` when the message is too large or the mailbox takes no more;
/// [`try_send`] reports these instead.
pub fn send(to: impl Address, message: impl Encode) {
    if let Err(error) = try_send(&to, message) {
        failed(error, format_args!("send: {} is no process's name, or takes no more", Shown(&to)));
    }
}

/// As [`send`], with an error for what `send` ends the process for.
pub fn try_send(to: impl Address, message: impl Encode) -> Result<(), Error> {
    with_term(message, |message| {
        to.with_address(|to| {
            // SAFETY: all four are of slices.
            check(unsafe { abi::message::send(to.as_ptr(), to.len(), message.as_ptr(), message.len()) }).map(|_| ())
        })
    })
}

/// Sends a message to each of many processes, in their order; it is encoded and copied once, however many they are. How many could not take
/// it because their mailbox takes no more. Ends this process with `system_limit` when the message is too large.
pub fn send_all(to: &[Pid], message: impl Encode) -> usize {
    let addresses = crate::encode(to);
    let missed = with_term(message, |message| {
        // SAFETY: all four are of slices.
        check(unsafe { abi::message::send_all(addresses.as_ptr(), addresses.len(), message.as_ptr(), message.len()) })
    });
    missed.unwrap_or_else(|error| failed(error, "send_all: the message is too large"))
}
