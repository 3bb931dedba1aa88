//! Terms as Erlang writes them.

use core::fmt;

use super::{Bytes, Term};

impl fmt::Display for Bytes {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("<<")?;
        separated(to, &self.0, |byte, to| write!(to, "{}", byte))?;
        to.write_str(">>")
    }
}

impl fmt::Display for Term {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::Integer(value) => write!(to, "{}", value),
            Term::Float(value) => write!(to, "{:?}", value),
            Term::Atom(atom) => write!(to, "{}", atom),
            Term::Text(text) => write!(to, "<<{:?}>>", text),
            Term::Bytes(bytes) => write!(to, "{}", bytes),
            Term::Pid(pid) => write!(to, "{}", pid),
            Term::Ref(reference) => write!(to, "{}", reference),
            Term::Tuple(elements) => {
                to.write_str("{")?;
                separated(to, elements, fmt::Display::fmt)?;
                to.write_str("}")
            }
            Term::List(items) => {
                to.write_str("[")?;
                separated(to, items, fmt::Display::fmt)?;
                to.write_str("]")
            }
            Term::Map(pairs) => {
                to.write_str("#{")?;
                separated(to, pairs, |(key, value), to| write!(to, "{} => {}", key, value))?;
                to.write_str("}")
            }
            Term::Other(bytes) => write!(to, "#Other<{} bytes>", bytes.len()),
        }
    }
}

fn separated<T>(
    to: &mut fmt::Formatter<'_>,
    items: &[T],
    show: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            to.write_str(",")?;
        }
        show(item, to)?;
    }
    Ok(())
}
