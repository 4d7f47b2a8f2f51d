//! One key with its value in one allocation: `word | key length, capacity, type | deadline? | key | short string`.
//! The word is the integer, the collection, or what says where the string is and how long.
//!
//! All unsafe code of the keyspace is here, behind a safe surface. A table slot is one pointer, a
//! lookup touches one cache line of the entry, and a key costs one allocation.
//!
//! # Invariants
//! 1. `Entry` owns its allocation, which was made with `layout(room, key_len, capacity)` and begins with
//!    an initialised `Header`. `room` is 0, or 8 where an initialised deadline follows the header.
//! 2. The `key_len` bytes after that are initialised: the key. They never change.
//! 3. The type says which field of `word` is there; it owns what it points to.
//! 4. For `Type::Inline` the `word.len` bytes after the key are initialised and `word.len <= capacity`.
//! 5. References given out borrow the entry, so that the value can neither change nor go under them.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use crate::data::bytes::same;
use crate::data::hash::Hash;
use crate::data::list::List;
use crate::data::marked::Marked;
use crate::data::set::Set;
use crate::data::zset::ZSet;
use crate::store::deferred::Deferred;
use crate::store::object::{Object, Str, View, ViewMut};

/// The longest string that is stored inside the entry.
const INLINE: usize = 512;

/// Stands in the room for a deadline while there is none: no key gets one that lies before all time.
const NEVER: i64 = i64::MIN;

/// The bytes that a deadline takes.
const ROOM: u8 = 8;

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
union Word {
    int: i64,
    len: usize,
    big: ManuallyDrop<Box<Marked<Vec<u8>>>>,
    list: ManuallyDrop<List>,
    hash: ManuallyDrop<Hash>,
    set: ManuallyDrop<Set>,
    zset: ManuallyDrop<ZSet>,
}

impl Word {
    fn of(object: Object) -> (Type, Self) {
        match object {
            Object::Int(int) => (Type::Int, Word { int }),
            Object::Str(bytes) => (Type::Big, Word { big: ManuallyDrop::new(Box::new(Marked::new(bytes))) }),
            Object::List(list) => (Type::List, Word { list: ManuallyDrop::new(list) }),
            Object::Hash(hash) => (Type::Hash, Word { hash: ManuallyDrop::new(hash) }),
            Object::Set(set) => (Type::Set, Word { set: ManuallyDrop::new(set) }),
            Object::ZSet(zset) => (Type::ZSet, Word { zset: ManuallyDrop::new(zset) }),
        }
    }
}

#[repr(C)]
struct Header {
    word: Word,
    key_len: u32,
    capacity: u16,
    kind: Type,
    /// The bytes between the header and the key: 8 once the key had a deadline, 0 before.
    room: u8,
}

/// A key and its value.
pub(crate) struct Entry(NonNull<Header>);

// SAFETY: an entry owns everything it points to (invariants 1 and 3), and all of it is `Send`.
unsafe impl Send for Entry {}

const _: () = {
    const fn assert_send<T: Send>() {}
    assert_send::<Object>();
};

impl Entry {
    /// A key with this value, without a deadline.
    pub(crate) fn new(key: &[u8], object: Object) -> Self {
        Self::expiring(key, object, None)
    }

    /// A key with this string, which is not the text of an integer.
    pub(crate) fn with_bytes(key: &[u8], bytes: &[u8]) -> Self {
        Self::text(key, bytes, None)
    }

    fn expiring(key: &[u8], object: Object, deadline: Option<i64>) -> Self {
        match object {
            Object::Str(bytes) if bytes.len() <= INLINE => Self::text(key, &bytes, deadline),
            object => Self::allocate(key, 0, Word::of(object), deadline),
        }
    }

    fn text(key: &[u8], bytes: &[u8], deadline: Option<i64>) -> Self {
        if bytes.len() > INLINE {
            return Self::allocate(key, 0, Word::of(Object::Str(bytes.to_vec())), deadline);
        }
        let mut entry = Self::allocate(key, bytes.len() as u16, (Type::Inline, Word { len: 0 }), deadline);
        entry.fill_inline(bytes);
        entry
    }

    fn allocate(key: &[u8], capacity: u16, (kind, word): (Type, Word), deadline: Option<i64>) -> Self {
        let room = if deadline.is_some() { ROOM } else { 0 };
        let layout = layout(room, key.len(), capacity);
        // SAFETY: the layout is not of size zero, for it contains a header.
        let Some(header) = NonNull::new(unsafe { alloc(layout) }.cast::<Header>()) else { handle_alloc_error(layout) };
        let key_len = key.len() as u32;
        // SAFETY: the allocation is large and aligned enough for a header and, behind it, the deadline and the key.
        unsafe {
            header.write(Header { word, key_len, capacity, kind, room });
            if let Some(deadline) = deadline {
                header.add(1).cast().write(deadline);
            }
            let start = header.add(1).cast::<u8>().add(usize::from(room));
            start.copy_from_nonoverlapping(NonNull::from(key).cast(), key.len());
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
        header.word.len = bytes.len();
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
        let room = usize::from(self.header().room);
        // SAFETY: the key follows the header and the room in the same allocation (invariants 1 and 2).
        unsafe { self.0.add(1).cast().add(room) }
    }

    /// The key.
    #[inline]
    pub(crate) fn key(&self) -> &[u8] {
        // SAFETY: invariant 2.
        unsafe { std::slice::from_raw_parts(self.key_start().as_ptr(), self.header().key_len as usize) }
    }

    /// Whether this is the key.
    #[inline]
    pub(crate) fn has_key(&self, key: &[u8]) -> bool {
        same(self.key(), key)
    }

    /// When the key expires, in Unix milliseconds.
    #[inline]
    pub(crate) fn deadline(&self) -> Option<i64> {
        if self.header().room == 0 {
            return None;
        }
        // SAFETY: invariant 1: the room holds a deadline.
        let deadline = unsafe { self.0.add(1).cast::<i64>().read() };
        (deadline != NEVER).then_some(deadline)
    }

    /// Sets or removes the deadline. The first one makes room for itself, which stays.
    pub(crate) fn set_deadline(&mut self, deadline: Option<i64>) {
        if self.header().room == 0 {
            match deadline {
                None => return,
                Some(_) => self.make_room(),
            }
        }
        // SAFETY: there is room, which belongs to the entry (invariant 1), and the entry is borrowed mutably.
        unsafe { self.0.add(1).cast().write(deadline.unwrap_or(NEVER)) };
    }

    /// Moves key and string back to make room for a deadline in front of them.
    fn make_room(&mut self) {
        let header = self.header();
        let (key_len, capacity) = (header.key_len as usize, header.capacity);
        let (old, new) = (layout(0, key_len, capacity), layout(ROOM, key_len, capacity));
        // SAFETY: the entry has no room yet, so that `old` is its layout (invariant 1); the new size is not zero.
        let moved = unsafe { realloc(self.0.as_ptr().cast(), old, new.size()) };
        let Some(moved) = NonNull::new(moved.cast::<Header>()) else { handle_alloc_error(new) };
        self.0 = moved;
        // SAFETY: what followed the header is copied to `ROOM` bytes behind it, where the allocation ends with it; the
        // part of it that is not initialised is copied as it is.
        unsafe {
            let start = moved.add(1);
            start.cast::<u8>().copy_to(start.cast().add(usize::from(ROOM)), key_len + usize::from(capacity));
            start.cast().write(NEVER);
        }
        self.header_mut().room = ROOM;
    }

    /// The value.
    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        let header = self.header();
        // SAFETY: invariants 3 and 4.
        unsafe {
            match header.kind {
                Type::Int => View::Int(header.word.int),
                Type::Inline => {
                    let start = self.key_start().add(header.key_len as usize);
                    View::Str(std::slice::from_raw_parts(start.as_ptr(), header.word.len))
                }
                Type::Big => View::Str(header.word.big.get()),
                Type::List => View::List(&header.word.list),
                Type::Hash => View::Hash(&header.word.hash),
                Type::Set => View::Set(&header.word.set),
                Type::ZSet => View::ZSet(&header.word.zset),
            }
        }
    }

    /// The value, if it is a string. Most are inside of the entry.
    #[inline]
    pub(crate) fn string(&self) -> Option<Str<'_>> {
        let header = self.header();
        if header.kind == Type::Inline {
            let start = self.key_start();
            // SAFETY: invariants 3 and 4.
            let text =
                unsafe { std::slice::from_raw_parts(start.add(header.key_len as usize).as_ptr(), header.word.len) };
            return Some(Str::Bytes(text));
        }
        match self.view() {
            View::Str(bytes) => Some(Str::Bytes(bytes)),
            View::Int(int) => Some(Str::Int(int)),
            _ => None,
        }
    }

    /// What the value is known by, if that is a string that is stored outside.
    pub(crate) fn mark(&self) -> Option<u64> {
        let header = self.header();
        // SAFETY: invariant 3.
        (header.kind == Type::Big).then(|| unsafe { &header.word.big }.mark())
    }

    /// The value, to be changed.
    #[inline]
    pub(crate) fn view_mut(&mut self) -> ViewMut<'_> {
        let header = self.header_mut();
        // SAFETY: invariant 3, and the entry is borrowed mutably.
        unsafe {
            match header.kind {
                Type::Int | Type::Inline | Type::Big => ViewMut::Str,
                Type::List => ViewMut::List(&mut header.word.list),
                Type::Hash => ViewMut::Hash(&mut header.word.hash),
                Type::Set => ViewMut::Set(&mut header.word.set),
                Type::ZSet => ViewMut::ZSet(&mut header.word.zset),
            }
        }
    }

    /// Replaces the value; the deadline stays. An old one that takes long to free is freed later.
    pub(crate) fn set(&mut self, object: Object, deferred: &mut Option<Deferred>) {
        self.discard_value(deferred);
        match object {
            Object::Int(int) => self.set_int(int),
            object => *self = Entry::expiring(self.key(), object, self.deadline()),
        }
    }

    /// Replaces the value, a string, by an integer; the deadline stays.
    #[inline]
    pub(crate) fn set_int(&mut self, int: i64) {
        self.drop_value();
        let header = self.header_mut();
        (header.kind, header.word) = (Type::Int, Word { int });
    }

    /// Replaces the value by a string that is not the text of an integer; the deadline stays. An old value that takes long
    /// to free is freed later.
    ///
    /// It is written in place when it fits and does not waste more than half.
    pub(crate) fn set_bytes(&mut self, bytes: &[u8], deferred: &mut Option<Deferred>) {
        let capacity = usize::from(self.header().capacity);
        if bytes.len() <= capacity && bytes.len() >= capacity / 2 {
            self.discard_value(deferred);
            self.header_mut().kind = Type::Inline;
            self.fill_inline(bytes);
        } else if !self.fill_big(bytes) {
            self.discard_value(deferred);
            *self = Entry::text(self.key(), bytes, self.deadline());
        }
    }

    /// Overwrites a long string where the bytes fit and do not waste more than half: new memory would be given by the system
    /// page by page, which takes longer than the copy.
    fn fill_big(&mut self, bytes: &[u8]) -> bool {
        if self.header().kind != Type::Big || bytes.len() <= INLINE {
            return false;
        }
        let Some(string) = self.string_mut() else { return false };
        let fits = bytes.len() <= string.capacity() && bytes.len() >= string.capacity() / 2;
        if fits {
            string.clear();
            string.extend_from_slice(bytes);
        }
        fits
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
            *self = Entry::allocate(self.key(), 0, Word::of(Object::Str(bytes)), self.deadline());
        }
        // SAFETY: invariant 3; the type is `Big` now.
        Some(unsafe { &mut *self.header_mut().word.big }.get_mut())
    }

    /// Frees what the value has outside, or has it freed later where that takes long; the entry holds the integer 0 afterwards.
    #[inline]
    pub(crate) fn discard_value(&mut self, deferred: &mut Option<Deferred>) {
        if !matches!(self.header().kind, Type::Int | Type::Inline) && self.view().is_heavy() {
            Deferred::free(deferred, self.take());
        }
        self.drop_value();
    }

    /// Takes the value out; the entry holds the integer 0 afterwards.
    pub(crate) fn take(&mut self) -> Object {
        if let (Type::Inline, View::Str(bytes)) = (self.header().kind, self.view()) {
            let object = Object::Str(bytes.to_vec());
            self.drop_value();
            return object;
        }
        let header = self.header_mut();
        let mut word = std::mem::replace(&mut header.word, Word { int: 0 });
        let kind = std::mem::replace(&mut header.kind, Type::Int);
        // SAFETY: invariant 3; the word is not the entry's any more, and it is not used again.
        unsafe {
            match kind {
                Type::Int | Type::Inline => Object::Int(word.int),
                Type::Big => Object::Str(ManuallyDrop::take(&mut word.big).into_inner()),
                Type::List => Object::List(ManuallyDrop::take(&mut word.list)),
                Type::Hash => Object::Hash(ManuallyDrop::take(&mut word.hash)),
                Type::Set => Object::Set(ManuallyDrop::take(&mut word.set)),
                Type::ZSet => Object::ZSet(ManuallyDrop::take(&mut word.zset)),
            }
        }
    }

    /// Frees what the value has outside; the entry holds the integer 0 afterwards.
    #[inline]
    fn drop_value(&mut self) {
        if !matches!(self.header().kind, Type::Int | Type::Inline) {
            drop(self.take());
        }
        let header = self.header_mut();
        (header.kind, header.word) = (Type::Int, Word { int: 0 });
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.drop_value();
        let header = self.header();
        let layout = layout(header.room, header.key_len as usize, header.capacity);
        // SAFETY: invariant 1; nothing refers to the entry any more.
        unsafe { dealloc(self.0.as_ptr().cast(), layout) };
    }
}

/// The allocation of an entry. Keys are bounded by what a command can carry, far below `isize`.
fn layout(room: u8, key_len: usize, capacity: u16) -> Layout {
    assert!(u32::try_from(key_len).is_ok(), "a key is shorter than 4 GiB");
    let size = size_of::<Header>() + usize::from(room) + key_len + usize::from(capacity);
    let (size, align) = (size, align_of::<Header>());
    Layout::from_size_align(size, align).unwrap_or_else(|_| unreachable!("below isize::MAX"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::config::CollectionConfig;
    use crate::data::list::End;
    use crate::data::packed::Item;
    use proptest::prelude::*;

    fn text(entry: &Entry) -> String {
        match entry.view() {
            View::Int(int) => int.to_string(),
            View::Str(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => other.type_name().to_owned(),
        }
    }

    #[test]
    fn an_entry_costs_16_bytes_and_a_slot_one_pointer() {
        assert_eq!((size_of::<Word>(), size_of::<Header>()), (8, 16));
        assert_eq!(size_of::<i64>(), usize::from(ROOM));
        assert_eq!(size_of::<Option<Entry>>(), 8);
    }

    #[test]
    fn every_form_becomes_every_other() {
        let forms = || {
            let long = vec![b'x'; 2 * INLINE];
            let strings = [vec![], b"short".to_vec(), vec![b'y'; INLINE], long].map(Object::Str);
            let list = Object::List(List::new());
            strings.into_iter().chain([Object::Int(-7), list])
        };
        for first in forms() {
            for second in forms() {
                let mut entry = Entry::new(b"key", first.clone());
                entry.set_deadline(Some(5));
                let expected = text(&Entry::new(b"", second.clone()));
                if let Object::Str(bytes) = &second {
                    entry.set_bytes(bytes, &mut None)
                } else {
                    entry.set(second, &mut None)
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
        assert!(Entry::new(b"k", Object::List(List::new())).string_mut().is_none());
    }

    /// What is done to an entry.
    #[derive(Debug, Clone)]
    enum Step {
        Set(Object),
        SetBytes(Vec<u8>),
        Grow(Vec<u8>),
        Push(Vec<u8>),
        Deadline(Option<i64>),
        Take,
    }

    fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
        let around = prop_oneof![0..40_usize, INLINE / 2 - 2..INLINE / 2 + 2, INLINE - 2..INLINE + 3];
        (around, any::<u8>()).prop_map(|(len, byte)| vec![byte; len])
    }

    fn any_object() -> impl Strategy<Value = Object> {
        prop_oneof![
            any::<i64>().prop_map(Object::Int),
            any_bytes().prop_map(Object::Str),
            any_bytes().prop_map(|bytes| {
                let mut list = List::new();
                list.push(End::Right, Item::from(&bytes[..]), &CollectionConfig::DEFAULT);
                list.into()
            }),
            any_bytes().prop_map(|bytes| {
                let mut hash = Hash::new();
                hash.insert(b"field", &bytes, &CollectionConfig::DEFAULT);
                hash.into()
            }),
            any_bytes().prop_map(|bytes| {
                let mut set = Set::new();
                set.insert(&bytes[..], &CollectionConfig::DEFAULT);
                set.into()
            }),
            any_bytes().prop_map(|bytes| {
                let mut zset = ZSet::new();
                zset.insert(&bytes, 1.0, &CollectionConfig::DEFAULT);
                zset.into()
            }),
        ]
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            any_object().prop_map(Step::Set),
            any_bytes().prop_map(Step::SetBytes),
            any_bytes().prop_map(Step::Grow),
            any_bytes().prop_map(Step::Push),
            any::<Option<i64>>().prop_map(Step::Deadline),
            Just(Step::Take),
        ]
    }

    /// The model: an object, whose text says all.
    fn told(view: View<'_>) -> String {
        match view {
            View::Int(int) => format!("{int}"),
            View::Str(bytes) => format!("{bytes:?}"),
            View::List(list) => format!("{:?}", list.iter().map(Item::to_vec).collect::<Vec<_>>()),
            View::Hash(hash) => format!("{:?}", hash.iter().map(|(_, value)| value.to_vec()).collect::<Vec<_>>()),
            View::Set(set) => format!("{:?}", set.iter().map(Item::to_vec).collect::<Vec<_>>()),
            View::ZSet(zset) => {
                format!("{:?}", zset.iter(0..zset.len(), false).map(|(name, _)| name.to_vec()).collect::<Vec<_>>())
            }
        }
    }

    fn told_object(object: &Object) -> String {
        told(match object {
            Object::Int(int) => View::Int(*int),
            Object::Str(bytes) => View::Str(bytes),
            Object::List(list) => View::List(list),
            Object::Hash(hash) => View::Hash(hash),
            Object::Set(set) => View::Set(set),
            Object::ZSet(zset) => View::ZSet(zset),
        })
    }

    /// Applies the same change to both and compares whether it was possible.
    fn step(entry: &mut Entry, model: &mut (Object, Option<i64>), step: Step) {
        match step {
            Step::Set(object) => {
                entry.set(object.clone(), &mut None);
                model.0 = object;
            }
            Step::SetBytes(bytes) => {
                entry.set_bytes(&bytes, &mut None);
                model.0 = Object::Str(bytes);
            }
            Step::Grow(bytes) => {
                let grown = match &model.0 {
                    Object::Int(int) => Some(int.to_string().into_bytes()),
                    Object::Str(before) => Some(before.clone()),
                    _ => None,
                };
                assert_eq!(entry.string_mut().map(|string| string.extend(&bytes)).is_some(), grown.is_some());
                if let Some(grown) = grown {
                    model.0 = Object::Str([grown, bytes].concat());
                }
            }
            Step::Push(bytes) => {
                let seen = if let ViewMut::List(list) = entry.view_mut() {
                    list.push(End::Right, Item::from(&bytes[..]), &CollectionConfig::DEFAULT);
                    true
                } else {
                    false
                };
                let expected = if let Object::List(list) = &mut model.0 {
                    list.push(End::Right, Item::from(&bytes[..]), &CollectionConfig::DEFAULT);
                    true
                } else {
                    false
                };
                assert_eq!(seen, expected);
            }
            Step::Deadline(deadline) => {
                let deadline = deadline.filter(|deadline| *deadline != NEVER);
                entry.set_deadline(deadline);
                model.1 = deadline;
            }
            Step::Take => {
                let taken = std::mem::replace(&mut model.0, Object::Int(0));
                assert_eq!(told_object(&entry.take()), told_object(&taken));
            }
        }
    }

    proptest! {
        #[test]
        fn an_entry_is_what_was_put_into_it(
            key in prop::collection::vec(any::<u8>(), 0..40),
            first in any_object(),
            steps in prop::collection::vec(any_step(), 0..24),
        ) {
            let mut model = (first.clone(), None);
            let mut entry = Entry::new(&key, first);
            for next in steps {
                step(&mut entry, &mut model, next);
                prop_assert_eq!(told(entry.view()), told_object(&model.0));
                prop_assert_eq!((entry.key(), entry.deadline()), (&key[..], model.1));
            }
        }
    }

    #[test]
    fn taking_leaves_nothing_behind() {
        let mut entry = Entry::new(b"k", Object::Str(vec![b'z'; 600]));
        assert!(matches!(entry.take(), Object::Str(bytes) if bytes.len() == 600));
        assert_eq!(text(&entry), "0");
    }
}
