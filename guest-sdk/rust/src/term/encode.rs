//! Which values are terms: writing them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Atom, Bytes, Encoder, Pid, Ref};

/// A value that can be sent. Implemented by integers, floats, `bool` (the atoms true and false), `()` (the atom ok), texts, [`Bytes`],
/// [`Atom`], [`Pid`], [`Ref`], `Option` (the atom undefined for `None`), `Vec` and slices (lists), `BTreeMap` (a map), tuples, [`Term`]
/// and what [`message!`](crate::message) declares.
///
/// [`Term`]: crate::Term
pub trait Encode {
    /// Writes exactly one term.
    fn encode(&self, to: &mut Encoder);
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, to: &mut Encoder) {
        (**self).encode(to);
    }
}

macro_rules! integers {
    ($($type:ty)*) => { $(
        impl Encode for $type {
            fn encode(&self, to: &mut Encoder) {
                to.integer(*self as i128);
            }
        }
    )* };
}
integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl Encode for f64 {
    fn encode(&self, to: &mut Encoder) {
        to.float(*self);
    }
}

impl Encode for f32 {
    fn encode(&self, to: &mut Encoder) {
        to.float(f64::from(*self));
    }
}

impl Encode for bool {
    fn encode(&self, to: &mut Encoder) {
        to.atom(if *self { "true" } else { "false" });
    }
}

impl Encode for () {
    fn encode(&self, to: &mut Encoder) {
        to.atom("ok");
    }
}

impl Encode for str {
    fn encode(&self, to: &mut Encoder) {
        to.text(self);
    }
}

impl Encode for String {
    fn encode(&self, to: &mut Encoder) {
        to.text(self);
    }
}

impl Encode for Bytes {
    fn encode(&self, to: &mut Encoder) {
        to.binary(&self.0);
    }
}

impl Encode for Atom {
    fn encode(&self, to: &mut Encoder) {
        to.atom(self.name());
    }
}

impl Encode for Pid {
    fn encode(&self, to: &mut Encoder) {
        to.term(self.bytes());
    }
}

impl Encode for Ref {
    fn encode(&self, to: &mut Encoder) {
        to.term(self.bytes());
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Some(value) => value.encode(to),
            None => to.atom("undefined"),
        }
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, to: &mut Encoder) {
        to.list(self.len());
        self.iter().for_each(|item| item.encode(to));
        to.nil();
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, to: &mut Encoder) {
        self.as_slice().encode(to);
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, to: &mut Encoder) {
        to.map(self.len());
        for (key, value) in self {
            key.encode(to);
            value.encode(to);
        }
    }
}

macro_rules! tuples {
    ($($size:literal: $($name:ident)*;)*) => { $(
        impl<$($name: Encode),*> Encode for ($($name,)*) {
            #[allow(non_snake_case)]
            fn encode(&self, to: &mut Encoder) {
                let ($($name,)*) = self;
                to.tuple($size);
                $($name.encode(to);)*
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
