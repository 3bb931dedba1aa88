//! What runs a [`Server`]: it takes messages one by one, obeys its parent, and answers system messages as OTP's sys does on the wire.

use crate::fault::fail;
use crate::mailbox::{read, receive_like, FOR_EVER};
use crate::process::{info, self_pid};
use crate::{exit, Atom, Caller, Decode, DecodeError, Decoder, Encode, Exit, Next, Patterns, Pid, Receive, Server, Term};

/// A message as a server sees it.
enum Incoming<S: Server> {
    Call(Caller, S::Call),
    Cast(S::Cast),
    System(Caller, Term),
    Info(Term),
}

impl<S: Server> Decode for Incoming<S> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let before = from.mark();
        let head = from.message();
        Ok(match head {
            Ok(("$gen_call", 3)) => Incoming::Call(Caller::decode(from)?, S::Call::decode(from).map_err(|e| e.within("call"))?),
            Ok(("$gen_cast", 2)) => Incoming::Cast(S::Cast::decode(from).map_err(|e| e.within("cast"))?),
            Ok(("system", 3)) => Incoming::System(Caller::decode(from)?, Term::decode(from)?),
            _ => {
                from.rewind(before);
                Incoming::Info(Term::decode(from)?)
            }
        })
    }
}

/// Runs a server until it stops. For another reason than normal the process ends then.
pub(crate) fn run<S: Server>(mut server: S, parent: Option<Pid>) {
    let mut control = Control { parent, suspended: false };
    let mut timeout_ms = FOR_EVER;
    let reason = loop {
        let next = match control.receive::<S>(timeout_ms) {
            None => server.handle_timeout(),
            Some(Incoming::Call(caller, request)) => server.handle_call(request, caller),
            Some(Incoming::Cast(message)) => server.handle_cast(message),
            Some(Incoming::System(caller, request)) => control.serve_system(&mut server, caller, &request),
            Some(Incoming::Info(message)) => match control.order(&message) {
                Some(reason) => Next::Stop(reason),
                None => server.handle_info(message),
            },
        };
        timeout_ms = match next {
            Next::Continue => FOR_EVER,
            Next::Within(ms) => ms,
            Next::Stop(reason) => break reason,
        };
    };
    server.terminate(&reason);
    if !reason.is_atom("normal") {
        exit(reason);
    }
}

/// The process that this one was spawned by, if it is known.
pub(crate) fn parent() -> Option<Pid> {
    let known: Option<Term> = info(&self_pid());
    match known {
        Some(Term::Map(items)) => items.iter().find_map(|(key, value)| match value {
            Term::Pid(pid) if key.is_atom("parent") => Some(pid.clone()),
            _ => None,
        }),
        _ => None,
    }
}

struct Control {
    parent: Option<Pid>,
    suspended: bool,
}

impl Control {
    fn receive<S: Server>(&self, timeout_ms: u32) -> Option<Incoming<S>> {
        if !self.suspended {
            return receive_like(Patterns::any, timeout_ms, read);
        }
        let only = |patterns: &mut Patterns| {
            patterns.tagged("system", 3);
            if self.parent.is_some() {
                Exit::patterns(patterns);
            }
        };
        receive_like(only, FOR_EVER, read)
    }

    /// Why the parent has this process end, if that is what the message says.
    fn order(&self, message: &Term) -> Option<Term> {
        let parent = self.parent.as_ref()?;
        match message.tagged("EXIT") {
            Some([Term::Pid(from), reason]) if from == parent => Some(reason.clone()),
            _ => None,
        }
    }

    fn serve_system<S: Server>(&mut self, server: &mut S, caller: Caller, request: &Term) -> Next {
        let ok = Atom::new("ok");
        match request {
            Term::Atom(name) if name.name() == "get_state" => caller.reply(server.state()),
            Term::Atom(name) if name.name() == "get_status" => caller.reply(self.status(server.state())),
            Term::Atom(name) if name.name() == "suspend" || name.name() == "resume" => {
                self.suspended = name.name() == "suspend";
                caller.reply(ok);
            }
            _ => match (request.tagged("terminate"), request.tagged("replace_state")) {
                (Some([reason]), _) => {
                    caller.reply(ok);
                    return Next::Stop(reason.clone());
                }
                // A function, as Erlang sends, cannot run here; a term takes its place.
                (_, Some([state])) if !matches!(state, Term::Other(_)) && server.replace_state(state.clone()) => {
                    caller.reply(server.state());
                }
                _ => caller.reply((Atom::new("error"), (Atom::new("unknown_system_msg"), request))),
            },
        }
        Next::Continue
    }

    /// `{status, Pid, {module, M}, [Dictionary, running | suspended, Parent, Debug, State]}`.
    fn status(&self, state: Term) -> impl Encode {
        let own = self_pid();
        let parent = self.parent.clone().unwrap_or_else(|| own.clone());
        let running = if self.suspended { "suspended" } else { "running" };
        let nothing = || Term::List(alloc::vec::Vec::new());
        let details = [nothing(), Term::atom(running), Term::Pid(parent), nothing(), state];
        let module = (Atom::new("module"), Atom::new("gen_server"));
        (Atom::new("status"), own, module, alloc::vec::Vec::from(details))
    }
}

/// A start whose argument cannot be read.
pub(crate) fn bad_argument(error: DecodeError) -> ! {
    fail("bad_message", error.within("argument"))
}
