//! Room for large values. Where there is none a command fails; otherwise the whole process would end.

use redipy_command::texts::{self, fail};
use redipy_command::{Arg, Result};

/// For values up to this size there is always room.
const LARGE: usize = 1 << 20;

/// Asks for room for a copy of this size, which the caller makes at once.
///
/// # Errors
/// `OOM` where there is none.
#[inline]
pub(crate) fn afford(len: usize) -> Result<()> {
    if len <= LARGE { Ok(()) } else { ask(len) }
}

#[cold]
fn ask(len: usize) -> Result<()> {
    grow(&mut Vec::new(), len)
}

/// Asks for room for a copy of an argument.
///
/// # Errors
/// As [`afford`].
#[inline]
pub(crate) fn afford_value(value: Arg<'_>) -> Result<()> {
    if let Arg::Bytes(bytes) = value { afford(bytes.len()) } else { Ok(()) }
}

/// Makes room for so many bytes more in a string.
///
/// # Errors
/// As [`afford`].
pub(crate) fn grow(string: &mut Vec<u8>, more: usize) -> Result<()> {
    // First what leaves room to grow further, then no more than there must be.
    match string.try_reserve(more).or_else(|_| string.try_reserve_exact(more)) {
        Ok(()) => Ok(()),
        Err(_) => fail(texts::NO_ROOM),
    }
}
