//! What the table of a sorted set's members holds.

use std::num::NonZeroU32;

/// A member where it is found by its name: its handle, and what is needed of the hash of its name, lest a table that grows
/// looks at the names again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub hash: u32,
    /// The handle and 1, so that a slot of a table is no longer than this.
    next: NonZeroU32,
}

impl Named {
    /// A member with this hash and this handle.
    pub fn new(hash: u32, id: u32) -> Self {
        let next = NonZeroU32::MIN.saturating_add(id);
        Named { hash, next }
    }

    /// The handle.
    #[inline]
    pub fn id(self) -> u32 {
        self.next.get() - 1
    }

    /// A hash for tables.
    #[inline]
    pub fn spread(&self) -> u64 {
        spread(self.hash)
    }
}

/// A hash of 64 bits made of one of 32: the upper half, of which the bits of a table are taken, is the lower one mixed.
#[inline]
pub fn spread(hash: u32) -> u64 {
    let mixed = u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed & !u64::from(u32::MAX)) | u64::from(hash)
}
