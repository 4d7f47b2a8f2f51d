//! Memory for large values. Where it is lacking a call fails; a failed allocation would end the whole process.
//!
//! Code that copies or makes bytes of a length that a caller decides checks here first. Commands are checked once, by the
//! length of their arguments, when they enter an engine ([`admit`]) and when they are encoded; results where their length is
//! known. Up to [`LARGE`] bytes nothing is checked, so small values cost a comparison.

use crate::arg::MAX_LEN;
use crate::execute::Command;
use crate::sink::Sink;
use crate::texts::{self, fail};
use crate::{Bytes, Result};

/// For values up to this size there is always room.
pub const LARGE: usize = 1 << 20;

/// Checks that there is memory for a copy of this size, which the caller makes at once.
///
/// # Errors
/// `OOM` where there is none.
#[inline]
pub fn afford(len: usize) -> Result<()> {
    if len <= LARGE { Ok(()) } else { ask(len) }
}

#[cold]
fn ask(len: usize) -> Result<()> {
    grow(&mut Vec::new(), len)
}

/// Reserves memory for `more` bytes.
///
/// # Errors
/// The errors of [`afford`].
pub fn grow(bytes: &mut Vec<u8>, more: usize) -> Result<()> {
    // First what leaves room to grow further, then no more than there must be.
    match bytes.try_reserve(more).or_else(|_| bytes.try_reserve_exact(more)) {
        Ok(()) => Ok(()),
        Err(_) => fail(texts::NO_ROOM),
    }
}

/// Appends bytes, which are asked for where the whole becomes large.
///
/// # Errors
/// The errors of [`afford`].
#[inline]
pub fn append(to: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    if to.len() + bytes.len() > LARGE {
        grow(to, bytes.len())?;
    }
    to.extend_from_slice(bytes);
    Ok(())
}

/// A copy of what is stored.
///
/// # Errors
/// The errors of [`afford`].
#[inline]
pub fn copy(bytes: &[u8]) -> Result<Bytes> {
    afford(bytes.len())?;
    Ok(Bytes::copy(bytes))
}

/// Refuses a command with an argument that is longer than a server takes, [`MAX_LEN`], or without room for a copy of its
/// arguments.
///
/// # Errors
/// The error that a server gives, and the one of [`afford`].
#[inline(always)]
pub fn admit<C: Command>(command: &C) -> Result<()> {
    if command.weight() <= LARGE as u64 { Ok(()) } else { admit_large(command) }
}

#[cold]
fn admit_large<C: Command>(command: &C) -> Result<()> {
    let mut sizes = Sizes::default();
    command.encode(&mut sizes);
    sizes.admit()
}

/// The check of [`admit`] for raw arguments.
///
/// # Errors
/// The errors of [`admit`].
#[inline]
pub fn admit_args(args: &[&[u8]]) -> Result<()> {
    let weight: u64 = args.iter().map(|arg| arg.len() as u64).sum();
    if weight <= LARGE as u64 { Ok(()) } else { admit_large_args(args) }
}

#[cold]
fn admit_large_args(args: &[&[u8]]) -> Result<()> {
    let mut sizes = Sizes::default();
    args.iter().for_each(|arg| sizes.arg(arg));
    sizes.admit()
}

/// The number of arguments of a command, their total length and the longest of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
    longest: usize,
}

impl Sizes {
    fn admit(self) -> Result<()> {
        if self.longest > MAX_LEN {
            return fail(texts::BULK_TOO_LONG);
        }
        // The buffers of an engine are up to a quarter longer than what is in them.
        afford(self.bytes.saturating_add(self.bytes / 4))
    }
}

impl Sink for Sizes {
    fn arg(&mut self, bytes: &[u8]) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.longest = self.longest.max(bytes.len());
    }
}
