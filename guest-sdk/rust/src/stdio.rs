//! Standard output and standard error. Needs the grant `stdio`. A program for WASI uses `println!` instead.

use alloc::format;
use core::fmt::Display;

use crate::abi;
use crate::error::check;
use crate::fault::failed;

fn write(stream: i32, bytes: &[u8]) {
    // SAFETY: both are of a slice.
    if let Err(error) = check(unsafe { abi::stdio::write(stream, bytes.as_ptr(), bytes.len()) }) {
        failed(error, "stdio::write");
    }
}

/// A line to standard output.
pub fn print(line: impl Display) {
    write(1, format!("{}\n", line).as_bytes());
}

/// A line to standard error.
pub fn print_error(line: impl Display) {
    write(2, format!("{}\n", line).as_bytes());
}

/// Bytes to standard output. They go out in whole lines, and what is left of one when the process waits or ends.
pub fn write_bytes(bytes: &[u8]) {
    write(1, bytes);
}
