//! Buffers that are used again: the one that answers of imports are written to, and those that messages are encoded in. A large one is
//! given back, so that one large message does not stay paid for.

use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem;

use crate::abi;
use crate::error::{check, Error};

const FIRST_CAPACITY: usize = 1024;
const KEPT_CAPACITY: usize = 65_536;

/// A buffer that waits for whoever needs one next. Whoever finds none, because it is in use further up the stack, makes another.
pub(crate) struct Spare(UnsafeCell<Vec<u8>>);

// SAFETY: a guest has one thread, and `take` and `put` return before anything else runs. Elsewhere nothing is kept.
unsafe impl Sync for Spare {}

impl Spare {
    pub(crate) const fn new() -> Self {
        Spare(UnsafeCell::new(Vec::new()))
    }

    pub(crate) fn take(&self) -> Vec<u8> {
        if cfg!(target_arch = "wasm32") {
            // SAFETY: see above.
            mem::take(unsafe { &mut *self.0.get() })
        } else {
            Vec::new()
        }
    }

    pub(crate) fn put(&self, buffer: Vec<u8>) {
        if cfg!(target_arch = "wasm32") && buffer.capacity() <= KEPT_CAPACITY {
            // SAFETY: see above.
            unsafe { *self.0.get() = buffer };
        }
    }
}

static ANSWERS: Spare = Spare::new();

/// Runs an import that answers with bytes, given where and how many fit, and reads its answer.
pub(crate) fn answer<T>(import: impl FnOnce(*mut u8, usize) -> i32, read: impl FnOnce(&[u8]) -> T) -> Result<T, Error> {
    let mut buffer = ANSWERS.take();
    if buffer.capacity() < FIRST_CAPACITY {
        buffer.reserve(FIRST_CAPACITY);
    }
    let result = fill(&mut buffer, import);
    let value = result.map(|()| read(&buffer));
    buffer.clear();
    ANSWERS.put(buffer);
    value
}

fn fill(buffer: &mut Vec<u8>, import: impl FnOnce(*mut u8, usize) -> i32) -> Result<(), Error> {
    let length = check(import(buffer.as_mut_ptr(), buffer.capacity()))?;
    if length > buffer.capacity() {
        buffer.reserve(length);
        // SAFETY: the buffer has that much room; the host writes nothing beyond it.
        check(unsafe { abi::message::read(buffer.as_mut_ptr(), buffer.capacity()) })?;
    }
    // SAFETY: the host has written so many bytes.
    unsafe { buffer.set_len(length) };
    Ok(())
}
