//! What an import refuses with.

use core::fmt;

/// Why something was refused; the word is Erlang's, or the ABI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nothing within the time, or nothing to give.
    Timeout,
    /// An argument has the wrong type or value; a name that nobody has.
    BadArg,
    /// No such process.
    NoProc,
    /// A limit of the host, of this process or of the receiver is reached.
    SystemLimit,
    /// The process lacks the grant.
    NotGranted,
    /// The module has no such entry.
    NotExported,
    /// The other end of the stream or connection is gone.
    Closed,
    /// It could not be done; `message.read` gives the reason.
    Failed,
    /// What the call needs was lent to the process, and is taken back.
    Revoked,
    /// A code of a later version.
    Unknown(i32),
}

impl Error {
    const CODES: [(i32, Error, &'static str); 9] = [
        (-1, Error::Timeout, "timeout"),
        (-2, Error::BadArg, "badarg"),
        (-3, Error::NoProc, "noproc"),
        (-4, Error::SystemLimit, "system_limit"),
        (-5, Error::NotGranted, "not_granted"),
        (-6, Error::NotExported, "not_exported"),
        (-7, Error::Closed, "closed"),
        (-8, Error::Failed, "failed"),
        (-9, Error::Revoked, "revoked"),
    ];

    /// The error with this code of the ABI.
    pub(crate) fn of(code: i32) -> Self {
        Error::CODES.iter().find(|known| known.0 == code).map_or(Error::Unknown(code), |known| known.1)
    }

    /// Its word, as an exit reason has it.
    pub fn word(self) -> &'static str {
        Error::CODES.iter().find(|known| known.1 == self).map_or("badarg", |known| known.2)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.word())
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Error {}

/// What an import gave, unless that is an error.
pub(crate) fn check(result: i32) -> Result<usize, Error> {
    usize::try_from(result).map_err(|_| Error::of(result))
}
