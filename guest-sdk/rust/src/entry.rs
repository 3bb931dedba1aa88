//! Where processes begin: exported functions, and functions that were spawned.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use crate::answer::answer;
use crate::fault::{fail, failed};
use crate::{abi, Decode, Decoder};

/// Exports functions as entries of the program: what `moonlet run` begins with (`main`), what a host or a supervisor spawns by name.
/// They take no parameters; [`argument`](crate::argument) is what the process was spawned with. Needed once in a program, also for
/// one that has a `main` of its own, so that [`spawn`](crate::spawn) works: `entry!()`.
#[macro_export]
macro_rules! entry {
    ($($name:literal => $function:path),* $(,)?) => {
        const _: () = {
            #[export_name = "moonlet_spawned"]
            extern "C" fn spawned() {
                $crate::run_entry($crate::spawned)
            }
            #[used]
            static SPAWNED: extern "C" fn() = spawned;
        };
        $(
            const _: () = {
                #[export_name = $name]
                extern "C" fn entry() {
                    $crate::run_entry($function)
                }
            };
        )*
    };
}

/// The export that processes begin with which [`spawn`](crate::spawn) makes.
pub(crate) const SPAWNED: &str = "moonlet_spawned";

/// Runs an entry, with a panic hook that ends the process with the panic's message and place. For [`entry!`](crate::entry).
#[doc(hidden)]
pub fn run_entry(function: impl FnOnce()) {
    #[cfg(feature = "std")]
    std::panic::set_hook(std::boxed::Box::new(|panic| {
        let message = panic.payload();
        let text = match (message.downcast_ref::<&str>(), message.downcast_ref::<String>()) {
            (Some(text), _) => *text,
            (_, Some(text)) => text,
            _ => "a panic without a text",
        };
        match panic.location() {
            Some(at) => abort(text, at.file(), at.line(), at.column()),
            None => abort(text, "", 0, 0),
        }
    }));
    function();
}

/// Ends the process as a panic does: for the panic handler of a program without `std`.
///
/// ```ignore
/// #[panic_handler]
/// fn panic(info: &core::panic::PanicInfo) -> ! {
///     moonlet::panicked(info)
/// }
/// ```
pub fn panicked(panic: impl Display) -> ! {
    abort(&panic.to_string(), "", 0, 0)
}

/// `env.abort`, which takes AssemblyScript's strings: a trap that has the message.
fn abort(message: &str, file: &str, line: u32, column: u32) -> ! {
    let (message, file) = (utf16(message), utf16(file));
    // SAFETY: both point behind the length of what they point to.
    unsafe { abi::env::abort(message[2..].as_ptr().cast(), file[2..].as_ptr().cast(), line, column) };
    unreachable!("env.abort never returns")
}

/// The length in bytes, as two units, and the text.
fn utf16(text: &str) -> Vec<u16> {
    let mut units: Vec<u16> = [0, 0].into_iter().chain(text.encode_utf16()).collect();
    let length = (units.len() - 2) as u32 * 2;
    units[0] = length as u16;
    units[1] = (length >> 16) as u16;
    units
}

/// A function that begins a process: it reads what it was given from the rest of the argument.
pub(crate) type Begin = fn(&mut Decoder<'_>);

/// Runs what [`spawn`](crate::spawn) was given. Its argument is `{'$spawned', Begin, Argument}`, which the same program has written.
#[doc(hidden)]
pub fn spawned() {
    let bytes: Result<Vec<u8>, _> = answer(
        // SAFETY: the buffer has that much room.
        |out, room| unsafe { abi::process::argument(out, room) },
        <[u8]>::to_vec,
    );
    let bytes = bytes.unwrap_or_else(|error| failed(error, "spawned"));
    let begun = read_begin(&bytes);
    match begun {
        Some((begin, mut rest)) => begin(&mut rest),
        None => fail("badarg", format!("{} is for moonlet::spawn alone", SPAWNED)),
    }
}

fn read_begin(bytes: &[u8]) -> Option<(Begin, Decoder<'_>)> {
    let mut from = Decoder::open(bytes).ok()?;
    match from.message() {
        Ok(("$spawned", 3)) => {}
        _ => return None,
    }
    let begin = from.integer().ok().and_then(|index| usize::try_from(index).ok()).filter(|&index| index != 0)?;
    // SAFETY: `spawn_raw` has written the number of such a function, in a process of this same program, where the numbers are the same. Who
    // spawns this export by hand with another number calls another function of the program, or traps.
    Some((unsafe { core::mem::transmute::<usize, Begin>(begin) }, from))
}

/// What a process was spawned with, whichever way.
pub(crate) fn read_argument<T: Decode>(bytes: &[u8]) -> T {
    if let Some((_, mut rest)) = read_begin(bytes) {
        return T::decode(&mut rest).unwrap_or_else(|error| fail("bad_message", error.within("argument")));
    }
    crate::decode(bytes).unwrap_or_else(|error| fail("bad_message", error.within("argument")))
}
