//! Atoms.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

/// An atom, by its name.
///
/// ```
/// use moonlet::Atom;
/// const OK: Atom = Atom::new("ok");
/// assert_eq!(OK.name(), "ok");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(Cow<'static, str>);

impl Atom {
    /// The atom of that name, of at most 255 characters.
    pub const fn new(name: &'static str) -> Self {
        Atom(Cow::Borrowed(name))
    }

    pub fn name(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Atom {
    fn from(name: &'static str) -> Self {
        Atom::new(name)
    }
}

impl From<String> for Atom {
    fn from(name: String) -> Self {
        Atom(Cow::Owned(name))
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

/// As Erlang writes it, in quotes where they are needed.
impl fmt::Display for Atom {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@');
        if is_plain {
            return to.write_str(name);
        }
        to.write_str("'")?;
        for c in name.chars() {
            match c {
                '\'' => to.write_str("\\'")?,
                _ => fmt::Write::write_char(to, c)?,
            }
        }
        to.write_str("'")
    }
}
