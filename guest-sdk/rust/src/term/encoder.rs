//! Writes terms.

use alloc::vec;
use alloc::vec::Vec;

use super::tags;

/// A term that is being written. A tuple, a list or a map is opened with its size; its parts follow.
///
/// ```
/// use moonlet::Encoder;
/// let mut to = Encoder::new();
/// to.tuple(2);
/// to.atom("pong");
/// to.integer(7);
/// assert_eq!(to.into_bytes(), [131, 104, 2, 119, 4, b'p', b'o', b'n', b'g', 97, 7]);
/// ```
pub struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    /// With the version byte written.
    pub fn new() -> Self {
        Encoder { bytes: vec![tags::VERSION] }
    }

    /// In a buffer that is used again; what it held is lost.
    pub(crate) fn within(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        bytes.push(tags::VERSION);
        Encoder { bytes }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn tuple(&mut self, size: usize) {
        match u8::try_from(size) {
            Ok(size) => self.bytes.extend([tags::SMALL_TUPLE, size]),
            Err(_) => self.sized(tags::LARGE_TUPLE, size),
        }
    }

    /// The items follow, and then the tail: `nil`, unless the list is an improper one. A list of nothing is `nil` alone.
    pub fn list(&mut self, size: usize) {
        if size > 0 {
            self.sized(tags::LIST, size);
        }
    }

    pub fn nil(&mut self) {
        self.bytes.push(tags::NIL);
    }

    /// As many keys follow, each with its value behind it.
    pub fn map(&mut self, size: usize) {
        self.sized(tags::MAP, size);
    }

    /// # Panics
    /// When the name is longer than 65,535 bytes, which no atom's is.
    pub fn atom(&mut self, name: &str) {
        match u8::try_from(name.len()) {
            Ok(size) => self.bytes.extend([tags::SMALL_ATOM_UTF8, size]),
            Err(_) => {
                let size = u16::try_from(name.len()).expect("an atom has at most 255 characters");
                self.bytes.push(tags::ATOM_UTF8);
                self.bytes.extend(size.to_be_bytes());
            }
        }
        self.bytes.extend(name.as_bytes());
    }

    /// In its smallest encoding, as the host's patterns expect it.
    pub fn integer(&mut self, value: i128) {
        if let Ok(small) = u8::try_from(value) {
            self.bytes.extend([tags::SMALL_INTEGER, small]);
        } else if let Ok(word) = i32::try_from(value) {
            self.bytes.push(tags::INTEGER);
            self.bytes.extend(word.to_be_bytes());
        } else {
            let magnitude = value.unsigned_abs();
            let size = 16 - magnitude.leading_zeros() as usize / 8;
            self.bytes.extend([tags::SMALL_BIG, size as u8, u8::from(value < 0)]);
            self.bytes.extend(&magnitude.to_le_bytes()[..size]);
        }
    }

    /// # Panics
    /// When the value is not finite: Erlang has no such floats.
    pub fn float(&mut self, value: f64) {
        assert!(value.is_finite(), "a float that is a term is finite, and this one is {}", value);
        self.bytes.push(tags::NEW_FLOAT);
        self.bytes.extend(value.to_be_bytes());
    }

    /// A binary that is text.
    pub fn text(&mut self, text: &str) {
        self.sized(tags::BINARY, text.len());
        self.bytes.extend(text.as_bytes());
    }

    /// A binary that is bytes, which JavaScript gets as such.
    pub fn binary(&mut self, bytes: &[u8]) {
        self.sized(tags::BIT_BINARY, bytes.len());
        // Bits of the last byte, of which nothing has none.
        self.bytes.push(if bytes.is_empty() { 0 } else { 8 });
        self.bytes.extend(bytes);
    }

    /// A whole term, version byte included, as it is.
    ///
    /// # Panics
    /// When it does not begin with the version byte.
    pub fn term(&mut self, term: &[u8]) {
        assert_eq!(term.first(), Some(&tags::VERSION), "a term begins with the byte 131");
        self.raw(&term[1..]);
    }

    /// A term without its version byte.
    pub(crate) fn raw(&mut self, term: &[u8]) {
        self.bytes.extend(term);
    }

    fn sized(&mut self, tag: u8, size: usize) {
        self.bytes.push(tag);
        self.bytes.extend((size as u32).to_be_bytes());
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder::new()
    }
}
