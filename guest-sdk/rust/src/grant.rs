//! What this process may do: asked for, lent and taken back while it runs. A grant is written as on the command line, `register:cart.*`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::answer::answer;
use crate::error::{check, Error};
use crate::fault::failed;
use crate::mailbox::read;
use crate::{abi, Pid, Ref};

/// Whether this process may do that now. Ends it with `badarg` for what is no grant.
pub fn has(grant: &str) -> bool {
    // SAFETY: both are of a slice.
    match check(unsafe { abi::grant::has(grant.as_ptr(), grant.len()) }) {
        Ok(held) => held == 1,
        Err(error) => failed(error, format_args!("grant::has: {}", grant)),
    }
}

/// All that it may do now, what is lent to it included.
pub fn list() -> Vec<String> {
    // SAFETY: the buffer has that much room.
    answer(|out, room| unsafe { abi::grant::list(out, room) }, read).unwrap_or_else(|error| failed(error, "grant::list"))
}

/// Asks whoever runs the host, and waits for the answer: the process then has the grant for good, or `NotGranted`.
///
/// ```no_run
/// # use moonlet::{grant, registry, self_pid};
/// if grant::ask("register:cart.1").is_ok() {
///     registry::register("cart.1", &self_pid()).unwrap();
/// }
/// ```
pub fn ask(grant: &str) -> Result<(), Error> {
    // SAFETY: both are of a slice.
    check(unsafe { abi::grant::ask(grant.as_ptr(), grant.len()) }).map(|_| ())
}

/// Lends what this process may do, or `directory:NAME:read` or `directory:NAME:write`, to another one, until it is taken back or one of the
/// two ends. The loan.
///
/// ```no_run
/// # use moonlet::{grant, Pid};
/// # fn with(worker: Pid) {
/// let loan = grant::lend("register:cart.*", &worker).unwrap();
/// grant::revoke(&loan);
/// # }
/// ```
pub fn lend(grant: &str, to: &Pid) -> Result<Ref, Error> {
    let to = to.bytes();
    // SAFETY: all are of slices.
    answer(|out, room| unsafe { abi::grant::lend(grant.as_ptr(), grant.len(), to.as_ptr(), to.len(), out, room) }, read)
}

/// Takes a loan back, or gives it back. False when it is over already.
pub fn revoke(loan: &Ref) -> bool {
    // SAFETY: both are of a slice.
    unsafe { abi::grant::revoke(loan.bytes().as_ptr(), loan.bytes().len()) == 1 }
}
