//! This process and others: identity, exits, links, monitors, aliases, the process dictionary.

use alloc::vec::Vec;

use crate::address::Shown;
use crate::answer::answer;
use crate::error::{check, Error};
use crate::fault::failed;
use crate::mailbox::read;
use crate::send::with_term;
use crate::{abi, Address, Atom, Decode, Encode, Pid, Priority, Ref, Term};

/// The pid of this process.
pub fn self_pid() -> Pid {
    // SAFETY: the buffer has that much room.
    answer(|out, room| unsafe { abi::process::self_(out, room) }, read).unwrap_or_else(|error| failed(error, "self_pid"))
}

/// What this process was spawned with. Ends it with `{bad_message, Text}` when that is something else.
pub fn argument<T: Decode>() -> T {
    // SAFETY: the buffer has that much room.
    let given: Result<T, Error> = answer(|out, room| unsafe { abi::process::argument(out, room) }, crate::entry::read_argument);
    given.unwrap_or_else(|error| failed(error, "argument"))
}

/// Sends an exit signal, as erlang:exit/2: the atom kill ends the process in any case. Needs the grant `kill`.
pub fn exit_signal(pid: &Pid, reason: impl Encode) {
    let pid = pid.bytes();
    // SAFETY: all four are of slices.
    let result = with_term(reason, |reason| unsafe {
        abi::process::exit_signal(pid.as_ptr(), pid.len(), reason.as_ptr(), reason.len())
    });
    require(result, "exit_signal");
}

/// Sets whether the ends of linked processes arrive as [`Exit`](crate::Exit) messages instead of ending this one. What it was before.
pub fn trap_exit(flag: bool) -> bool {
    // SAFETY: no pointers.
    require(unsafe { abi::process::trap_exit(i32::from(flag)) }, "trap_exit") == 1
}

/// Links this process with another: when one ends for another reason than normal, so does the other. Ends this one with noproc when the other
/// is gone, unless it traps exits.
pub fn link(pid: &Pid) {
    // SAFETY: both are of a slice.
    require(unsafe { abi::process::link(pid.bytes().as_ptr(), pid.bytes().len()) }, "link");
}

/// Takes a link back; nothing that the other's end causes arrives from now on.
pub fn unlink(pid: &Pid) {
    // SAFETY: both are of a slice.
    require(unsafe { abi::process::unlink(pid.bytes().as_ptr(), pid.bytes().len()) }, "unlink");
}

/// Asks to be told of a process's end, with a [`Down`](crate::Down) message; of one that is gone already it comes at once.
pub fn monitor(target: impl Address) -> Ref {
    monitor_as(&target, 0)
}

/// `alias`: 0 none, 1 explicit_unalias, 2 demonitor, 3 reply_demonitor.
pub(crate) fn monitor_as(target: &impl Address, alias: i32) -> Ref {
    let monitor = target.with_address(|bytes| {
        // SAFETY: all are of slices.
        answer(|out, room| unsafe { abi::process::monitor(bytes.as_ptr(), bytes.len(), alias, out, room) }, read)
    });
    monitor.unwrap_or_else(|error| failed(error, format_args!("monitor: {} is no process", Shown(target))))
}

/// Ends a monitor and removes its `Down`, should it have come. Whether it was still active.
pub fn demonitor(monitor: &Ref) -> bool {
    // SAFETY: both are of a slice.
    require(unsafe { abi::process::demonitor(monitor.bytes().as_ptr(), monitor.bytes().len(), 1) }, "demonitor") == 1
}

/// A new address of this process: others can send to it until [`unalias`], or with `once` until the first message over it.
pub fn alias(once: bool) -> Ref {
    // SAFETY: the buffer has that much room.
    answer(|out, room| unsafe { abi::process::alias(i32::from(once), out, room) }, read)
        .unwrap_or_else(|error| failed(error, "alias"))
}

/// Ends an alias; messages sent to it are dropped from now on. Whether it was active.
pub fn unalias(alias: &Ref) -> bool {
    // SAFETY: both are of a slice.
    require(unsafe { abi::process::unalias(alias.bytes().as_ptr(), alias.bytes().len()) }, "unalias") == 1
}

/// Whether a process has not ended yet.
pub fn is_alive(pid: &Pid) -> bool {
    // SAFETY: both are of a slice.
    require(unsafe { abi::process::is_alive(pid.bytes().as_ptr(), pid.bytes().len()) }, "is_alive") == 1
}

/// What is known of a process, a map with the names of erlang:process_info/2; `None` when it is gone.
pub fn info(pid: &Pid) -> Option<Term> {
    let bytes = pid.bytes();
    // SAFETY: all are of slices.
    match answer(|out, room| unsafe { abi::process::info(bytes.as_ptr(), bytes.len(), out, room) }, read) {
        Ok(info) => Some(info),
        Err(Error::NoProc) => None,
        Err(error) => failed(error, "info"),
    }
}

/// All processes. Needs the grant `observe`.
pub fn processes() -> Vec<Pid> {
    // SAFETY: the buffer has that much room.
    answer(|out, room| unsafe { abi::process::list(out, room) }, read).unwrap_or_else(|error| failed(error, "processes"))
}

/// Labels this process in logs and listings.
pub fn label(text: &str) {
    // SAFETY: both are of a slice.
    unsafe { abi::process::label(text.as_ptr(), text.len()) }
}

/// Sets the priority of this process; what it was before.
pub fn priority(level: Priority) -> Priority {
    // SAFETY: no pointers.
    Priority::of(require(unsafe { abi::process::priority(level as i32) }, "priority"))
}

/// Lets the other processes that can run have their turn first. Loops that compute need not call it: they are preempted.
pub fn yield_turn() {
    // SAFETY: no pointers.
    unsafe { abi::process::yield_() }
}

/// Waits until there is a message, which stays in the mailbox.
pub fn hibernate() {
    // SAFETY: no pointers.
    unsafe { abi::process::hibernate() }
}

/// The process dictionary: sets a value; the one before.
pub fn put(key: impl Encode, value: impl Encode) -> Option<Term> {
    let key = crate::encode(key);
    let before = with_term(value, |value| {
        // SAFETY: all are of slices.
        answer(
            |out, room| unsafe { abi::process::put(key.as_ptr(), key.len(), value.as_ptr(), value.len(), out, room) },
            read,
        )
    });
    defined(before, "put")
}

/// The process dictionary: a value.
pub fn get(key: impl Encode) -> Option<Term> {
    let key = crate::encode(key);
    // SAFETY: all are of slices.
    defined(answer(|out, room| unsafe { abi::process::get(key.as_ptr(), key.len(), out, room) }, read), "get")
}

/// The process dictionary: removes a value; what it was.
pub fn erase(key: impl Encode) -> Option<Term> {
    let key = crate::encode(key);
    // SAFETY: all are of slices.
    defined(answer(|out, room| unsafe { abi::process::erase(key.as_ptr(), key.len(), out, room) }, read), "erase")
}

fn defined(value: Result<Term, Error>, what: &str) -> Option<Term> {
    let value = value.unwrap_or_else(|error| failed(error, what));
    (value != Term::Atom(Atom::new("undefined"))).then_some(value)
}

/// What an import gave; ends the process when that is an error.
fn require(result: i32, what: &str) -> usize {
    check(result).unwrap_or_else(|error| failed(error, what))
}
