//! A byte string in one word: what the large forms of hashes and sets keep their elements in.
//!
//! The four lowest bits of the word say where the bytes are, so that no element takes more of an allocator than it must:
//! allocators round up to 16, and a length in front of 16 bytes would take 32.
//!
//! # Invariants
//! 1. The lowest four bits of the word's address are its form.
//!    - `INLINE`: the word points to nothing. The other four bits of its lowest byte are the length, at most `IN_WORD`; its
//!      other bytes are the bytes.
//!    - `HEADED`: the word is a pointer to the length, seven bits a byte with the least significant first, and behind it
//!      the bytes.
//!    - Any other `form`: the word less `form` is a pointer to `(form - 1) * ALIGN` bytes.
//! 2. What the word points to is an allocation of its own, made with `layout` of the length and what is in front of it,
//!    initialised up to that size, and owned by the word.
//! 3. References given out borrow the word, so that the bytes can neither change nor go under them.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;

/// A byte string of one word; short ones need no allocation.
#[repr(transparent)]
pub struct ThinBytes(NonNull<u8>);

/// Allocations are aligned to this, which leaves four bits for the form.
const ALIGN: usize = 16;
const FORM: usize = ALIGN - 1;
const HEADED: usize = 0;
const INLINE: usize = 1;
/// The longest byte string without a length in front of it.
const BARE_MAX: usize = (FORM - 1) * ALIGN;

/// The longest byte string in the word itself.
const IN_WORD: usize = size_of::<usize>() - 1;
/// Where the lowest byte of a word is, and its other bytes.
const LOWEST: usize = if cfg!(target_endian = "little") { 0 } else { IN_WORD };
const OTHERS: usize = if cfg!(target_endian = "little") { 1 } else { 0 };

// SAFETY: the word owns what it points to (invariant 2): plain bytes.
unsafe impl Send for ThinBytes {}
// SAFETY: a shared word is only read.
unsafe impl Sync for ThinBytes {}

impl ThinBytes {
    /// The bytes of these parts, one after the other.
    pub fn concat(parts: &[&[u8]]) -> Self {
        let len = parts.iter().try_fold(0_usize, |len, part| len.checked_add(part.len()));
        let len = len.unwrap_or_else(|| unreachable!("parts lie in memory"));
        if len <= IN_WORD { Self::inline(parts) } else { Self::allocate(len, parts) }
    }

    /// A byte string in the word; the parts have at most `IN_WORD` bytes.
    fn inline(parts: &[&[u8]]) -> Self {
        let mut word = [0; size_of::<usize>()];
        let mut len = 0;
        for part in parts {
            word[OTHERS + len..][..part.len()].copy_from_slice(part);
            len += part.len();
        }
        word[LOWEST] = (len << 4 | INLINE) as u8;
        let word = NonZeroUsize::new(usize::from_ne_bytes(word)).unwrap_or_else(|| unreachable!("it has a form"));
        ThinBytes(NonNull::without_provenance(word))
    }

    /// A byte string in an allocation; `len` is the length of all parts.
    fn allocate(len: usize, parts: &[&[u8]]) -> Self {
        let mut head = [0; LENGTH_MAX];
        let (form, head) = if is_bare(len) { (len / ALIGN + 1, &[][..]) } else { (HEADED, length(len, &mut head)) };
        let layout = layout(head.len() + len);
        // SAFETY: the layout is not of size zero.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let mut free = Free { at: start, left: layout.size() };
        if form == HEADED {
            free.write(head);
        }
        parts.iter().for_each(|part| free.write(part));
        if free.left > 0 {
            free.write(&[0; ALIGN][..free.left]);
        }
        // SAFETY: the allocation has more bytes than the number of a form.
        ThinBytes(unsafe { start.byte_add(form) })
    }

    #[inline]
    fn form(&self) -> usize {
        self.0.addr().get() & FORM
    }

    /// Where the bytes begin, and how many they are. The pointer is good for as long as `this` is, for writing too where
    /// `this` is.
    #[inline]
    fn bounds(this: *const Self) -> (*const u8, usize) {
        // SAFETY: every caller has a reference to the word.
        let word = unsafe { (*this).0 };
        match word.addr().get() & FORM {
            HEADED => headed(word),
            // SAFETY: the bytes of the word are there (invariant 1).
            INLINE => unsafe {
                let bytes = this.cast::<u8>();
                (bytes.add(OTHERS), usize::from(bytes.add(LOWEST).read() >> 4))
            },
            // SAFETY: invariant 1.
            form => unsafe { (word.byte_sub(form).as_ptr(), (form - 1) * ALIGN) },
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        let (start, len) = Self::bounds(self);
        // SAFETY: invariants 1 and 2.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    /// The bytes, to be changed in place.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        let (start, len) = Self::bounds(&raw mut *self);
        // SAFETY: invariants 1 and 2, and the word is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(start.cast_mut(), len) }
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        self.allocation().map_or(0, |(_, layout)| layout.size())
    }

    /// The allocation, if there is one.
    fn allocation(&self) -> Option<(NonNull<u8>, Layout)> {
        let len = self.as_slice().len();
        match self.form() {
            INLINE => None,
            HEADED => Some((self.0, layout(length(len, &mut [0; LENGTH_MAX]).len() + len))),
            // SAFETY: invariant 1.
            form => Some((unsafe { self.0.byte_sub(form) }, layout(len))),
        }
    }
}

/// The part of a new allocation that is not initialised: nothing else refers to it.
struct Free {
    at: NonNull<u8>,
    left: usize,
}

impl Free {
    #[inline]
    fn write(&mut self, part: &[u8]) {
        assert!(part.len() <= self.left, "the parts are as long as before");
        // SAFETY: `left` bytes of the allocation begin at `at`, and `part` cannot be in it.
        unsafe {
            self.at.copy_from_nonoverlapping(NonNull::from(part).cast(), part.len());
            self.at = self.at.add(part.len());
        }
        self.left -= part.len();
    }
}

/// Where the bytes behind a length begin, and how many they are.
#[inline]
fn headed(start: NonNull<u8>) -> (*const u8, usize) {
    // SAFETY: a length begins there (invariant 1), whose last byte is below 0x80.
    unsafe {
        let (mut at, mut byte) = (start.add(1), start.read());
        let (mut len, mut shift) = (usize::from(byte & 0x7f), 7);
        while byte >= 0x80 {
            byte = at.read();
            len |= usize::from(byte & 0x7f) << shift;
            (at, shift) = (at.add(1), shift + 7);
        }
        (at.as_ptr(), len)
    }
}

#[inline]
fn is_bare(len: usize) -> bool {
    len.is_multiple_of(ALIGN) && len <= BARE_MAX
}

/// An allocation of so many bytes: at least as many as it is aligned to, for which every allocator has the alignment.
fn layout(size: usize) -> Layout {
    Layout::from_size_align(size.max(ALIGN), ALIGN).unwrap_or_else(|_| unreachable!("what is in memory twice"))
}

impl Drop for ThinBytes {
    #[inline]
    fn drop(&mut self) {
        if let Some((start, layout)) = self.allocation() {
            // SAFETY: invariant 2; nothing refers to the bytes any more.
            unsafe { dealloc(start.as_ptr(), layout) };
        }
    }
}

impl Clone for ThinBytes {
    fn clone(&self) -> Self {
        Self::from(self.as_slice())
    }
}

impl From<&[u8]> for ThinBytes {
    /// As `concat` does it, shorter where nothing stands in front of the bytes.
    #[inline]
    fn from(text: &[u8]) -> Self {
        if !is_bare(text.len()) || text.is_empty() {
            return Self::concat(&[text]);
        }
        let layout = layout(text.len());
        // SAFETY: the layout is not of size zero.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        Free { at: start, left: layout.size() }.write(text);
        // SAFETY: the allocation has more bytes than the number of a form.
        ThinBytes(unsafe { start.byte_add(text.len() / ALIGN + 1) })
    }
}

impl Deref for ThinBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for ThinBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

/// The most bytes that a length takes.
pub const LENGTH_MAX: usize = 10;

/// A length and what is behind it. `bytes` begin with one.
#[inline]
pub fn split_length(bytes: &[u8]) -> (usize, &[u8]) {
    let (mut len, mut shift, mut rest) = (0, 0, bytes);
    while let [byte, behind @ ..] = rest {
        len |= usize::from(byte & 0x7f) << shift;
        (shift, rest) = (shift + 7, behind);
        if byte & 0x80 == 0 {
            break;
        }
    }
    (len, rest)
}

/// A length in seven bits a byte, least significant first; every byte but the last says that more follow.
#[inline]
pub fn length(len: usize, buf: &mut [u8; LENGTH_MAX]) -> &[u8] {
    let mut rest = len;
    let mut used = 0;
    for byte in buf.iter_mut() {
        *byte = (rest & 0x7f) as u8;
        rest >>= 7;
        used += 1;
        if rest == 0 {
            break;
        }
        *byte |= 0x80;
    }
    &buf[..used]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_byte_string_is_one_word_and_takes_no_more_than_it_must() {
        assert_eq!(size_of::<Option<ThinBytes>>(), size_of::<usize>());
        let memory = |len: usize| ThinBytes::from(vec![7; len].as_slice()).memory();
        assert_eq!([0, IN_WORD, IN_WORD + 1, 15, 16, 17, 31, 32, 33].map(memory), [0, 0, 16, 16, 16, 18, 32, 32, 34]);
        assert_eq!([127, 128, 129, BARE_MAX, BARE_MAX + 1, 20_000].map(memory), [128, 128, 131, 224, 227, 20_003]);
    }

    proptest! {
        #[test]
        fn it_is_what_was_put_into_it(
            parts in prop::collection::vec(prop_oneof![
                prop::collection::vec(any::<u8>(), 0..10),
                (0..20_usize, any::<u8>()).prop_map(|(n, byte)| vec![byte; 16 * n]),
                (0..20_000_usize, any::<u8>()).prop_map(|(n, byte)| vec![byte; n]),
            ], 0..4),
            byte: u8,
        ) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let (mut bytes, mut model) = (ThinBytes::concat(&slices), parts.concat());
            prop_assert_eq!(bytes.as_slice(), model.as_slice());
            let copy = bytes.clone();
            bytes.as_mut_slice().iter_mut().step_by(3).for_each(|at| *at ^= byte);
            prop_assert_eq!(copy.as_slice(), model.as_slice());
            model.iter_mut().step_by(3).for_each(|at| *at ^= byte);
            prop_assert_eq!(bytes.as_slice(), model.as_slice());
        }
    }
}
