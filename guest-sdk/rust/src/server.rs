//! A process that answers calls, takes casts and handles everything else: gen_server. On the wire it is OTP's, so that `host.call`,
//! JavaScript's client functions, other guests' and Erlang's gen_server and sys work with it.

use alloc::vec::Vec;

use crate::fault::fail;
use crate::send::try_send;
use crate::{log, Decode, DecodeError, Decoder, Encode, Encoder, Pid, Term};

/// The state of a server, and what it does with what it receives. [`start`](crate::start) makes a process of it.
///
/// ```no_run
/// use moonlet::{call, cast, entry, message, start, Caller, Next, Refusal, Server};
///
/// message! { enum Request { Add as "add" { n: i64 }, Total as "total" } }
///
/// struct Counter { total: i64 }
///
/// impl Server for Counter {
///     type Argument = i64;
///     type Call = Request;
///     type Cast = Request;
///
///     fn init(total: i64) -> Result<Self, Refusal> {
///         Ok(Counter { total })
///     }
///     fn handle_call(&mut self, request: Request, caller: Caller) -> Next {
///         if let Request::Add { n } = request { self.total += n; }
///         caller.reply(self.total);
///         Next::Continue
///     }
/// }
///
/// fn begin() {
///     let counter = start::<Counter>(40).unwrap();
///     assert_eq!(call::<i64>(&counter, Request::Add { n: 2 }), 42);
/// }
/// entry!("main" => begin);
/// # fn main() {}
/// ```
///
/// A call or a cast that cannot be read ends the server with `{bad_message, Text}`. `Differs from OTP:` a panic in a method ends the process at
/// once, without `terminate`: nothing of it can run any more.
pub trait Server: Sized + 'static {
    /// What it is started with.
    type Argument: Encode + Decode;
    /// Requests that expect an answer; [`Term`] takes all.
    type Call: Decode;
    /// Requests that expect none.
    type Cast: Decode;

    /// Runs first; who started the server waits for it.
    fn init(argument: Self::Argument) -> Result<Self, Refusal>;

    /// A call: answer with `caller.reply(value)`, now or later.
    fn handle_call(&mut self, request: Self::Call, caller: Caller) -> Next;

    /// A cast. By itself the server ends: it takes none.
    fn handle_cast(&mut self, _message: Self::Cast) -> Next {
        fail("bad_cast", "this server takes no casts")
    }

    /// Any other message. By itself it is only logged, as gen_server does.
    fn handle_info(&mut self, message: Term) -> Next {
        log::warn(&alloc::format!("a server received a message that it does not know: {}", message));
        Next::Continue
    }

    /// No message came within the time of [`Next::Within`].
    fn handle_timeout(&mut self) -> Next {
        Next::Continue
    }

    /// Runs when the server stops: by itself, by order of its parent (when it traps exits), or of sys.
    fn terminate(&mut self, _reason: &Term) {}

    /// The state for `sys:get_state`.
    fn state(&self) -> Term {
        Term::atom("undefined")
    }

    /// Takes the state that `sys:replace_state` has for it; false refuses.
    fn replace_state(&mut self, _state: Term) -> bool {
        false
    }
}

/// What a server does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Waits for the next message.
    Continue,
    /// The same, for so many milliseconds: then `handle_timeout` runs.
    Within(u32),
    /// Ends with this reason.
    Stop(Term),
}

impl Next {
    /// Ends with the reason normal.
    pub fn stop() -> Self {
        Next::Stop(Term::atom("normal"))
    }
}

/// Why there is no server after `init`.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The process ends with normal, and the start says that it was ignored.
    Ignore,
    /// The process ends with this reason, and so does the start.
    Stop(Term),
}

/// Who asked, and under which tag the answer is expected. Can be kept, to reply later, and sent, for another process to reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The process that waits.
    pub pid: Pid,
    /// The tag as a term without its version byte.
    tag: Vec<u8>,
}

/// How the tag `[alias | Ref]` begins.
const ALIAS: &[u8] = &[108, 0, 0, 0, 1, 119, 5, b'a', b'l', b'i', b'a', b's'];

impl Caller {
    /// Answers. A caller that waits no longer gets nothing.
    pub fn reply(self, value: impl Encode) {
        // The answer goes to the alias, which ends when the caller stops to wait.
        let alias = self.tag.strip_prefix(ALIAS).map(|alias| Term::Other(alias.to_vec()));
        let to = alias.unwrap_or_else(|| Term::Pid(self.pid.clone()));
        let answer = (Term::Other(self.tag), value);
        if try_send(to, answer).is_err() {
            log::warn(&alloc::format!("a reply to {} was refused", self.pid));
        }
    }
}

impl Encode for Caller {
    fn encode(&self, to: &mut Encoder) {
        to.tuple(2);
        self.pid.encode(to);
        to.raw(&self.tag);
    }
}

impl Decode for Caller {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if from.tuple()? != 2 {
            return Err(DecodeError::new("{Pid, Tag}", "another tuple"));
        }
        Ok(Caller { pid: Pid::decode(from)?, tag: from.skip()?.to_vec() })
    }
}
