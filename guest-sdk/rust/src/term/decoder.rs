//! Reads terms. Whatever the bytes are, reading them ends, with a value or with an error that says what was there instead.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str;

use super::{tags, Term};

/// How deep a term may be nested: a list of lists of lists; deeper ones are refused, so that no sender can exhaust a reader's stack.
const MAX_DEPTH: usize = 200;

/// A term is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    expected: String,
    found: String,
    /// From the outermost field to the innermost.
    path: Vec<&'static str>,
}

impl DecodeError {
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        DecodeError { expected: expected.into(), found: found.into(), path: Vec::new() }
    }

    /// Says in which field it was.
    #[must_use]
    pub fn within(mut self, field: &'static str) -> Self {
        self.path.insert(0, field);
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(to, "{}: ", self.path.join("."))?;
        }
        write!(to, "expected {}, found {}", self.expected, self.found)
    }
}

/// A term that is being read, from front to back.
pub struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// It reads for the text of an error, whose own errors nobody sees.
    is_showing: bool,
}

impl<'a> Decoder<'a> {
    /// Of a whole term, version byte included.
    pub fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if bytes.first() != Some(&tags::VERSION) {
            return Err(DecodeError::new("a term", "other bytes"));
        }
        Ok(Decoder { bytes, at: 1, depth: 0, is_showing: false })
    }

    /// That nothing follows.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.at == self.bytes.len() {
            true => Ok(()),
            false => Err(DecodeError::new("the end of the term", "more bytes")),
        }
    }

    /// The tag of what comes next.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// How many elements a tuple has; they follow.
    pub fn tuple(&mut self) -> Result<usize, DecodeError> {
        match self.peek() {
            Some(tags::SMALL_TUPLE) => Ok(self.take::<2>()?[1] as usize),
            Some(tags::LARGE_TUPLE) => self.size(),
            _ => Err(self.mismatch("a tuple")),
        }
    }

    /// How many items a list has; they follow, and behind them the tail, which `nil` reads. For the empty list nothing follows but the tail.
    pub fn list(&mut self) -> Result<usize, DecodeError> {
        match self.peek() {
            Some(tags::NIL) => Ok(0),
            Some(tags::LIST) => self.size(),
            _ => Err(self.mismatch("a list")),
        }
    }

    /// The tail of a proper list.
    pub fn nil(&mut self) -> Result<(), DecodeError> {
        match self.peek() {
            Some(tags::NIL) => self.take::<1>().map(|_| ()),
            _ => Err(self.mismatch("the end of a list")),
        }
    }

    /// How many keys a map has; each follows with its value behind it.
    pub fn map(&mut self) -> Result<usize, DecodeError> {
        match self.peek() {
            Some(tags::MAP) => self.size(),
            _ => Err(self.mismatch("a map")),
        }
    }

    pub fn atom(&mut self) -> Result<&'a str, DecodeError> {
        let size = match self.peek() {
            Some(tags::SMALL_ATOM_UTF8) => self.take::<2>()?[1] as usize,
            Some(tags::ATOM_UTF8) => {
                let [_, high, low] = self.take::<3>()?;
                u16::from_be_bytes([high, low]) as usize
            }
            _ => return Err(self.mismatch("an atom")),
        };
        str::from_utf8(self.bytes(size)?).map_err(|_| DecodeError::new("an atom", "bytes that are no UTF-8"))
    }

    /// One atom and no other.
    pub fn atom_named(&mut self, name: &'static str) -> Result<(), DecodeError> {
        let before = self.at;
        match self.atom() {
            Ok(found) if found == name => Ok(()),
            _ => {
                self.at = before;
                Err(self.mismatch(format!("the atom {}", name)))
            }
        }
    }

    /// An integer of at most 127 bits.
    pub fn integer(&mut self) -> Result<i128, DecodeError> {
        match self.peek() {
            Some(tags::SMALL_INTEGER) => Ok(self.take::<2>()?[1] as i128),
            Some(tags::INTEGER) => {
                let [_, a, b, c, d] = self.take::<5>()?;
                Ok(i32::from_be_bytes([a, b, c, d]) as i128)
            }
            Some(tags::SMALL_BIG) => {
                let before = self.at;
                let [_, size, sign] = self.take::<3>()?;
                let digits = self.bytes(size as usize)?;
                let significant = digits.iter().rposition(|&digit| digit != 0).map_or(0, |last| last + 1);
                let mut magnitude = [0; 16];
                if significant <= 16 {
                    magnitude[..significant].copy_from_slice(&digits[..significant]);
                    if let Ok(value) = i128::try_from(u128::from_le_bytes(magnitude)) {
                        return Ok(if sign == 0 { value } else { -value });
                    }
                }
                self.at = before;
                Err(self.mismatch("an integer of at most 127 bits"))
            }
            _ => Err(self.mismatch("an integer")),
        }
    }

    pub fn float(&mut self) -> Result<f64, DecodeError> {
        match self.peek() {
            Some(tags::NEW_FLOAT) => {
                let [_, rest @ ..] = self.take::<9>()?;
                Ok(f64::from_be_bytes(rest))
            }
            _ => Err(self.mismatch("a float")),
        }
    }

    /// The bytes of a binary, text or not.
    pub fn binary(&mut self) -> Result<&'a [u8], DecodeError> {
        let before = self.at;
        match self.peek() {
            Some(tags::BINARY) => {
                let size = self.size()?;
                self.bytes(size)
            }
            Some(tags::BIT_BINARY) => {
                let size = self.size()?;
                let [bits] = self.take()?;
                if bits != 8 && size > 0 {
                    self.at = before;
                    return Err(self.mismatch("a binary of whole bytes"));
                }
                self.bytes(size)
            }
            _ => Err(self.mismatch("a binary")),
        }
    }

    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        let bytes = self.binary()?;
        str::from_utf8(bytes).map_err(|_| DecodeError::new("text", "a binary that is no UTF-8"))
    }

    /// The next term without its version byte, whatever it is.
    pub fn skip(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.at;
        // How many terms are still to be passed over.
        let mut left = 1usize;
        while left > 0 {
            left -= 1;
            left = match self.peek() {
                Some(tags::SMALL_TUPLE | tags::LARGE_TUPLE) => left.checked_add(self.tuple()?),
                Some(tags::LIST) => left.checked_add(self.list()?).and_then(|more| more.checked_add(1)),
                Some(tags::MAP) => self.map()?.checked_mul(2).and_then(|more| left.checked_add(more)),
                // Module, function and arity are terms.
                Some(tags::EXPORT) => {
                    self.take::<1>()?;
                    left.checked_add(3)
                }
                _ => {
                    self.skip_leaf()?;
                    Some(left)
                }
            }
            .ok_or_else(|| DecodeError::new("a term", "one without an end"))?;
        }
        Ok(&self.bytes[start..self.at])
    }

    fn skip_leaf(&mut self) -> Result<(), DecodeError> {
        let fixed = match self.peek() {
            Some(tags::NIL) => 1,
            Some(tags::SMALL_INTEGER) => 2,
            Some(tags::INTEGER) => 5,
            Some(tags::NEW_FLOAT) => 9,
            Some(tags::SMALL_ATOM_UTF8 | tags::ATOM_UTF8) => return self.atom().map(|_| ()),
            Some(tags::BINARY) => self.size()?,
            Some(tags::BIT_BINARY) => self.size()?.saturating_add(1),
            Some(tags::SMALL_BIG) => self.take::<2>()?[1] as usize + 1,
            Some(tags::LARGE_BIG) => self.size()?.saturating_add(1),
            // The size counts itself.
            Some(tags::NEW_FUN) => self.size()?.saturating_sub(4),
            Some(tags::NEW_PID) => {
                self.take::<1>()?;
                self.atom()?;
                12
            }
            Some(tags::NEWER_REFERENCE) => {
                let [_, high, low] = self.take::<3>()?;
                self.atom()?;
                4 + 4 * u16::from_be_bytes([high, low]) as usize
            }
            _ => return Err(DecodeError::new("a term", "bytes that moonlet never writes")),
        };
        self.bytes(fixed).map(|_| ())
    }

    /// A place to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.at
    }

    pub(crate) fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Reads what is inside of a tuple, a list or a map, unless it lies too deep.
    #[doc(hidden)]
    pub fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        if self.depth >= MAX_DEPTH {
            return Err(DecodeError::new("a term", format!("one that is nested more than {} deep", MAX_DEPTH)));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// How many items can be there at most, for what is allocated in advance.
    pub(crate) fn bounded(&self, count: usize) -> usize {
        count.min(self.bytes.len() - self.at).min(4096)
    }

    /// What the next term is, for an error; the decoder stays where it is.
    pub fn mismatch(&self, expected: impl Into<String>) -> DecodeError {
        if self.is_showing {
            return DecodeError::new("", "");
        }
        let mut ahead = Decoder { is_showing: true, ..*self };
        let found = match <Term as super::Decode>::decode(&mut ahead) {
            Ok(term) => shortened(format!("{}", term)),
            Err(_) => String::from("bytes that are no term"),
        };
        DecodeError::new(expected, found)
    }

    fn size(&mut self) -> Result<usize, DecodeError> {
        let [_, a, b, c, d] = self.take::<5>()?;
        Ok(u32::from_be_bytes([a, b, c, d]) as usize)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut taken = [0; N];
        taken.copy_from_slice(self.bytes(N)?);
        Ok(taken)
    }

    fn bytes(&mut self, size: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.at..];
        match rest.get(..size) {
            Some(bytes) => {
                self.at += size;
                Ok(bytes)
            }
            None => Err(DecodeError::new("a whole term", "one that ends early")),
        }
    }
}

fn shortened(mut text: String) -> String {
    const MOST: usize = 200;
    if let Some((end, _)) = text.char_indices().nth(MOST) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}
