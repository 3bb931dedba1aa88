//! Which values are terms: reading them.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{tags, Atom, Bytes, DecodeError, Decoder, Pid, Ref};

/// A value that can be received: the same types as [`Encode`](crate::Encode). An integer that its type cannot hold is an error, an
/// integer where a float is expected is not; text is read from any binary that is UTF-8, [`Bytes`] from every binary.
pub trait Decode: Sized {
    /// Reads exactly one term. After an error the decoder is somewhere within it.
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError>;
}

macro_rules! integers {
    ($($type:ty)*) => { $(
        impl Decode for $type {
            fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let value = from.integer()?;
                <$type>::try_from(value).map_err(|_| {
                    DecodeError::new(format!("an integer from {} to {}", <$type>::MIN, <$type>::MAX), format!("{}", value))
                })
            }
        }
    )* };
}
integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl Decode for f64 {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match from.peek() {
            Some(tags::SMALL_INTEGER | tags::INTEGER | tags::SMALL_BIG) => Ok(from.integer()? as f64),
            _ => from.float(),
        }
    }
}

impl Decode for f32 {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        f64::decode(from).map(|value| value as f32)
    }
}

impl Decode for bool {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let before = from.mark();
        match from.atom() {
            Ok("true") => Ok(true),
            Ok("false") => Ok(false),
            _ => {
                from.rewind(before);
                Err(from.mismatch("true or false"))
            }
        }
    }
}

impl Decode for () {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        from.atom_named("ok")
    }
}

impl Decode for String {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        from.text().map(String::from)
    }
}

impl Decode for Bytes {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        from.binary().map(|bytes| Bytes(bytes.to_vec()))
    }
}

impl Decode for Atom {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        from.atom().map(|name| Atom::from(String::from(name)))
    }
}

macro_rules! handles {
    ($($type:ident: $expected:literal;)*) => { $(
        impl Decode for $type {
            fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let before = from.mark();
                match from.skip().ok().and_then($type::from_term) {
                    Some(handle) => Ok(handle),
                    None => {
                        from.rewind(before);
                        Err(from.mismatch($expected))
                    }
                }
            }
        }
    )* };
}
handles! {
    Pid: "a pid";
    Ref: "a reference";
}

impl<T: Decode> Decode for Option<T> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let before = from.mark();
        if let Ok("undefined" | "null") = from.atom() {
            return Ok(None);
        }
        from.rewind(before);
        T::decode(from).map(Some)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let size = from.list()?;
        from.inside(|from| {
            let mut items = Vec::with_capacity(from.bounded(size));
            for _ in 0..size {
                items.push(T::decode(from)?);
            }
            from.nil()?;
            Ok(items)
        })
    }
}

impl<K: Decode + Ord, V: Decode> Decode for BTreeMap<K, V> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let size = from.map()?;
        from.inside(|from| {
            let mut map = BTreeMap::new();
            for _ in 0..size {
                map.insert(K::decode(from)?, V::decode(from)?);
            }
            Ok(map)
        })
    }
}

macro_rules! tuples {
    ($($size:literal: $($name:ident)*;)*) => { $(
        impl<$($name: Decode),*> Decode for ($($name,)*) {
            fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let before = from.mark();
                if from.tuple()? != $size {
                    from.rewind(before);
                    return Err(from.mismatch(concat!("a tuple of ", $size)));
                }
                from.inside(|from| Ok(($($name::decode(from)?,)*)))
            }
        }
    )* };
}
tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}
