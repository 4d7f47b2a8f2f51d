//! A set of shards: those that a call needs, or those that it has locked.

/// A set of the indices of shards, at most 64.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ShardSet(u64);

impl ShardSet {
    /// How many shards there are at most.
    pub(crate) const MOST: usize = u64::BITS as usize;

    /// All shards.
    pub(crate) fn everything() -> Self {
        ShardSet(u64::MAX)
    }

    /// The shards, as the bits of a number.
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// The shards that these bits say.
    pub(crate) fn from_bits(bits: u64) -> Self {
        ShardSet(bits)
    }

    /// Adds a shard.
    pub(crate) fn add(&mut self, index: usize) {
        self.0 |= 1 << index;
    }

    /// The part of the set that an engine with this many shards has.
    pub(crate) fn of(self, shards: usize) -> Self {
        ShardSet(self.0 & (u64::MAX >> (u64::BITS as usize - shards)))
    }

    /// The position of this shard in the set, in the order of the indices.
    #[inline]
    pub(crate) fn position(self, index: usize) -> Option<usize> {
        let bit = 1 << index;
        (self.0 & bit != 0).then(|| (self.0 & (bit - 1)).count_ones() as usize)
    }

    /// Whether this shard is one of them.
    pub(crate) fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }

    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The indices of the shards, in order.
    pub(crate) fn indices(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let index = (left != 0).then(|| left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            index
        })
    }
}
