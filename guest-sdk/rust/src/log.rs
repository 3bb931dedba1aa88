//! Lines in the host's log.

use crate::abi;

fn write(level: i32, text: &str) {
    // SAFETY: both are of a slice.
    unsafe { abi::log::write(level, text.as_ptr(), text.len()) }
}

/// Something failed.
pub fn error(text: &str) {
    write(0, text);
}

/// Something is not as it should be.
pub fn warn(text: &str) {
    write(1, text);
}

/// What goes on.
pub fn info(text: &str) {
    write(2, text);
}

/// What only its developer wants to know.
pub fn debug(text: &str) {
    write(3, text);
}
