//! How collections are stored: up to which sizes they are small, and the seed of their hash function.

/// How collections are stored. All of an engine are stored in one way, which is chosen when it is made.
#[derive(Debug, Clone, Copy)]
pub struct CollectionConfig {
    /// The seed of the hash function.
    pub seed: u64,
    /// Fields of a packed hash.
    pub hash_max_listpack_entries: usize,
    /// Bytes of its fields and values.
    pub hash_max_listpack_value: usize,
    /// Members of a set that is an array of integers.
    pub set_max_intset_entries: usize,
    /// Members of a packed set.
    pub set_max_listpack_entries: usize,
    /// Bytes of its members.
    pub set_max_listpack_value: usize,
    /// Members of a packed sorted set.
    pub zset_max_listpack_entries: usize,
    /// Bytes of its members.
    pub zset_max_listpack_value: usize,
    /// The size of a list of one chunk, and of every chunk of a longer one.
    pub list_max_listpack_size: ChunkLimit,
}

impl CollectionConfig {
    /// The defaults of Redis 8.2.
    pub const DEFAULT: Self = CollectionConfig {
        seed: 0,
        hash_max_listpack_entries: 512,
        hash_max_listpack_value: 64,
        set_max_intset_entries: 512,
        set_max_listpack_entries: 128,
        set_max_listpack_value: 64,
        zset_max_listpack_entries: 128,
        zset_max_listpack_value: 64,
        list_max_listpack_size: ChunkLimit::of(-2),
    };
}

impl Default for CollectionConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The size of a chunk of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkLimit {
    /// The most bytes of a chunk, and of an element that shares one.
    pub bytes: usize,
    /// The most elements of a chunk, where they are what limits it.
    elements: usize,
}

impl ChunkLimit {
    /// The size as Redis says it: so many elements, or from -1 to -5 one of five sizes in bytes.
    pub const fn of(size: i32) -> Self {
        // Bytes of a chunk that is limited by its elements.
        const SAFE: usize = 8192;
        match size {
            0 => ChunkLimit { bytes: SAFE, elements: 1 },
            1.. => ChunkLimit { bytes: SAFE, elements: size as usize },
            -4..0 => ChunkLimit { bytes: 2048 << -size, elements: usize::MAX },
            _ => ChunkLimit { bytes: 65536, elements: usize::MAX },
        }
    }

    /// Whether a chunk may have so many bytes and elements.
    #[inline]
    pub fn allows(self, bytes: usize, elements: usize) -> bool {
        bytes <= self.bytes && elements <= self.elements
    }

    /// Whether a chunk is at most half full: by its elements, where they are what limits it.
    pub fn is_half(self, bytes: usize, elements: usize) -> bool {
        if self.elements < usize::MAX { elements <= self.elements / 2 } else { bytes <= self.bytes / 2 }
    }
}
