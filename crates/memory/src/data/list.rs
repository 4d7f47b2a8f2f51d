//! A list: one packed chunk while it is short, a deque of chunks later.

use std::collections::VecDeque;

use redipy_command::Result;
use redipy_command::sink::Whole;

use super::chunks::{Chunks, FRAME, remove_in};
use super::config::{ChunkLimit, CollectionConfig};
use super::either::{Either, SmallOrLarge, SmallOrLargeMut};
use super::packed::{self, Item, Packed, PackedElement};

pub use super::chunks::End;

/// A list of byte strings.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct List(Either<Chunks>);

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

impl List {
    /// An empty list.
    pub const fn new() -> Self {
        List(Either::small(Packed::new()))
    }

    /// The name OBJECT ENCODING gives.
    pub fn encoding(&self) -> &'static str {
        match self.0.form() {
            SmallOrLarge::Small(_) => "listpack",
            SmallOrLarge::Large(_) => "quicklist",
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.len(),
            SmallOrLarge::Large(chunks) => chunks.len,
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.memory(),
            SmallOrLarge::Large(long) => {
                let frames = Either::<Chunks>::LARGE + long.chunks.capacity() * size_of::<Packed>();
                frames + long.chunks.iter().map(Packed::memory).sum::<usize>()
            }
        }
    }

    /// Adds an element at an end.
    #[inline]
    pub fn push(&mut self, end: End, item: Item<'_>, config: &CollectionConfig) {
        self.grow(counted(item), 1, config);
        self.push_grown(end, item);
    }

    /// Adds elements at an end, one after the other. The encoding changes by their total size, as for LPUSH and RPUSH.
    pub fn extend<T: AsRef<[u8]>>(
        &mut self,
        end: End,
        items: impl IntoIterator<Item = T, IntoIter: Clone>,
        config: &CollectionConfig,
    ) {
        let items = items.into_iter();
        let (count, bytes) =
            items.clone().fold((0, 0), |(count, bytes), text| (count + 1, bytes + text.as_ref().len()));
        self.grow(bytes, count, config);
        for text in items {
            self.push_grown(end, Item::Bytes(text.as_ref()));
        }
    }

    fn push_grown(&mut self, end: End, item: Item<'_>) {
        match (self.0.form_mut(), end) {
            (SmallOrLargeMut::Small(packed), End::Left) => packed.push_front(item),
            (SmallOrLargeMut::Small(packed), End::Right) => packed.push_back(item),
            (SmallOrLargeMut::Large(chunks), end) => chunks.push(end, item),
        }
    }

    /// Removes the element at an end and shows it to `f`; where `f` fails it stays.
    ///
    /// # Errors
    /// That of `f`.
    pub fn pop<R>(&mut self, end: End, f: impl FnOnce(Item<'_>) -> Result<R>) -> Result<Option<R>> {
        let result = match (self.0.form_mut(), end) {
            (SmallOrLargeMut::Small(packed), End::Left) => return packed.pop_front(f),
            (SmallOrLargeMut::Small(packed), End::Right) => return packed.pop_back(f),
            (SmallOrLargeMut::Large(chunks), end) => chunks.pop(end, f),
        };
        self.shrink();
        result
    }

    /// Moves the element at one end to the other, or to where it was, and shows it to `f`. The encoding changes by what is
    /// there in the end, not by what is left in between.
    ///
    /// # Errors
    /// Those of `f`; then nothing was moved.
    pub fn rotate<R>(
        &mut self,
        from: End,
        to: End,
        config: &CollectionConfig,
        f: impl Fn(Item<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let SmallOrLargeMut::Large(chunks) = self.0.form_mut() else {
            let copied = |item: Item<'_>| {
                let result = f(item)?;
                Ok((if let Item::Int(int) = item { Err(int) } else { Ok(item.to_vec()) }, result))
            };
            let Some((moved, result)) = self.pop(from, copied)? else { return Ok(None) };
            match &moved {
                Ok(text) => self.push(to, Item::Bytes(text), config),
                Err(int) => self.push(to, Item::Int(*int), config),
            }
            return Ok(Some(result));
        };
        let copied = |item: Item<'_>| {
            let result = f(item)?;
            Ok((item.to_vec(), result))
        };
        let Some((text, result)) = chunks.pop(from, copied)? else { return Ok(None) };
        chunks.push(to, Item::Bytes(&text));
        self.shrink();
        Ok(Some(result))
    }

    /// The element with this index.
    pub fn get(&self, index: usize) -> Option<Item<'_>> {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.nth(index),
            SmallOrLarge::Large(long) => {
                let (chunk, offset) = long.locate(index)?;
                long.chunks.get(chunk)?.nth(offset)
            }
        }
    }

    /// Replaces the element with this index; `false` if there is none.
    pub fn set(&mut self, index: usize, item: Item<'_>, config: &CollectionConfig) -> bool {
        // Redis changes the encoding before it looks at the index, as if there were one element more.
        self.grow(counted(item), 1, config);
        if index >= self.len() {
            return false;
        }
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                if let Some(at) = packed.seek(index) {
                    packed.replace(at, item);
                }
            }
            SmallOrLargeMut::Large(chunks) => {
                chunks.set(index, item);
                self.shrink();
            }
        }
        true
    }

    /// Inserts before or after the first element equal to `pivot`; `false` if there is none.
    pub fn insert(&mut self, pivot: &[u8], after: bool, item: Item<'_>, config: &CollectionConfig) -> bool {
        // Redis changes the encoding before it looks for the pivot.
        self.grow(counted(item), 1, config);
        let Some(index) = self.position(pivot) else {
            return false;
        };
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                let at = packed.seek(index + usize::from(after)).unwrap_or(packed.end());
                packed.insert(at, item);
            }
            SmallOrLargeMut::Large(chunks) => chunks.insert(index, after, item),
        }
        true
    }

    /// Index of the first element equal to `text`.
    pub fn position(&self, text: &[u8]) -> Option<usize> {
        let what = PackedElement::new(Item::Bytes(text));
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.position(&what),
            SmallOrLarge::Large(long) => {
                let mut before = 0;
                for chunk in &long.chunks {
                    if let Some(offset) = chunk.position(&what) {
                        return Some(before + offset);
                    }
                    before += chunk.len();
                }
                None
            }
        }
    }

    /// Removes up to `limit` elements equal to `text`, starting from an end; returns how many there were.
    pub fn remove(&mut self, text: &[u8], limit: usize, from: End) -> usize {
        let what = PackedElement::new(Item::Bytes(text));
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => remove_in(packed, &what, limit, from),
            SmallOrLargeMut::Large(long) => {
                let removed = long.remove(&what, limit, from);
                if removed > 0 {
                    self.shrink();
                }
                removed
            }
        }
    }

    /// Keeps only the `count` elements from `start` on.
    pub fn trim(&mut self, start: usize, count: usize) {
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                if let Some(end) = packed.seek(start.saturating_add(count)) {
                    packed.remove(end, usize::MAX);
                }
                if let Some(first) = packed.first() {
                    packed.remove(first, start);
                }
            }
            SmallOrLargeMut::Large(chunks) => {
                chunks.trim(start, count);
                self.shrink();
            }
        }
    }

    /// What all elements together are known by.
    pub fn whole(&self) -> Whole<'_> {
        self.0.whole()
    }

    /// The elements from the head on.
    pub fn iter(&self) -> Iter<'_> {
        self.iter_from(0)
    }

    /// The elements from this index on, towards the tail.
    pub fn iter_from(&self, index: usize) -> Iter<'_> {
        self.walk(index, false)
    }

    /// Up to `count` elements from this index on.
    pub fn range(&self, index: usize, count: usize) -> Iter<'_> {
        let iter = self.iter_from(index);
        Iter { left: iter.left.min(count), ..iter }
    }

    /// The elements from this index on, towards the head; none if there is no such index.
    pub fn iter_rev_from(&self, index: usize) -> Iter<'_> {
        self.walk(index, true)
    }

    fn walk(&self, index: usize, reverse: bool) -> Iter<'_> {
        match self.0.form() {
            SmallOrLarge::Small(packed) => {
                let left = left(index, packed.len(), reverse);
                let here = (left > 0).then(|| walk_chunk(packed, index, reverse));
                Iter { chunks: None, chunk: 0, here, left, reverse }
            }
            SmallOrLarge::Large(long) => {
                let left = left(index, long.len, reverse);
                let (chunk, offset) = long.locate(index).unwrap_or((long.chunks.len(), 0));
                let here = long.chunks.get(chunk).map(|packed| walk_chunk(packed, offset, reverse));
                Iter { chunks: here.is_some().then_some(&long.chunks), chunk, here, left, reverse }
            }
        }
    }

    /// Becomes a deque of chunks if that many bytes and elements more are too many for one.
    #[inline]
    fn grow(&mut self, bytes: usize, elements: usize, config: &CollectionConfig) {
        let limit = config.list_max_listpack_size;
        if let SmallOrLarge::Small(packed) = self.0.form()
            && !limit.allows((packed.byte_len() + FRAME).saturating_add(bytes), packed.len() + elements)
        {
            self.enlarge(limit);
        }
    }

    #[cold]
    fn enlarge(&mut self, limit: ChunkLimit) {
        if let SmallOrLargeMut::Small(packed) = self.0.form_mut() {
            self.0 = Either::large(Chunks::of(std::mem::take(packed), limit));
        }
    }

    /// Becomes one chunk again if there is just one, half full; not before, so as not to go to and fro.
    fn shrink(&mut self) {
        if let SmallOrLargeMut::Large(long) = self.0.form_mut()
            && long.chunks.len() <= 1
            && long.chunks.iter().all(|chunk| long.may_be_small(chunk))
        {
            self.0 = Either::small(long.chunks.pop_front().unwrap_or_default());
        }
    }
}

/// The bytes by which a pushed element counts towards a change of encoding. An integer that moves from one list to
/// another has no text there, and counts nothing.
fn counted(item: Item<'_>) -> usize {
    match item {
        Item::Int(_) => 0,
        Item::Bytes(text) => text.len(),
    }
}

/// How many elements come from this index on; none if there is no such index.
fn left(index: usize, len: usize, reverse: bool) -> usize {
    if reverse && index < len { index + 1 } else { len.saturating_sub(index) }
}

fn walk_chunk(packed: &Packed, offset: usize, reverse: bool) -> packed::Iter<'_> {
    if reverse { packed.iter_to(offset) } else { packed.iter_from(offset) }
}

/// The elements of a [`List`], in one direction.
#[derive(Clone)]
pub struct Iter<'a> {
    chunks: Option<&'a VecDeque<Packed>>,
    chunk: usize,
    here: Option<packed::Iter<'a>>,
    left: usize,
    reverse: bool,
}

impl<'a> Iter<'a> {
    /// The elements of the next chunk in this direction.
    fn next_chunk(&mut self) -> Option<packed::Iter<'a>> {
        self.chunk = if self.reverse { self.chunk.checked_sub(1)? } else { self.chunk + 1 };
        self.chunks?.get(self.chunk).map(Packed::iter)
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        self.left = self.left.checked_sub(1)?;
        loop {
            let here = self.here.as_mut()?;
            let item = if self.reverse { here.next_back() } else { here.next() };
            if item.is_some() {
                return item;
            }
            self.here = self.next_chunk();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }

    /// Chunk by chunk: what ranges are read by.
    #[inline]
    fn fold<A, F: FnMut(A, Item<'a>) -> A>(mut self, start: A, mut f: F) -> A {
        let mut folded = start;
        while let Some(here) = self.here.take() {
            let count = here.len().min(self.left);
            folded = if self.reverse {
                here.rev().take(count).fold(folded, &mut f)
            } else {
                here.fold_up_to(count, folded, &mut f)
            };
            self.left -= count;
            self.here = if self.left > 0 { self.next_chunk() } else { None };
        }
        folded
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::super::testing::{any_text, texts};
    use super::*;
    use proptest::prelude::*;

    const DEFAULT: &CollectionConfig = &CollectionConfig::DEFAULT;
    const BYTES: usize = 8192;

    fn check(list: &List, model: &[Vec<u8>]) {
        assert_eq!(list.len(), model.len());
        assert_eq!(texts(list.iter()), model);
        for i in [0, 1, model.len() / 3, model.len() / 2, model.len().saturating_sub(1), model.len()] {
            assert_eq!(list.get(i).map(Item::to_vec).as_ref(), model.get(i));
            assert_eq!(texts(list.iter_from(i)), model.get(i..).unwrap_or_default());
            let mut range = Vec::new();
            list.range(i, 5).for_each(|item| range.push(item.to_vec()));
            assert_eq!(range, model.get(i..).unwrap_or_default().iter().take(5).cloned().collect::<Vec<_>>());
            let mut back = texts(list.iter_rev_from(i));
            back.reverse();
            assert_eq!(back, if i < model.len() { &model[..=i] } else { &[] });
        }
        if let SmallOrLarge::Large(long) = list.0.form() {
            assert_eq!(long.chunks.iter().map(Packed::len).sum::<usize>(), long.len);
            assert!(long.chunks.iter().all(|chunk| !chunk.is_empty()));
        }
    }

    #[test]
    fn encodings_change_as_in_redis() {
        assert_eq!(size_of::<List>(), 8);
        let mut list = List::new();
        let text = [b'x'; 60]; // 62 bytes an element
        let n = (BYTES - FRAME - 60) / 62 + 1;
        for _ in 0..n {
            list.push(End::Right, Item::Bytes(&text), DEFAULT);
        }
        assert_eq!(list.encoding(), "listpack");
        list.push(End::Right, Item::Bytes(&text), DEFAULT);
        assert_eq!(list.encoding(), "quicklist");
        while list.len() > (BYTES / 2 - FRAME) / 62 + 1 {
            list.pop(End::Right, |_| Ok(())).unwrap();
            assert_eq!(list.encoding(), "quicklist");
        }
        list.pop(End::Right, |_| Ok(())).unwrap();
        assert_eq!(list.encoding(), "listpack");
        list.push(End::Left, Item::Bytes(&[0; BYTES + 1]), DEFAULT);
        assert_eq!(list.encoding(), "quicklist");
    }

    fn long_text() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            4 => any_text(),
            4 => (0..20_u8, 100..3000_usize).prop_map(|(byte, len)| vec![byte; len]),
            1 => (0..20_u8, 8100..9000_usize).prop_map(|(byte, len)| vec![byte; len]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn list_is_a_vector(ops in prop::collection::vec((0..9_u8, any::<u16>(), long_text()), 0..120)) {
            let (mut list, mut model) = (List::new(), Vec::<Vec<u8>>::new());
            for (op, at, text) in ops {
                let item = Item::Bytes(&text);
                let i = usize::from(at) % (model.len() + 1);
                match op {
                    0 | 1 => { list.push(End::Right, item, DEFAULT); model.push(text); }
                    2 => { list.extend(End::Left, [&text, &text], DEFAULT); model.splice(0..0, [text.clone(), text]); }
                    3 => prop_assert_eq!(list.pop(End::Right, |item| Ok(item.to_vec())), Ok(model.pop())),
                    4 => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(list.pop(End::Left, |item| Ok(item.to_vec())), Ok(expected));
                    }
                    5 | 6 => {
                        let pivot = model.get(i).cloned().unwrap_or_default();
                        let found = model.iter().position(|other| *other == pivot);
                        prop_assert_eq!(list.position(&pivot), found);
                        prop_assert_eq!(list.insert(&pivot, op == 5, item, DEFAULT), found.is_some());
                        if let Some(found) = found { model.insert(found + usize::from(op == 5), text); }
                    }
                    7 => {
                        prop_assert_eq!(list.set(i, item, DEFAULT), i < model.len());
                        if let Some(old) = model.get_mut(i) { *old = text; }
                    }
                    _ if at % 5 == 0 => {
                        let count = model.len() * 2 / 3;
                        list.trim(i / 4, count);
                        model = model.into_iter().skip(i / 4).take(count).collect();
                    }
                    _ => {
                        let gone = model.get(i).cloned().unwrap_or(text);
                        let from = if at % 2 == 0 { End::Left } else { End::Right };
                        let limit = usize::from(at % 7) / 2;
                        let mut left = limit;
                        let mut keep = |other: &Vec<u8>| { let go = left > 0 && *other == gone; left -= usize::from(go); !go };
                        match from {
                            End::Left => model.retain(&mut keep),
                            End::Right => { model.reverse(); model.retain(&mut keep); model.reverse(); }
                        }
                        prop_assert_eq!(list.remove(&gone, limit, from), limit - left);
                    }
                }
                check(&list, &model);
            }
        }
    }
}
