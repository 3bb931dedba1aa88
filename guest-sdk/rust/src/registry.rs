//! Names of processes. Registering and unregistering need the grant `register`.

use alloc::vec::Vec;

use crate::answer::answer;
use crate::error::{check, Error};
use crate::fault::failed;
use crate::mailbox::read;
use crate::{abi, Atom, Encoder, Pid};

/// Gives a name as a term.
pub(crate) fn with_name<R>(name: &str, with: impl FnOnce(*const u8, usize) -> R) -> R {
    let mut term = Encoder::new();
    term.atom(name);
    with(term.bytes().as_ptr(), term.bytes().len())
}

/// Gives a process a name. `BadArg` when the name is taken, when the process has one or is gone.
pub fn register(name: &str, pid: &Pid) -> Result<(), Error> {
    let pid = pid.bytes();
    // SAFETY: all four are of slices.
    with_name(name, |name, len| check(unsafe { abi::registry::register(name, len, pid.as_ptr(), pid.len()) })).map(|_| ())
}

/// Takes a name back. `BadArg` when nobody has it.
pub fn unregister(name: &str) -> Result<(), Error> {
    // SAFETY: both are of a slice.
    with_name(name, |name, len| check(unsafe { abi::registry::unregister(name, len) })).map(|_| ())
}

/// Who has this name.
pub fn whereis(name: &str) -> Option<Pid> {
    // SAFETY: all four are of slices.
    let found = with_name(name, |name, len| {
        answer(|out, room| unsafe { abi::registry::whereis(name, len, out, room) }, read)
    });
    match found {
        Ok(pid) => Some(pid),
        Err(Error::NoProc) => None,
        Err(error) => failed(error, "whereis"),
    }
}

/// All names. Needs the grant `observe`.
pub fn registered() -> Vec<Atom> {
    // SAFETY: the buffer has that much room.
    answer(|out, room| unsafe { abi::registry::registered(out, room) }, read)
        .unwrap_or_else(|error| failed(error, "registered"))
}
