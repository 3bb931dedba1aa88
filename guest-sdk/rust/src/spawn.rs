//! Spawning processes of the same program.

use alloc::string::String;
use alloc::vec::Vec;
use core::{any, mem};

use crate::answer::answer;
use crate::entry::{Begin, SPAWNED};
use crate::error::Error;
use crate::fault::{fail, failed};
use crate::mailbox::read;
use crate::{abi, Decode, Encode, Encoder, Pid, Ref};

/// Who runs first among those that can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Last.
    Low = 0,
    /// The default.
    Normal = 1,
    /// Before the others.
    High = 2,
    /// Above `High`; meant for the runtime's own.
    Max = 3,
}

impl Priority {
    pub(crate) fn of(level: usize) -> Self {
        [Priority::Low, Priority::Normal, Priority::High, Priority::Max][level.min(3)]
    }

    fn name(self) -> &'static str {
        ["low", "normal", "high", "max"][self as usize]
    }
}

/// A process and the monitor of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitored {
    /// The process.
    pub pid: Pid,
    /// Its [`Down`](crate::Down) names this.
    pub monitor: Ref,
}

/// Spawns a process that runs this function. Ends this one with `system_limit` when there are too many processes, with `not_granted`
/// without the grant `spawn`; `SpawnOptions::new().try_spawn(f)` reports that instead.
///
/// The function is one of the program, or a closure that captures nothing: the other process has a memory of its own.
pub fn spawn<F: Fn() + Copy + 'static>(function: F) -> Pid {
    SpawnOptions::new().spawn(function)
}

/// As [`spawn`], for a function with a parameter, which is copied over as a term.
///
/// ```no_run
/// # use moonlet::{spawn_with, receive, send, self_pid, Pid};
/// fn double((n, asker): (i64, Pid)) {
///     send(&asker, n * 2);
/// }
/// spawn_with(double, (21, self_pid()));
/// assert_eq!(receive::<i64>(), 42);
/// ```
pub fn spawn_with<A: Encode + Decode, F: Fn(A) + Copy + 'static>(function: F, argument: A) -> Pid {
    SpawnOptions::new().spawn_with(function, argument)
}

/// As [`spawn`], with a link between the two.
pub fn spawn_link<F: Fn() + Copy + 'static>(function: F) -> Pid {
    SpawnOptions::new().link().spawn(function)
}

/// As [`spawn`], with a monitor of the new one.
pub fn spawn_monitor<F: Fn() + Copy + 'static>(function: F) -> Monitored {
    spawned(SpawnOptions::new().raw_monitored(begin_of(function), any::type_name::<F>(), ()), "spawn_monitor")
}

/// How a process is spawned; without more it is not linked, has no name and normal priority.
///
/// ```no_run
/// # use moonlet::{receive_any, SpawnOptions};
/// let worker = SpawnOptions::new().link().name("worker").grants(&["stdio"]).spawn(|| drop(receive_any()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct SpawnOptions {
    link: bool,
    name: Option<String>,
    label: Option<String>,
    priority: Option<Priority>,
    mailbox: Option<(usize, &'static str)>,
    grants: Option<Vec<&'static str>>,
}

impl SpawnOptions {
    /// Nothing asked for.
    pub fn new() -> Self {
        SpawnOptions::default()
    }

    /// Links it with this process.
    #[must_use]
    pub fn link(mut self) -> Self {
        self.link = true;
        self
    }

    /// Registers it before it runs. Needs the grant `register`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Shown in logs and listings; by itself the function's path.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Who runs first.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// At most so many messages may wait; what comes beyond is refused to its sender (`reject`), dropped (`drop`), or is the process's end
    /// (`kill`).
    #[must_use]
    pub fn mailbox(mut self, messages: usize, policy: &'static str) -> Self {
        self.mailbox = Some((messages, policy));
        self
    }

    /// Which of this process's grants it has; without, all of them.
    #[must_use]
    pub fn grants(mut self, grants: &[&'static str]) -> Self {
        self.grants = Some(grants.to_vec());
        self
    }

    /// Spawns it. Ends this process when that fails.
    pub fn spawn<F: Fn() + Copy + 'static>(&self, function: F) -> Pid {
        spawned(self.try_spawn(function), "spawn")
    }

    /// Spawns it with an argument. Ends this process when that fails.
    pub fn spawn_with<A: Encode + Decode, F: Fn(A) + Copy + 'static>(&self, function: F, argument: A) -> Pid {
        spawned(self.try_spawn_with(function, argument), "spawn_with")
    }

    /// Spawns it, or says why that is not possible: `BadArg` for a name that is taken.
    pub fn try_spawn<F: Fn() + Copy + 'static>(&self, function: F) -> Result<Pid, Error> {
        self.raw(begin_of(function), any::type_name::<F>(), (), false)
    }

    /// As `try_spawn`, with an argument.
    pub fn try_spawn_with<A: Encode + Decode, F: Fn(A) + Copy + 'static>(
        &self,
        function: F,
        argument: A,
    ) -> Result<Pid, Error> {
        self.raw(begin_of_with(function), any::type_name::<F>(), argument, false)
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.link
    }

    pub(crate) fn wanted_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn raw_monitored(&self, begin: Begin, path: &str, argument: impl Encode) -> Result<Monitored, Error> {
        let (pid, monitor) = self.raw(begin, path, argument, true)?;
        Ok(Monitored { pid, monitor })
    }

    fn raw<T: Decode>(&self, begin: Begin, path: &str, argument: impl Encode, monitor: bool) -> Result<T, Error> {
        let mut given = Encoder::new();
        given.tuple(3);
        given.atom("$spawned");
        given.integer(begin as usize as i128);
        argument.encode(&mut given);
        let options = self.encode(path, monitor);
        let (entry, given, options) = (crate::encode(SPAWNED), given.bytes(), options.bytes());
        answer(
            // SAFETY: all are of slices.
            |out, room| unsafe {
                abi::process::spawn(
                    entry.as_ptr(),
                    entry.len(),
                    given.as_ptr(),
                    given.len(),
                    options.as_ptr(),
                    options.len(),
                    out,
                    room,
                )
            },
            read,
        )
    }

    fn encode(&self, path: &str, monitor: bool) -> Encoder {
        let optional = [self.name.is_some(), self.priority.is_some(), self.mailbox.is_some(), self.grants.is_some()];
        let mut to = Encoder::new();
        to.map(3 + optional.iter().filter(|&&given| given).count());
        to.atom("link");
        self.link.encode(&mut to);
        to.atom("monitor");
        monitor.encode(&mut to);
        to.atom("label");
        to.text(self.label.as_deref().unwrap_or(path));
        if let Some(name) = &self.name {
            to.atom("name");
            to.atom(name);
        }
        if let Some(priority) = self.priority {
            to.atom("priority");
            to.atom(priority.name());
        }
        if let Some((messages, policy)) = self.mailbox {
            to.atom("mailbox");
            to.tuple(2);
            to.integer(messages as i128);
            to.atom(policy);
        }
        if let Some(grants) = &self.grants {
            to.atom("grants");
            to.list(grants.len());
            grants.iter().for_each(|grant| to.atom(grant));
            to.nil();
        }
        to
    }
}

fn spawned<T>(result: Result<T, Error>, what: &str) -> T {
    result.unwrap_or_else(|error| match error {
        Error::NotExported => fail("not_exported", "spawn: the program has no moonlet::entry!()"),
        _ => failed(error, what),
    })
}

/// A function that captures nothing is a type of its own with one value and no bytes; so the type is all that has to cross.
struct WithoutCaptures<F>(core::marker::PhantomData<F>);

impl<F: Copy> WithoutCaptures<F> {
    const HOLDS: () = assert!(mem::size_of::<F>() == 0, "a function that is spawned cannot capture anything: give it an argument");

    fn value() -> F {
        #[allow(clippy::let_unit_value)]
        let () = Self::HOLDS;
        // SAFETY: the type has a value, since `begin_of` was given one, can be copied, and has no bytes.
        unsafe { mem::transmute_copy(&()) }
    }
}

fn begin_of<F: Fn() + Copy + 'static>(_: F) -> Begin {
    |_| WithoutCaptures::<F>::value()()
}

fn begin_of_with<A: Decode, F: Fn(A) + Copy + 'static>(_: F) -> Begin {
    |from| match A::decode(from) {
        Ok(argument) => WithoutCaptures::<F>::value()(argument),
        Err(error) => fail("bad_message", error.within("argument")),
    }
}
