//! Pids and references: terms that only the runtime makes. They are kept as they came.

use alloc::rc::Rc;
use core::fmt;

use super::tags;

macro_rules! handle {
    ($(#[$about:meta])* $name:ident, $tag:expr) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Rc<[u8]>);

        impl $name {
            /// Of a term without its version byte.
            pub(crate) fn from_term(term: &[u8]) -> Option<Self> {
                if term.first() != Some(&$tag) {
                    return None;
                }
                let whole: alloc::vec::Vec<u8> = core::iter::once(tags::VERSION).chain(term.iter().copied()).collect();
                Some($name(whole.into()))
            }

            /// The whole term, version byte included, as the host's imports take it.
            pub fn bytes(&self) -> &[u8] {
                &self.0
            }

            /// The 32-bit numbers from an offset before the end on.
            fn number(&self, from_end: usize) -> u32 {
                let at = self.0.len() - from_end;
                u32::from_be_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, to)
            }
        }
    };
}

handle! {
    /// A process: of this node or of another. Can be sent, kept and compared; only the runtime makes one.
    Pid, tags::NEW_PID
}
handle! {
    /// A reference: of a monitor, a timer, an alias, a table or a stream.
    Ref, tags::NEWER_REFERENCE
}

/// As moonlet's log shows it: `<0.7.0>`.
impl fmt::Display for Pid {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "<0.{}.{}>", self.number(12), self.number(8))
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "#Ref<{}>", self.number(4))
    }
}
