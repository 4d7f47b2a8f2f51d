//! Bytes behind one pointer: their length, their capacity and two numbers of the owner lie in front of them.
//! What [`Packed`](super::packed) keeps its elements in, so that a small collection is one word and one allocation.
//!
//! # Invariants
//! 1. The pointer is to a `Head`, aligned to 8 bytes. If its capacity is 0, it is `EMPTY`, which is never written to.
//!    Otherwise the head and `capacity` bytes behind it are one allocation, made with `layout(capacity)` and owned by
//!    the buffer.
//! 2. All bytes up to the capacity are initialised, those behind the length too; `len <= capacity`.
//! 3. References given out borrow the buffer, so that the bytes can neither change nor go under them.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::ptr::NonNull;

#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Head {
    len: u32,
    capacity: u32,
    start: u32,
    count: u32,
}

/// What all buffers without an allocation point to.
static EMPTY: Head = Head { len: 0, capacity: 0, start: 0, count: 0 };

/// Bytes behind one pointer.
#[repr(transparent)]
pub struct Buffer(NonNull<Head>);

// SAFETY: a buffer owns its allocation (invariant 1), which holds plain bytes; `EMPTY` is only read.
unsafe impl Send for Buffer {}
// SAFETY: a shared buffer is only read.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// No bytes, no allocation.
    pub const fn new() -> Self {
        Buffer(NonNull::from_ref(&EMPTY))
    }

    #[inline]
    fn head(&self) -> &Head {
        // SAFETY: invariant 1.
        unsafe { self.0.as_ref() }
    }

    /// The head, but not that of `EMPTY`.
    #[inline]
    fn head_mut(&mut self) -> Option<&mut Head> {
        if self.capacity() == 0 {
            return None;
        }
        // SAFETY: invariant 1: there is a capacity, so the head is the buffer's own, which is borrowed mutably.
        Some(unsafe { self.0.as_mut() })
    }

    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.head().len as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there may be without another allocation.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.head().capacity as usize
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        if self.capacity() == 0 { 0 } else { layout(self.capacity()).size() }
    }

    /// The first number that the owner keeps here; 0 in a new buffer.
    #[inline]
    pub fn start(&self) -> usize {
        self.head().start as usize
    }

    /// The second number that the owner keeps here; 0 in a new buffer.
    #[inline]
    pub fn count(&self) -> usize {
        self.head().count as usize
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: invariant 2.
        unsafe { std::slice::from_raw_parts(self.0.add(1).cast().as_ptr(), self.len()) }
    }

    /// The bytes and those behind them, up to the capacity, whatever they are.
    #[inline]
    pub fn all_mut(&mut self) -> &mut [u8] {
        // SAFETY: invariants 1 and 2, and the buffer is borrowed mutably. The slice of `EMPTY` is empty.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(1).cast().as_ptr(), self.capacity()) }
    }

    /// Sets the length, at most the capacity. Bytes that were not there before are whatever they are.
    #[inline]
    pub fn set_len(&mut self, len: usize) {
        assert!(len <= self.capacity(), "there is room");
        if let Some(head) = self.head_mut() {
            head.len = len as u32;
        }
    }

    /// Sets the first number of the owner. A buffer without a capacity keeps its 0.
    #[inline]
    pub fn set_start(&mut self, start: usize) {
        if let Some(head) = self.head_mut() {
            head.start = start as u32;
        }
    }

    /// Sets the second number of the owner. A buffer without a capacity keeps its 0.
    #[inline]
    pub fn set_count(&mut self, count: usize) {
        if let Some(head) = self.head_mut() {
            head.count = count as u32;
        }
    }

    /// Makes room for so many bytes behind those that there are, and for what the allocator would give anyway.
    #[inline]
    pub fn reserve(&mut self, more: usize) {
        if self.capacity() - self.len() < more {
            self.set_capacity(self.len() + more);
        }
    }

    /// Makes the capacity the least one that an allocator has for `capacity` bytes, or for those that there are.
    pub fn set_capacity(&mut self, capacity: usize) {
        let capacity = whole(capacity.max(self.len()));
        let old = self.capacity();
        if capacity == old {
            return;
        }
        if capacity == 0 {
            *self = Self::new();
            return;
        }
        let new = layout(capacity);
        let head = Head { capacity: capacity as u32, ..*self.head() };
        // SAFETY: `new` is not of size zero, for it contains a head; an old capacity that is not 0 is that of the
        // allocation (invariant 1).
        let data =
            unsafe { if old == 0 { alloc(new) } else { realloc(self.0.cast().as_ptr(), layout(old), new.size()) } };
        let Some(data) = NonNull::new(data.cast::<Head>()) else { handle_alloc_error(new) };
        // SAFETY: the allocation is aligned and large enough for a head and, behind it, the capacity.
        unsafe {
            data.write(head);
            data.add(1).cast::<u8>().add(old.min(capacity)).write_bytes(0, capacity.saturating_sub(old));
        }
        self.0 = data;
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let capacity = self.capacity();
        if capacity > 0 {
            // SAFETY: invariant 1; nothing refers to the buffer any more.
            unsafe { dealloc(self.0.cast().as_ptr(), layout(capacity)) };
        }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut clone = Self::from(self.bytes());
        clone.set_start(self.start());
        clone.set_count(self.count());
        clone
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&[u8]> for Buffer {
    fn from(bytes: &[u8]) -> Self {
        let mut buffer = Self::new();
        buffer.set_capacity(bytes.len());
        buffer.all_mut()[..bytes.len()].copy_from_slice(bytes);
        buffer.set_len(bytes.len());
        buffer
    }
}

/// The capacity that an allocation for so many bytes has.
fn whole(capacity: usize) -> usize {
    const HEAD: usize = size_of::<Head>();
    const MOST: usize = u32::MAX as usize;
    assert!(capacity <= MOST, "a small collection or an element of a list is shorter than 4 GiB");
    if capacity == 0 { 0 } else { (size_class(HEAD + capacity) - HEAD).min(MOST) }
}

fn layout(capacity: usize) -> Layout {
    let (size, align) = (size_of::<Head>() + capacity, align_of::<Head>());
    Layout::from_size_align(size, align).unwrap_or_else(|_| unreachable!("below isize::MAX"))
}

/// What an allocator gives who asks for so many bytes: steps of 16 up to 128, then four to each doubling, as jemalloc
/// and mimalloc have them. To take all of it costs nothing, and a buffer still grows by an eighth or more at a time.
pub fn size_class(size: usize) -> usize {
    let step = if size <= 128 { 16 } else { size.next_power_of_two() / 8 };
    size.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_buffer_is_one_word_and_its_allocation_a_size_class() {
        assert_eq!((size_of::<Option<Buffer>>(), size_of::<Head>(), align_of::<Head>()), (8, 16, 8));
        let classes = [1, 16, 17, 128, 129, 160, 161, 257, 1025, 2048, 2049].map(size_class);
        assert_eq!(classes, [16, 16, 32, 128, 160, 160, 192, 320, 1280, 2048, 2560]);
        let buffer = Buffer::from([7; 300].as_slice());
        assert_eq!((buffer.len(), buffer.memory(), Buffer::new().memory()), (300, 320, 0));
    }

    #[test]
    fn an_empty_buffer_has_nothing_and_keeps_nothing() {
        let mut buffer = Buffer::new();
        buffer.set_len(0);
        buffer.set_start(5);
        buffer.set_count(6);
        buffer.reserve(0);
        assert!(buffer.all_mut().is_empty() && buffer.is_empty());
        assert_eq!((Buffer::new().start(), Buffer::new().count()), (0, 0));
    }

    proptest! {
        #[test]
        fn a_buffer_is_a_vector(ops in prop::collection::vec((0..6_u8, any::<u8>(), 0..400_usize), 0..100)) {
            let (mut buffer, mut model, mut marks) = (Buffer::new(), Vec::<u8>::new(), (0, 0));
            for (op, byte, n) in ops {
                match op {
                    0 | 1 => {
                        buffer.reserve(n);
                        let len = buffer.len();
                        buffer.all_mut()[len..len + n].fill(byte);
                        buffer.set_len(len + n);
                        model.resize(len + n, byte);
                    }
                    2 => {
                        model.truncate(n);
                        buffer.set_len(model.len());
                    }
                    3 => buffer.set_capacity(n),
                    4 => buffer = buffer.clone(),
                    _ if buffer.capacity() > 0 => {
                        buffer.set_start(n);
                        buffer.set_count(n / 2);
                        marks = (n, n / 2);
                    }
                    _ => {}
                }
                if buffer.capacity() == 0 {
                    marks = (0, 0);
                }
                prop_assert_eq!(buffer.bytes(), model.as_slice());
                prop_assert!(buffer.all_mut().len() >= model.len());
                prop_assert_eq!((buffer.start(), buffer.count()), marks);
            }
        }
    }
}
