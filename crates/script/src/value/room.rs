//! How many bytes may still be made of values that are copied: an item that stands at many places of one value is one in
//! memory, and many in a copy.

use redipy_command::room::afford;
use redipy_command::{Result, Value};

use super::{StrValue, Val};
use crate::texts;

/// The bytes that are left.
#[derive(Debug)]
pub(crate) struct Room(usize);

/// The default limit on the bytes of a script's values.
pub(crate) const MEMORY: usize = 1 << 30;

/// The longest text that is made of values: that of a string of Redis.
pub(crate) const LONGEST: usize = 512 << 20;

/// The size of an item in a list.
pub(crate) const ITEM: usize = size_of::<Val>();

/// The size of an entry in a dict, about.
pub(crate) const ENTRY: usize = size_of::<Val>() + size_of::<StrValue>() + 16;

/// The size of a value that is sent.
pub(crate) const SENT: usize = size_of::<Value>();

impl Default for Room {
    fn default() -> Self {
        Self(MEMORY)
    }
}

impl Room {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Takes `bytes` from the budget, which the caller fills at once.
    ///
    /// # Errors
    /// `OutOfMemory` when the budget or the memory does not suffice.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<()> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(texts::out_of_memory)?;
        afford(bytes)
    }

    pub(crate) fn left(&self) -> usize {
        self.0
    }
}
