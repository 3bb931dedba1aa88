//! Which messages a selective receive takes: those whose encoding begins with one of some prefixes.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{tags, Atom, Bytes, Decode, Encoder, Pid, Ref, Term};

/// The prefixes, each behind its length, as `message.receive` takes them.
#[derive(Default)]
pub struct Patterns {
    bytes: Vec<u8>,
}

impl Patterns {
    /// No prefix yet; one without any takes every message.
    pub fn new() -> Self {
        Patterns { bytes: Vec::new() }
    }

    /// In a buffer that is used again; what it held is lost.
    pub(crate) fn within(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Patterns { bytes }
    }

    /// As the import takes them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Takes every message.
    pub fn any(&mut self) {
        self.prefix(&[]);
    }

    /// Takes those that begin so, version byte included.
    pub fn prefix(&mut self, prefix: &[u8]) {
        self.bytes.extend((prefix.len() as u32).to_le_bytes());
        self.bytes.extend(prefix);
    }

    /// Takes tuples of that many elements which an atom of this name leads; with a size of 1 the atom alone.
    pub fn tagged(&mut self, name: &str, size: usize) {
        let mut begin = Encoder::new();
        if size > 1 {
            begin.tuple(size);
        }
        begin.atom(name);
        self.prefix(begin.bytes());
    }

    /// Takes what has one of these tags.
    fn tags(&mut self, tags: &[u8]) {
        for &tag in tags {
            self.prefix(&[tags::VERSION, tag]);
        }
    }
}

/// What can be asked for in a receive. A message is told by how it begins: what [`message!`](crate::message) declares by tag and number of
/// fields, tuples by their size, others by their type. Options tell nothing, so they cannot be asked for alone.
pub trait Receive: Decode {
    fn patterns(to: &mut Patterns);
}

macro_rules! told_by_tags {
    ($($type:ty),* => $tags:expr) => { $(
        impl Receive for $type {
            fn patterns(to: &mut Patterns) {
                to.tags(&$tags);
            }
        }
    )* };
}
told_by_tags!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize => [tags::SMALL_INTEGER, tags::INTEGER, tags::SMALL_BIG]);
told_by_tags!(f32, f64 => [tags::NEW_FLOAT, tags::SMALL_INTEGER, tags::INTEGER, tags::SMALL_BIG]);
told_by_tags!(String, Bytes => [tags::BINARY, tags::BIT_BINARY]);
told_by_tags!(Atom => [tags::SMALL_ATOM_UTF8, tags::ATOM_UTF8]);
told_by_tags!(Pid => [tags::NEW_PID]);
told_by_tags!(Ref => [tags::NEWER_REFERENCE]);

impl Receive for bool {
    fn patterns(to: &mut Patterns) {
        to.tagged("true", 1);
        to.tagged("false", 1);
    }
}

impl Receive for () {
    fn patterns(to: &mut Patterns) {
        to.tagged("ok", 1);
    }
}

impl Receive for Term {
    fn patterns(to: &mut Patterns) {
        to.any();
    }
}

impl<T: Decode> Receive for Vec<T> {
    fn patterns(to: &mut Patterns) {
        to.tags(&[tags::LIST, tags::NIL]);
    }
}

impl<K: Decode + Ord, V: Decode> Receive for BTreeMap<K, V> {
    fn patterns(to: &mut Patterns) {
        to.tags(&[tags::MAP]);
    }
}

macro_rules! tuples {
    ($($size:literal: $($name:ident)*;)*) => { $(
        impl<$($name: Decode),*> Receive for ($($name,)*) {
            fn patterns(to: &mut Patterns) {
                to.prefix(&[tags::VERSION, tags::SMALL_TUPLE, $size]);
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
