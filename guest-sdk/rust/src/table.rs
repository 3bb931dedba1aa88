//! Tables that processes share, OTP's ets: values under keys, kept by the host. Need the grant `tables`.

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::answer::answer;
use crate::error::{check, Error};
use crate::mailbox::read;
use crate::registry::with_name;
use crate::send::with_term;
use crate::{abi, Decode, DecodeError, Decoder, Encode, Encoder, Term};

/// How a table is made; without more others may read it, and its name leads nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    access: Option<&'static str>,
    named: bool,
    ordered: bool,
}

impl Options {
    /// Nothing asked for.
    pub fn new() -> Self {
        Options::default()
    }

    /// Everybody may write, too.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.access = Some("public");
        self
    }

    /// Nobody else may read.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.access = Some("private");
        self
    }

    /// Its name leads to it: see [`named`].
    #[must_use]
    pub fn named(mut self) -> Self {
        self.named = true;
        self
    }

    /// Keys are kept in their order.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Makes it; it is this process's, and gone with it. `BadArg` for a name that is taken, `SystemLimit`.
    pub fn create<K: Encode, V: Encode + Decode>(self, name: &str) -> Result<Table<K, V>, Error> {
        let mut options = Encoder::new();
        options.list(2 + usize::from(self.named));
        options.atom(if self.ordered { "ordered_set" } else { "set" });
        options.atom(self.access.unwrap_or("protected"));
        if self.named {
            options.atom("named_table");
        }
        options.nil();
        let options = options.bytes();
        with_name(name, |name, len| {
            answer(
                // SAFETY: all are of slices, and the buffer has that much room.
                |out, room| unsafe {
                    abi::table::new(name, len, options.as_ptr(), options.len(), out, room)
                },
                Table::opened,
            )
        })
    }
}

/// A table of this process's with nothing asked for: others may read it.
///
/// ```no_run
/// # use moonlet::table;
/// let stock = table::Options::new().public().create::<&str, i64>("stock").unwrap();
/// stock.set("apples", 3).unwrap();
/// assert_eq!(stock.add("apples", 2), Ok(5));
/// assert_eq!(stock.get("pears"), Ok(None));
/// ```
pub fn new<K: Encode, V: Encode + Decode>(name: &str) -> Result<Table<K, V>, Error> {
    Options::new().create(name)
}

/// The table with this name, whoever made it.
pub fn named<K: Encode, V: Encode + Decode>(name: &str) -> Table<K, V> {
    let mut term = Encoder::new();
    term.atom(name);
    Table::of(term.into_bytes())
}

/// A table of `{Key, Value}`; it can be sent in a message. Objects that others put there have to be such pairs, too, or reading one ends this process with
/// `{bad_message, Text}`. `NotGranted` without the grant, `BadArg` when the table is gone or may not be used so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<K, V> {
    /// The term that names it.
    name: Vec<u8>,
    kinds: PhantomData<fn(K) -> V>,
}

impl<K: Encode, V: Encode + Decode> Table<K, V> {
    fn of(name: Vec<u8>) -> Self {
        Table { name, kinds: PhantomData }
    }

    fn opened(name: &[u8]) -> Self {
        Table::of(name.to_vec())
    }

    fn with_key<R>(&self, key: &K, call: impl FnOnce(*const u8, usize, *const u8, usize) -> R) -> R {
        with_term(key, |key| call(self.name.as_ptr(), self.name.len(), key.as_ptr(), key.len()))
    }

    /// The value under a key.
    pub fn get(&self, key: K) -> Result<Option<V>, Error> {
        let found: Vec<(Term, V)> = self.with_key(&key, |table, table_len, key, len| {
            // SAFETY: all are of slices, and the buffer has that much room.
            answer(|out, room| unsafe { abi::table::lookup(table, table_len, key, len, out, room) }, read)
        })?;
        Ok(found.into_iter().next().map(|(_, value)| value))
    }

    /// As `get`, and removes it.
    pub fn take(&self, key: K) -> Result<Option<V>, Error> {
        let found: Vec<(Term, V)> = self.with_key(&key, |table, table_len, key, len| {
            // SAFETY: all are of slices, and the buffer has that much room.
            answer(|out, room| unsafe { abi::table::take(table, table_len, key, len, out, room) }, read)
        })?;
        Ok(found.into_iter().next().map(|(_, value)| value))
    }

    /// Puts a value under a key, in the place of the one before. `SystemLimit` when its owner's limits leave no room.
    pub fn set(&self, key: K, value: V) -> Result<(), Error> {
        // SAFETY: all are of slices.
        self.with_object(&key, &value, |table, table_len, object, len| unsafe {
            abi::table::insert(table, table_len, object, len)
        })
        .map(|_| ())
    }

    /// The same where there is none yet. Whether there was none.
    pub fn set_new(&self, key: K, value: V) -> Result<bool, Error> {
        // SAFETY: all are of slices.
        self.with_object(&key, &value, |table, table_len, object, len| unsafe {
            abi::table::insert_new(table, table_len, object, len)
        })
        .map(|inserted| inserted == 1)
    }

    fn with_object(
        &self,
        key: &K,
        value: &V,
        call: impl FnOnce(*const u8, usize, *const u8, usize) -> i32,
    ) -> Result<usize, Error> {
        with_term((key, value), |object| {
            check(call(self.name.as_ptr(), self.name.len(), object.as_ptr(), object.len()))
        })
    }

    /// Whether there is a value under a key.
    pub fn has(&self, key: K) -> Result<bool, Error> {
        // SAFETY: all are of slices.
        self.with_key(&key, |table, table_len, key, len| check(unsafe { abi::table::member(table, table_len, key, len) }))
            .map(|found| found == 1)
    }

    /// Removes the value under a key, if there is one.
    pub fn delete(&self, key: K) -> Result<(), Error> {
        // SAFETY: all are of slices.
        self.with_key(&key, |table, table_len, key, len| check(unsafe { abi::table::delete(table, table_len, key, len) }))
            .map(|_| ())
    }

    /// Adds to the integer under a key, from 0 where there is none, in one step that nobody comes between; what it is then.
    pub fn add(&self, key: K, by: i64) -> Result<i64, Error> {
        let by = crate::encode(by);
        with_term((&key, 0), |initial| {
            self.with_key(&key, |table, table_len, key, len| {
                answer(
                    // SAFETY: all are of slices, and the buffer has that much room.
                    |out, room| unsafe {
                        abi::table::update_counter(
                            table,
                            table_len,
                            key,
                            len,
                            by.as_ptr(),
                            by.len(),
                            initial.as_ptr(),
                            initial.len(),
                            out,
                            room,
                        )
                    },
                    read,
                )
            })
        })
    }

    /// How many values there are.
    pub fn len(&self) -> Result<usize, Error> {
        // SAFETY: both are of a slice.
        check(unsafe { abi::table::size(self.name.as_ptr(), self.name.len()) })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> Result<bool, Error> {
        self.len().map(|count| count == 0)
    }

    /// Deletes the table.
    pub fn remove(self) -> Result<(), Error> {
        // SAFETY: both are of a slice.
        check(unsafe { abi::table::delete_table(self.name.as_ptr(), self.name.len()) }).map(|_| ())
    }

    /// The term that names it, as the imports of [`abi::table`](crate::abi::table) take it: they search by match specifications.
    pub fn bytes(&self) -> &[u8] {
        &self.name
    }
}

impl<K, V> Encode for Table<K, V> {
    fn encode(&self, to: &mut Encoder) {
        to.term(&self.name);
    }
}

impl<K: Encode, V: Encode + Decode> Decode for Table<K, V> {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Term::decode(from).map(|name| Table::of(crate::encode(name)))
    }
}
