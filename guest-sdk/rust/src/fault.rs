//! Ending this process.

use core::fmt::Display;

use alloc::format;

use crate::error::Error;
use crate::{abi, Encode, Encoder};

/// Ends this process with a reason, which those that are linked with it or monitor it learn. `Atom::new("normal")` is an orderly end.
///
/// ```no_run
/// use moonlet::{exit, Atom};
/// exit((Atom::new("shutdown"), "nobody is left to serve"));
/// ```
pub fn exit(reason: impl Encode) -> ! {
    let mut bytes = Encoder::new();
    reason.encode(&mut bytes);
    let bytes = bytes.bytes();
    // SAFETY: both are of a slice.
    unsafe { abi::process::exit(bytes.as_ptr(), bytes.len()) };
    unreachable!("process.exit never returns")
}

/// Ends this process with `{Word, Text}`, as the library does when something was used wrongly.
pub fn fail(word: &str, text: impl Display) -> ! {
    let mut reason = Encoder::new();
    reason.tuple(2);
    reason.atom(word);
    reason.text(&format!("{}", text));
    let bytes = reason.bytes();
    // SAFETY: both are of a slice.
    unsafe { abi::process::exit(bytes.as_ptr(), bytes.len()) };
    unreachable!("process.exit never returns")
}

/// Ends this process because of an error; `what` begins with the function's name.
pub(crate) fn failed(error: Error, what: impl Display) -> ! {
    match error {
        // As in Erlang, the bare word: supervisors and monitors match on it.
        Error::NoProc => exit(crate::Atom::new("noproc")),
        _ => fail(error.word(), what),
    }
}
