//! Bytes with back-pressure between two processes. Need the grant `streams`. An end belongs to one process: give it first, then send it.

use alloc::vec::Vec;

use crate::answer::answer;
use crate::error::{check, Error};
use crate::mailbox::read;
use crate::{abi, Decode, DecodeError, Decoder, Encode, Encoder, Patterns, Pid, Receive, Ref};

/// The timeout that never comes.
const FOR_EVER: u32 = u32::MAX;

macro_rules! end {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Ref);

        impl $name {
            /// From now on it is that process's, which has to be told by a message.
            pub fn give(&self, pid: &Pid) -> Result<(), Error> {
                let (end, pid) = (self.0.bytes(), pid.bytes());
                // SAFETY: all four are of slices.
                check(unsafe { abi::stream::give(end.as_ptr(), end.len(), pid.as_ptr(), pid.len()) }).map(|_| ())
            }

            /// Closes it. Closing twice is `BadArg`.
            pub fn close(&self) -> Result<(), Error> {
                // SAFETY: both are of a slice.
                check(unsafe { abi::stream::close(self.0.bytes().as_ptr(), self.0.bytes().len()) }).map(|_| ())
            }
        }

        impl Encode for $name {
            fn encode(&self, to: &mut Encoder) {
                self.0.encode(to);
            }
        }

        impl Decode for $name {
            fn decode(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                Ref::decode(from).map($name)
            }
        }

        impl Receive for $name {
            fn patterns(to: &mut Patterns) {
                Ref::patterns(to);
            }
        }
    };
}

end! {
    /// The end that is read from.
    Reader
}
end! {
    /// The end that is written to.
    Writer
}

/// A stream that holds at most so many bytes, which count towards this process's memory limit (`SystemLimit`).
///
/// ```no_run
/// # use moonlet::{receive, send, spawn, stream};
/// let (reader, writer) = stream::open(4096).unwrap();
/// let other = spawn(|| {
///     let reader: stream::Reader = receive();
///     while let Some(bytes) = reader.read(1024).unwrap() {
///         drop(bytes);
///     }
/// });
/// reader.give(&other).unwrap();
/// send(&other, &reader);
/// writer.write(b"some bytes").unwrap();
/// writer.close().unwrap();
/// ```
pub fn open(capacity: u32) -> Result<(Reader, Writer), Error> {
    // SAFETY: the buffer has that much room.
    answer(|out, room| unsafe { abi::stream::open(capacity, out, room) }, read)
}

impl Reader {
    /// Waits for bytes, at most so many; `None` at the end, `Closed` when the writer died before it had closed.
    pub fn read(&self, most: usize) -> Result<Option<Vec<u8>>, Error> {
        self.read_within(most, FOR_EVER)
    }

    /// As `read`; `Timeout` when there was nothing in so many milliseconds.
    pub fn read_within(&self, most: usize, ms: u32) -> Result<Option<Vec<u8>>, Error> {
        let end = self.0.bytes();
        let mut bytes = Vec::with_capacity(most);
        // SAFETY: the buffer has room for so many, and that many are written.
        let length = check(unsafe { abi::stream::read(end.as_ptr(), end.len(), bytes.as_mut_ptr(), most, ms) })?;
        // SAFETY: see above.
        unsafe { bytes.set_len(length) };
        Ok((length > 0).then_some(bytes))
    }
}

impl Writer {
    /// Writes all of it, waiting where there is no room; `Closed` when nobody reads any more.
    pub fn write(&self, mut bytes: &[u8]) -> Result<(), Error> {
        let end = self.0.bytes();
        while !bytes.is_empty() {
            // SAFETY: all are of slices.
            let written =
                check(unsafe { abi::stream::write(end.as_ptr(), end.len(), bytes.as_ptr(), bytes.len(), FOR_EVER) })?;
            bytes = &bytes[written..];
        }
        Ok(())
    }
}
