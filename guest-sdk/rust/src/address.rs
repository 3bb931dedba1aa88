//! Where a message can be sent.

use alloc::string::String;
use core::fmt;

use crate::{Atom, Encoder, Pid, Ref, Term};

/// A pid, a registered name (a text or an [`Atom`]), an alias (a [`Ref`]), a name on a node, or a [`Term`] that is one of these.
pub trait Address {
    /// Gives the address as a whole term to `with`.
    fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R;

    /// Shows it in the text of an error.
    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A registered name on a node: `{Name, Node}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteName {
    /// The name that the process is registered under there.
    pub name: Atom,
    /// The node.
    pub node: Atom,
}

pub(crate) struct Shown<'a, A: ?Sized>(pub &'a A);

impl<A: Address + ?Sized> fmt::Display for Shown<'_, A> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(to)
    }
}

impl<A: Address + ?Sized> Address for &A {
    fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        (**self).with_address(with)
    }

    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).show(to)
    }
}

macro_rules! handles {
    ($($type:ty)*) => { $(
        impl Address for $type {
            fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
                with(self.bytes())
            }

            fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(to, "{}", self)
            }
        }
    )* };
}
handles!(Pid Ref);

impl Address for str {
    fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        let mut address = Encoder::new();
        address.atom(self);
        with(address.bytes())
    }

    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "'{}'", self)
    }
}

macro_rules! names {
    ($($type:ty: $text:ident;)*) => { $(
        impl Address for $type {
            fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
                self.$text().with_address(with)
            }

            fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.$text().show(to)
            }
        }
    )* };
}
names! {
    String: as_str;
    Atom: name;
}

impl Address for RemoteName {
    fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        with(&crate::encode((&self.name, &self.node)))
    }

    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{{{}, {}}}", self.name, self.node)
    }
}

impl Address for Term {
    fn with_address<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        with(&crate::encode(self))
    }

    fn show(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self)
    }
}
