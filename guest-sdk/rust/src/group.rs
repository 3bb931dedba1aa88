//! Sets of processes under a name, OTP's pg. Need the grant `groups`, or `groups:NAME`.

use alloc::vec::Vec;

use crate::answer::answer;
use crate::error::{check, Error};
use crate::fault::failed;
use crate::mailbox::read;
use crate::registry::with_name;
use crate::{abi, Pid, Ref};

/// One more membership for a process of this one's family.
///
/// ```no_run
/// # use moonlet::{group, self_pid, send_all};
/// group::join("lobby", &self_pid()).unwrap();
/// send_all(&group::members("lobby"), "hello");
/// ```
pub fn join(group: &str, pid: &Pid) -> Result<(), Error> {
    let pid = pid.bytes();
    // SAFETY: all four are of slices.
    with_name(group, |name, len| check(unsafe { abi::group::join(name, len, pid.as_ptr(), pid.len()) })).map(|_| ())
}

/// Takes one membership away. Whether there was one.
pub fn leave(group: &str, pid: &Pid) -> Result<bool, Error> {
    let pid = pid.bytes();
    // SAFETY: all four are of slices.
    with_name(group, |name, len| check(unsafe { abi::group::leave(name, len, pid.as_ptr(), pid.len()) })).map(|left| left == 1)
}

/// Who is in it, once for each membership, the latest first.
pub fn members(group: &str) -> Vec<Pid> {
    // SAFETY: both are of a slice, and the buffer has that much room.
    with_name(group, |name, len| answer(|out, room| unsafe { abi::group::members(name, len, out, room) }, read))
        .unwrap_or_else(|error| failed(error, format_args!("members: {}", group)))
}

/// Its members now, and from now on `(monitor, join | leave, group, pids)` as messages.
pub fn monitor(group: &str) -> (Ref, Vec<Pid>) {
    // SAFETY: both are of a slice, and the buffer has that much room.
    with_name(group, |name, len| answer(|out, room| unsafe { abi::group::monitor(name, len, out, room) }, read))
        .unwrap_or_else(|error| failed(error, format_args!("monitor of the group {}", group)))
}

/// Ends that, and removes what waits of it. Whether there was such a monitor.
pub fn demonitor(monitor: &Ref) -> bool {
    // SAFETY: both are of a slice.
    unsafe { abi::group::demonitor(monitor.bytes().as_ptr(), monitor.bytes().len()) == 1 }
}
