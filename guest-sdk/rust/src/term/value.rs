//! A term of whatever kind, and bytes.

use alloc::string::String;
use alloc::vec::Vec;

use super::tags;
use super::{Atom, Decode, DecodeError, Decoder, Encode, Encoder, Pid, Ref};

/// A binary that is bytes rather than text: what a `Vec<u8>` would be is a list of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

/// Any term.
///
/// ```
/// use moonlet::{decode, encode, Term};
/// let term: Term = decode(&encode(("ok".to_string(), vec![1, 2]))).unwrap();
/// assert_eq!(term.to_string(), r#"{<<"ok">>,[1,2]}"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    Integer(i128),
    Float(f64),
    Atom(Atom),
    /// A binary that is UTF-8 and was sent as text.
    Text(String),
    Bytes(Bytes),
    Pid(Pid),
    Ref(Ref),
    Tuple(Vec<Term>),
    List(Vec<Term>),
    /// In the order in which it came.
    Map(Vec<(Term, Term)>),
    /// What is none of these (a larger integer, a list with a tail, a fun), as its bytes without the version byte. Can be sent on.
    Other(Vec<u8>),
}

impl Term {
    pub fn atom(name: &'static str) -> Self {
        Term::Atom(Atom::new(name))
    }

    pub fn text(text: impl Into<String>) -> Self {
        Term::Text(text.into())
    }

    pub fn is_atom(&self, name: &str) -> bool {
        matches!(self, Term::Atom(atom) if atom.name() == name)
    }

    /// The elements of a tuple that an atom of this name leads, the atom left out.
    pub fn tagged(&self, name: &str) -> Option<&[Term]> {
        match self {
            Term::Tuple(elements) if elements.first().map_or(false, |first| first.is_atom(name)) => Some(&elements[1..]),
            _ => None,
        }
    }

    /// The term as a value of another type.
    ///
    /// ```
    /// use moonlet::Term;
    /// assert_eq!(Term::Integer(7).read::<u8>(), Ok(7));
    /// assert!(Term::Integer(700).read::<u8>().is_err());
    /// ```
    pub fn read<T: Decode>(&self) -> Result<T, DecodeError> {
        super::decode(&super::encode(self))
    }

    /// A value as a term.
    pub fn of(value: impl Encode) -> Self {
        let bytes = super::encode(value);
        super::decode(&bytes).unwrap_or_else(|_| Term::Other(bytes[1..].to_vec()))
    }
}

impl Encode for Term {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Term::Integer(value) => to.integer(*value),
            Term::Float(value) => to.float(*value),
            Term::Atom(atom) => to.atom(atom.name()),
            Term::Text(text) => to.text(text),
            Term::Bytes(bytes) => to.binary(&bytes.0),
            Term::Pid(pid) => to.term(pid.bytes()),
            Term::Ref(reference) => to.term(reference.bytes()),
            Term::Tuple(elements) => {
                to.tuple(elements.len());
                elements.iter().for_each(|element| element.encode(to));
            }
            Term::List(items) => items.encode(to),
            Term::Map(pairs) => {
                to.map(pairs.len());
                for (key, value) in pairs {
                    key.encode(to);
                    value.encode(to);
                }
            }
            Term::Other(bytes) => to.raw(bytes),
        }
    }
}

impl Decode for Term {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let start = from.mark();
        match from.peek() {
            Some(tags::SMALL_INTEGER | tags::INTEGER) => from.integer().map(Term::Integer),
            // Those that are too large stay bytes.
            Some(tags::SMALL_BIG) => from.integer().map(Term::Integer).or_else(|_| other(from, start)),
            Some(tags::NEW_FLOAT) => from.float().map(Term::Float),
            Some(tags::SMALL_ATOM_UTF8 | tags::ATOM_UTF8) => Ok(Term::Atom(Atom::decode(from)?)),
            Some(tags::BINARY) => {
                let bytes = from.binary()?;
                Ok(match core::str::from_utf8(bytes) {
                    Ok(text) => Term::Text(text.into()),
                    Err(_) => Term::Bytes(Bytes(bytes.to_vec())),
                })
            }
            Some(tags::BIT_BINARY) => from.binary().map(|bytes| Term::Bytes(Bytes(bytes.to_vec()))).or_else(|_| other(from, start)),
            Some(tags::NEW_PID) => Pid::decode(from).map(Term::Pid),
            Some(tags::NEWER_REFERENCE) => Ref::decode(from).map(Term::Ref),
            Some(tags::SMALL_TUPLE | tags::LARGE_TUPLE) => {
                let size = from.tuple()?;
                from.inside(|from| many(from, size)).map(Term::Tuple)
            }
            Some(tags::NIL | tags::LIST) => list(from),
            Some(tags::MAP) => {
                let size = from.map()?;
                from.inside(|from| {
                    let mut pairs = Vec::with_capacity(from.bounded(size));
                    for _ in 0..size {
                        pairs.push((Term::decode(from)?, Term::decode(from)?));
                    }
                    Ok(Term::Map(pairs))
                })
            }
            _ => other(from, start),
        }
    }
}

/// The term at a place, as its bytes.
fn other(from: &mut Decoder<'_>, start: usize) -> Result<Term, DecodeError> {
    from.rewind(start);
    from.skip().map(|bytes| Term::Other(bytes.to_vec()))
}

fn many(from: &mut Decoder<'_>, size: usize) -> Result<Vec<Term>, DecodeError> {
    let mut terms = Vec::with_capacity(from.bounded(size));
    for _ in 0..size {
        terms.push(Term::decode(from)?);
    }
    Ok(terms)
}

fn list(from: &mut Decoder<'_>) -> Result<Term, DecodeError> {
    let start = from.mark();
    let size = from.list()?;
    let items = from.inside(|from| many(from, size))?;
    if from.nil().is_ok() {
        return Ok(Term::List(items));
    }
    other(from, start)
}
