//! Starting a server and waiting until it says that it is up, as proc_lib:start and start_link do.

use core::any;
use core::fmt;

use crate::fault::failed;
use crate::mailbox::{read, receive_like, FOR_EVER};
use crate::process::{demonitor, self_pid};
use crate::registry::whereis;
use crate::send::send;
use crate::spawn::Monitored;
use crate::{
    exit, receive_down, system, Atom, Decode, DecodeError, Decoder, Down, Encode, Encoder, Pid, Refusal, Server, SpawnOptions, Term,
};

/// Why a start gave no process.
#[derive(Clone, Debug, PartialEq)]
pub enum StartError {
    /// `init` refused with [`Refusal::Ignore`].
    Ignored,
    /// The reason: that of [`Refusal::Stop`], or of whatever ended the process; `{already_started, Pid}` for a name that is taken; the word of
    /// an [`Error`](crate::Error) when it could not be spawned.
    Failed(Term),
}

impl fmt::Display for StartError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Ignored => to.write_str("ignored"),
            StartError::Failed(reason) => write!(to, "{}", reason),
        }
    }
}

/// Starts a server and waits for its `init`.
pub fn start<S: Server>(argument: S::Argument) -> Result<Pid, StartError> {
    start_with::<S>(&SpawnOptions::new(), argument)
}

/// As [`start`], linked with this process, which is the server's parent.
pub fn start_link<S: Server>(argument: S::Argument) -> Result<Pid, StartError> {
    start_with::<S>(&SpawnOptions::new().link(), argument)
}

/// As [`start`], with options; a server with `link` among them has this process for its parent.
///
/// ```no_run
/// # use moonlet::{start_with, Server, SpawnOptions};
/// # fn main_of<Counter: Server<Argument = i64>>() {
/// let counter = start_with::<Counter>(&SpawnOptions::new().link().name("counter"), 0);
/// # }
/// ```
pub fn start_with<S: Server>(options: &SpawnOptions, argument: S::Argument) -> Result<Pid, StartError> {
    if let Some(pid) = options.wanted_name().and_then(whereis) {
        return Err(StartError::Failed(Term::of((Atom::new("already_started"), pid))));
    }
    let start = Start { starter: self_pid(), linked: options.is_linked(), argument };
    let started = options.raw_monitored(begin::<S>, any::type_name::<S>(), start);
    outcome(started.map_err(|error| StartError::Failed(Term::of(Atom::new(error.word()))))?)
}

/// Runs a server in this process until it stops, without `init`. When it stops normally, the function that called this goes on.
pub fn serve<S: Server>(server: S) {
    system::run(server, system::parent());
}

/// What a server's process is spawned with.
struct Start<A> {
    starter: Pid,
    linked: bool,
    argument: A,
}

impl<A: Encode> Encode for Start<A> {
    fn encode(&self, to: &mut Encoder) {
        (&self.starter, self.linked, &self.argument).encode(to);
    }
}

impl<A: Decode> Decode for Start<A> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let (starter, linked, argument) = Decode::decode(from)?;
        Ok(Start { starter, linked, argument })
    }
}

fn begin<S: Server>(from: &mut Decoder<'_>) {
    let Start { starter, linked, argument } = Start::<S::Argument>::decode(from).unwrap_or_else(|error| system::bad_argument(error));
    let acknowledge = |result: Term| send(&starter, (Atom::new("ack"), self_pid(), result));
    match S::init(argument) {
        Ok(server) => {
            acknowledge(Term::of((Atom::new("ok"), self_pid())));
            system::run(server, linked.then_some(starter));
        }
        Err(Refusal::Ignore) => acknowledge(Term::atom("ignore")),
        Err(Refusal::Stop(reason)) => exit(reason),
    }
}

/// What comes first: `{ack, Pid, Result}`, or the end of the process.
enum Outcome {
    Acknowledged(Term),
    Ended(Term),
}

impl Decode for Outcome {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let before = from.mark();
        if let ("ack", 3) = from.message()? {
            from.skip()?;
            return Term::decode(from).map(Outcome::Acknowledged);
        }
        from.rewind(before);
        Down::decode(from).map(|down| Outcome::Ended(down.reason))
    }
}

fn outcome(started: Monitored) -> Result<Pid, StartError> {
    let Monitored { pid, monitor } = started;
    let heard = receive_like(
        |patterns| {
            patterns.prefix(begin_of(3, "ack", &pid).bytes());
            patterns.prefix(begin_of(5, "DOWN", &monitor).bytes());
        },
        FOR_EVER,
        read,
    );
    match heard {
        Some(Outcome::Acknowledged(result)) if result.tagged("ok").is_some() => {
            demonitor(&monitor);
            Ok(pid)
        }
        Some(Outcome::Acknowledged(_)) => {
            // Its name is free again before anybody hears that it was ignored.
            receive_down(&monitor);
            forget_exit(&pid);
            Err(StartError::Ignored)
        }
        Some(Outcome::Ended(reason)) => {
            forget_exit(&pid);
            Err(StartError::Failed(reason))
        }
        None => failed(crate::Error::Timeout, "start"),
    }
}

/// Whoever traps exits has had one over the link.
fn forget_exit(pid: &Pid) {
    receive_like(|patterns| patterns.prefix(begin_of(3, "EXIT", pid).bytes()), 0, read::<Term>);
}

fn begin_of(size: usize, tag: &str, handle: impl Encode) -> Encoder {
    let mut begin = Encoder::new();
    begin.tuple(size);
    begin.atom(tag);
    handle.encode(&mut begin);
    begin
}
