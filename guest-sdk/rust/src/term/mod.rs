//! Erlang's terms in the external term format, which every message, address and reason crosses in.

mod atom;
mod decoder;
mod encode;
mod encoder;
mod decode;
mod handle;
mod pattern;
mod show;
pub(crate) mod tags;
mod value;

pub use atom::Atom;
pub use decode::Decode;
pub use decoder::{DecodeError, Decoder};
pub use encode::Encode;
pub use encoder::Encoder;
pub use handle::{Pid, Ref};
pub use pattern::{Patterns, Receive};
pub use value::{Bytes, Term};

use alloc::vec::Vec;

/// A value as a whole term, version byte included: what the host's imports take, and what could be written to a file.
///
/// ```
/// use moonlet::{decode, encode};
/// let bytes = encode((1, "two".to_string()));
/// assert_eq!(bytes, [131, 104, 2, 97, 1, 109, 0, 0, 0, 3, b't', b'w', b'o']);
/// assert_eq!(decode::<(i64, String)>(&bytes).unwrap(), (1, "two".to_string()));
/// ```
pub fn encode(value: impl Encode) -> Vec<u8> {
    let mut to = Encoder::new();
    value.encode(&mut to);
    to.into_bytes()
}

/// The value that a whole term stands for. Nothing may follow the term.
pub fn decode<T: Decode>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut from = Decoder::open(bytes)?;
    let value = T::decode(&mut from)?;
    from.finish()?;
    Ok(value)
}
