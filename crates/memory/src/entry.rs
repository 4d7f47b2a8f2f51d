//! One key with its value in one allocation: `deadline | word | key length, capacity, type | key | short string`.
//!
//! All unsafe code of the keyspace is here, behind a safe surface. A table slot is one pointer, a
//! lookup touches one cache line of the entry, and a key costs one allocation.
//!
//! # Invariants
//! 1. `Entry` owns its allocation, which was made with `layout(key_len, capacity)` and begins with
//!    an initialised `Header`.
//! 2. The `key_len` bytes after the header are initialised: the key. They never change.
//! 3. For `Type::Inline` the `word` bytes after the key are initialised and `word <= capacity`.
//! 4. For `Type::Big`, `List`, `Hash`, `Set` and `ZSet`, `word` is a pointer from `Box::into_raw`
//!    of `Vec<u8>`, `List`, …, owned by the entry. `Type::Int` keeps its value in `word`.
//! 5. References given out borrow the entry, so that the value can neither change nor go under them.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use crate::data::hash::Hash;
use crate::data::list::List;
use crate::data::set::Set;
use crate::data::zset::ZSet;
use crate::object::{Object, View, ViewMut};

/// The longest string that is stored inside the entry.
const INLINE: usize = 512;

/// The deadline of a key that does not expire: no key gets one that lies before all time.
const NEVER: i64 = i64::MIN;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Type {
    Int,
    Inline,
    Big,
    List,
    Hash,
    Set,
    ZSet,
}

#[repr(C)]
struct Header {
    deadline: i64,
    word: u64,
    key_len: u32,
    capacity: u16,
    kind: Type,
}

/// A key and its value.
pub(crate) struct Entry(NonNull<Header>);

// SAFETY: an entry owns everything it points to (invariants 1 and 4), and all of it is `Send`.
unsafe impl Send for Entry {}

const _: () = {
    const fn assert_send<T: Send>() {}
    assert_send::<Object>();
};

impl Entry {
    /// A key with this value, without a deadline.
    pub(crate) fn new(key: &[u8], object: Object) -> Self {
        match object {
            Object::Int(int) => Self::allocate(key, 0, Type::Int, int as u64),
            Object::Str(bytes) if bytes.len() <= INLINE => Self::inline(key, &bytes),
            Object::Str(bytes) => Self::boxed(key, Type::Big, Box::new(bytes)),
            Object::List(list) => Self::boxed(key, Type::List, list),
            Object::Hash(hash) => Self::boxed(key, Type::Hash, hash),
            Object::Set(set) => Self::boxed(key, Type::Set, set),
            Object::ZSet(zset) => Self::boxed(key, Type::ZSet, zset),
        }
    }

    /// A key with this string, which is not the text of an integer.
    pub(crate) fn with_bytes(key: &[u8], bytes: &[u8]) -> Self {
        if bytes.len() <= INLINE { Self::inline(key, bytes) } else { Self::new(key, Object::Str(bytes.to_vec())) }
    }

    fn inline(key: &[u8], bytes: &[u8]) -> Self {
        let mut entry = Self::allocate(key, bytes.len() as u16, Type::Inline, 0);
        entry.fill_inline(bytes);
        entry
    }

    fn boxed<T>(key: &[u8], kind: Type, value: Box<T>) -> Self {
        Self::allocate(key, 0, kind, Box::into_raw(value) as u64)
    }

    fn allocate(key: &[u8], capacity: u16, kind: Type, word: u64) -> Self {
        let layout = layout(key.len(), capacity);
        // SAFETY: the layout is not of size zero, for it contains a header.
        let Some(header) = NonNull::new(unsafe { alloc(layout) }.cast::<Header>()) else { handle_alloc_error(layout) };
        let key_len = key.len() as u32;
        // SAFETY: the allocation is large and aligned enough for a header and, behind it, the key.
        unsafe {
            header.write(Header { deadline: NEVER, word, key_len, capacity, kind });
            header.add(1).cast::<u8>().copy_from_nonoverlapping(NonNull::from(key).cast(), key.len());
        }
        Entry(header)
    }

    /// Overwrites the inline string; `bytes` fits into the capacity.
    fn fill_inline(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= usize::from(self.header().capacity));
        // SAFETY: `capacity` bytes follow the key (invariant 1), and `bytes` cannot overlap memory
        // that is borrowed mutably here.
        unsafe {
            let target = self.key_start().add(self.key().len());
            target.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
        }
        let header = self.header_mut();
        header.word = bytes.len() as u64;
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY: invariant 1.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    fn header_mut(&mut self) -> &mut Header {
        // SAFETY: invariant 1, and the entry is borrowed mutably.
        unsafe { self.0.as_mut() }
    }

    #[inline]
    fn key_start(&self) -> NonNull<u8> {
        // SAFETY: the key follows the header in the same allocation (invariant 1).
        unsafe { self.0.add(1).cast() }
    }

    /// The key.
    #[inline]
    pub(crate) fn key(&self) -> &[u8] {
        // SAFETY: invariant 2.
        unsafe { std::slice::from_raw_parts(self.key_start().as_ptr(), self.header().key_len as usize) }
    }

    /// When the key expires, in Unix milliseconds.
    #[inline]
    pub(crate) fn deadline(&self) -> Option<i64> {
        let deadline = self.header().deadline;
        (deadline != NEVER).then_some(deadline)
    }

    /// Sets or removes the deadline.
    pub(crate) fn set_deadline(&mut self, deadline: Option<i64>) {
        self.header_mut().deadline = deadline.unwrap_or(NEVER);
    }

    /// The value.
    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        let header = self.header();
        // SAFETY: invariants 3 and 4: the type says what `word` is.
        unsafe {
            match header.kind {
                Type::Int => View::Int(header.word as i64),
                Type::Inline => {
                    let start = self.key_start().add(header.key_len as usize);
                    View::Str(std::slice::from_raw_parts(start.as_ptr(), header.word as usize))
                }
                Type::Big => View::Str(&*(header.word as *const Vec<u8>)),
                Type::List => View::List(&*(header.word as *const List)),
                Type::Hash => View::Hash(&*(header.word as *const Hash)),
                Type::Set => View::Set(&*(header.word as *const Set)),
                Type::ZSet => View::ZSet(&*(header.word as *const ZSet)),
            }
        }
    }

    /// The value, to be changed.
    #[inline]
    pub(crate) fn view_mut(&mut self) -> ViewMut<'_> {
        let header = self.header_mut();
        // SAFETY: invariant 4, and the entry is borrowed mutably.
        unsafe {
            match header.kind {
                Type::Int | Type::Inline | Type::Big => ViewMut::Str,
                Type::List => ViewMut::List(&mut *(header.word as *mut List)),
                Type::Hash => ViewMut::Hash(&mut *(header.word as *mut Hash)),
                Type::Set => ViewMut::Set(&mut *(header.word as *mut Set)),
                Type::ZSet => ViewMut::ZSet(&mut *(header.word as *mut ZSet)),
            }
        }
    }

    /// Replaces the value; the deadline stays.
    pub(crate) fn set(&mut self, object: Object) {
        if let Object::Int(int) = object {
            self.drop_value();
            let header = self.header_mut();
            (header.kind, header.word) = (Type::Int, int as u64);
            return;
        }
        self.replace_with(|key| Entry::new(key, object));
    }

    /// Replaces the value by a string that is not the text of an integer; the deadline stays.
    ///
    /// A short string is written in place when it fits and does not waste more than half.
    pub(crate) fn set_bytes(&mut self, bytes: &[u8]) {
        let capacity = usize::from(self.header().capacity);
        if bytes.len() <= capacity && bytes.len() >= capacity / 2 {
            self.drop_value();
            self.header_mut().kind = Type::Inline;
            self.fill_inline(bytes);
        } else {
            self.replace_with(|key| Entry::with_bytes(key, bytes));
        }
    }

    fn replace_with(&mut self, make: impl FnOnce(&[u8]) -> Entry) {
        let deadline = self.deadline();
        let mut entry = make(self.key());
        entry.set_deadline(deadline);
        *self = entry;
    }

    /// The string as a vector that can grow, whatever form it had; `None` for another type.
    pub(crate) fn string_mut(&mut self) -> Option<&mut Vec<u8>> {
        let bytes = match self.view() {
            View::Int(int) => int.to_string().into_bytes(),
            View::Str(bytes) if self.header().kind == Type::Inline => bytes.to_vec(),
            View::Str(_) => Vec::new(),
            _ => return None,
        };
        if self.header().kind != Type::Big {
            self.replace_with(|key| Entry::boxed(key, Type::Big, Box::new(bytes)));
        }
        // SAFETY: invariant 4; the type is `Big` now.
        Some(unsafe { &mut *(self.header_mut().word as *mut Vec<u8>) })
    }

    /// Takes the value out; the entry holds the integer 0 afterwards.
    pub(crate) fn take(&mut self) -> Object {
        let object = match self.view() {
            View::Int(int) => Object::Int(int),
            View::Str(bytes) if self.header().kind == Type::Inline => Object::Str(bytes.to_vec()),
            _ => self.take_box(),
        };
        let header = self.header_mut();
        (header.kind, header.word) = (Type::Int, 0);
        object
    }

    /// The boxed value; the caller sets another type at once.
    fn take_box(&mut self) -> Object {
        let word = self.header().word;
        // SAFETY: invariant 4: the pointer is of `Box::into_raw` of this type, and the caller
        // overwrites type and word, so that it is not used again.
        unsafe {
            match self.header().kind {
                Type::Int | Type::Inline => Object::Int(0),
                Type::Big => Object::Str(*Box::from_raw(word as *mut Vec<u8>)),
                Type::List => Object::List(Box::from_raw(word as *mut List)),
                Type::Hash => Object::Hash(Box::from_raw(word as *mut Hash)),
                Type::Set => Object::Set(Box::from_raw(word as *mut Set)),
                Type::ZSet => Object::ZSet(Box::from_raw(word as *mut ZSet)),
            }
        }
    }

    /// Frees a boxed value; the entry holds the integer 0 afterwards.
    fn drop_value(&mut self) {
        if !matches!(self.header().kind, Type::Int | Type::Inline) {
            drop(self.take_box());
        }
        let header = self.header_mut();
        (header.kind, header.word) = (Type::Int, 0);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.drop_value();
        let header = self.header();
        let layout = layout(header.key_len as usize, header.capacity);
        // SAFETY: invariant 1; nothing refers to the entry any more.
        unsafe { dealloc(self.0.as_ptr().cast(), layout) };
    }
}

/// The allocation of an entry. Keys are bounded by what a command can carry, far below `isize`.
fn layout(key_len: usize, capacity: u16) -> Layout {
    assert!(u32::try_from(key_len).is_ok(), "a key is shorter than 4 GiB");
    let size = size_of::<Header>() + key_len + usize::from(capacity);
    let (size, align) = (size, align_of::<Header>());
    Layout::from_size_align(size, align).unwrap_or_else(|_| unreachable!("below isize::MAX"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> String {
        match entry.view() {
            View::Int(int) => int.to_string(),
            View::Str(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => other.type_name().to_owned(),
        }
    }

    #[test]
    fn an_entry_costs_24_bytes_and_a_slot_one_pointer() {
        assert_eq!(size_of::<Header>(), 24);
        assert_eq!(size_of::<Option<Entry>>(), 8);
    }

    #[test]
    fn every_form_becomes_every_other() {
        let forms = || {
            let long = vec![b'x'; 2 * INLINE];
            let strings = [vec![], b"short".to_vec(), vec![b'y'; INLINE], long].map(Object::Str);
            let list = Object::List(Box::default());
            strings.into_iter().chain([Object::Int(-7), list])
        };
        for first in forms() {
            for second in forms() {
                let mut entry = Entry::new(b"key", first.clone());
                entry.set_deadline(Some(5));
                let expected = text(&Entry::new(b"", second.clone()));
                if let Object::Str(bytes) = &second {
                    entry.set_bytes(bytes)
                } else {
                    entry.set(second)
                }
                assert_eq!(text(&entry), expected);
                assert_eq!((entry.key(), entry.deadline()), (&b"key"[..], Some(5)));
            }
        }
    }

    #[test]
    fn a_string_grows_whatever_form_it_had() {
        for object in [Object::Int(12), Object::Str(b"12".to_vec()), Object::Str(vec![b'1'; 600])] {
            let mut entry = Entry::new(b"k", object);
            let before = text(&entry);
            entry.string_mut().unwrap().extend_from_slice(b"ab");
            assert_eq!(text(&entry), before + "ab");
        }
        assert!(Entry::new(b"k", Object::List(Box::default())).string_mut().is_none());
    }

    #[test]
    fn taking_leaves_nothing_behind() {
        let mut entry = Entry::new(b"k", Object::Str(vec![b'z'; 600]));
        assert!(matches!(entry.take(), Object::Str(bytes) if bytes.len() == 600));
        assert_eq!(text(&entry), "0");
    }
}
