//! Many short elements in one buffer: the form of every small collection and of the chunks of a list.
//!
//! An element is `head | body | length backwards`, so the buffer reads from both ends. The sizes are those of Redis'
//! listpack, because a list changes its encoding at a number of *bytes*. Canonical decimal texts are integers of 1 to
//! 9 bytes; the encoding of a text is unique, so equal elements are equal bytes and a search compares only those.
//! A gap may be left in front, so that pushing and popping at the front costs as little as at the back.

use redipy_command::Result;

use super::buffer::Buffer;
use super::packed_element::{HEAD, Short, back_len, decode, entry_len};

pub use super::item::Item;
pub use super::packed_element::PackedElement;

/// Where an element begins in a [`Packed`]; good until the next change before or at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pos(usize);

/// Elements in one buffer, which also keeps where the first of them begins in it, and how many there are.
#[derive(Clone, Default)]
#[repr(transparent)]
pub struct Packed(Buffer);

/// The gap in front is closed when it is longer than this, or than the elements.
const GAP_MAX: usize = 1 << 20;

impl Packed {
    /// No elements, no allocation.
    pub const fn new() -> Self {
        Packed(Buffer::new())
    }

    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.count()
    }

    /// Whether there are no elements.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes taken by the elements.
    #[inline]
    pub fn byte_len(&self) -> usize {
        self.0.len() - self.0.start()
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        self.0.memory()
    }

    /// The elements as they are stored, without the gap in front.
    #[inline]
    pub fn data(&self) -> &[u8] {
        &self.0.bytes()[self.0.start()..]
    }

    /// Position of the first element.
    pub fn first(&self) -> Option<Pos> {
        (!self.is_empty()).then_some(Pos(0))
    }

    /// Position of the last element.
    pub fn last(&self) -> Option<Pos> {
        self.prev(self.end())
    }

    /// The position after the last element, where [`insert`](Self::insert) appends.
    pub fn end(&self) -> Pos {
        Pos(self.byte_len())
    }

    /// Position after `at`.
    #[inline]
    pub fn next(&self, at: Pos) -> Option<Pos> {
        let data = self.data();
        let next = at.0 + full_len(data, at.0);
        (next < data.len()).then_some(Pos(next))
    }

    /// Position before `at`, which may be [`end`](Self::end).
    #[inline]
    pub fn prev(&self, at: Pos) -> Option<Pos> {
        before(self.data(), at)
    }

    /// Position of the element with this index, walking from the nearer end.
    pub fn seek(&self, index: usize) -> Option<Pos> {
        let len = self.len();
        if index >= len {
            None
        } else if index <= len / 2 {
            let data = self.data();
            let mut at = 0;
            for _ in 0..index {
                at += full_len(data, at);
            }
            Some(Pos(at))
        } else {
            let mut at = self.end();
            let data = self.data();
            for _ in index..len {
                at = before(data, at)?;
            }
            Some(at)
        }
    }

    /// The element at a position.
    #[inline]
    pub fn get(&self, at: Pos) -> Item<'_> {
        get(self.data(), at)
    }

    /// The element with this index.
    pub fn nth(&self, index: usize) -> Option<Item<'_>> {
        self.seek(index).map(|at| self.get(at))
    }

    /// The first of the elements `from`, `from + step`, .. that is equal to `what`.
    pub fn find(&self, from: Option<Pos>, what: &PackedElement<'_>, step: usize) -> Option<Pos> {
        let data = self.data();
        // Names are often of one length and begin alike: the last byte tells them apart before all are compared.
        let (first, last) = what.ends();
        let mut at = from?.0;
        while at < data.len() {
            if data[at] == first
                && data.get(at + what.len() - 1) == Some(&last)
                && what.matches(&data[at..at + entry_len(&data[at..])])
            {
                return Some(Pos(at));
            }
            at += full_len(data, at);
            for _ in 1..step {
                if at < data.len() {
                    at += full_len(data, at);
                }
            }
        }
        None
    }

    /// Whether the element at `at` is equal to `what`.
    pub fn is_at(&self, at: Pos, what: &PackedElement<'_>) -> bool {
        let data = &self.data()[at.0..];
        what.matches(&data[..entry_len(data)])
    }

    /// Index of the first element equal to `what`.
    pub fn position(&self, what: &PackedElement<'_>) -> Option<usize> {
        let data = self.data();
        let (mut at, mut index) = (0, 0);
        while at < data.len() {
            let rest = &data[at..];
            let len = entry_len(rest);
            if what.matches(&rest[..len]) {
                return Some(index);
            }
            at += len + back_len(len);
            index += 1;
        }
        None
    }

    /// Inserts before the element at `at`, or at the end; the new element is at `at` then.
    pub fn insert(&mut self, at: Pos, item: Item<'_>) {
        self.insert_encoded(at, &PackedElement::new(item));
    }

    /// [`insert`](Self::insert) of something already encoded.
    pub fn insert_encoded(&mut self, at: Pos, entry: &PackedElement<'_>) {
        self.put(at.0, 0, entry);
        self.0.set_count(self.len() + 1);
    }

    /// Replaces the element at `at`.
    pub fn replace(&mut self, at: Pos, item: Item<'_>) {
        self.replace_encoded(at, &PackedElement::new(item));
    }

    /// [`replace`](Self::replace) by something already encoded.
    pub fn replace_encoded(&mut self, at: Pos, entry: &PackedElement<'_>) {
        let old = full_len(self.data(), at.0);
        self.put(at.0, old, entry);
    }

    /// Removes up to `n` elements from `at` on; what followed them is at `at` then.
    pub fn remove(&mut self, at: Pos, n: usize) {
        let data = self.data();
        let (mut end, mut gone) = (at.0, 0);
        while gone < n && end < data.len() {
            end += full_len(data, end);
            gone += 1;
        }
        self.0.set_count(self.len() - gone);
        self.resize(at.0, end - at.0, 0);
    }

    /// Adds an element at the end.
    #[inline]
    pub fn push_back(&mut self, item: Item<'_>) {
        let end = self.0.len();
        match Short::of(item) {
            Ok(short) if self.0.capacity() - end >= short.full_len() => {
                let after = end + short.full_len();
                short.write(&mut self.0.all_mut()[end..after]);
                self.0.set_len(after);
                self.0.set_count(self.len() + 1);
            }
            Ok(Short(text)) => self.insert(self.end(), Item::Bytes(text)),
            Err(item) => self.insert(self.end(), item),
        }
    }

    /// Adds an element at the front.
    #[inline]
    pub fn push_front(&mut self, item: Item<'_>) {
        let start = self.0.start();
        match Short::of(item) {
            Ok(short) if start >= short.full_len() => {
                let before = start - short.full_len();
                short.write(&mut self.0.all_mut()[before..start]);
                self.0.set_start(before);
                self.0.set_count(self.len() + 1);
            }
            Ok(Short(text)) => self.insert(Pos(0), Item::Bytes(text)),
            Err(item) => self.insert(Pos(0), item),
        }
    }

    /// Removes the last element and shows it to `f`; where `f` fails it stays.
    ///
    /// # Errors
    /// That of `f`.
    pub fn pop_back<R>(&mut self, f: impl FnOnce(Item<'_>) -> Result<R>) -> Result<Option<R>> {
        let Some(at) = self.last() else { return Ok(None) };
        let result = f(self.get(at))?;
        if at.0 > 0 {
            // As `remove` does it, where there is something before and nothing after.
            self.0.set_count(self.len() - 1);
            self.0.set_len(self.0.start() + at.0);
            self.give_back();
        } else {
            self.remove(at, 1);
        }
        Ok(Some(result))
    }

    /// Removes the first element and shows it to `f`; where `f` fails it stays.
    ///
    /// # Errors
    /// That of `f`.
    pub fn pop_front<R>(&mut self, f: impl FnOnce(Item<'_>) -> Result<R>) -> Result<Option<R>> {
        let Some(at) = self.first() else { return Ok(None) };
        let data = self.data();
        let (len, more) = (entry_len(data), data.len());
        let result = f(decode(&data[..len]))?;
        let full = len + back_len(len);
        if full < more {
            // As `remove` does it, where there is nothing before and something after.
            self.0.set_count(self.0.count() - 1);
            self.close_gap(self.0.start() + full);
        } else {
            self.remove(at, 1);
        }
        Ok(Some(result))
    }

    /// Takes the elements from `index` on into a buffer of their own.
    pub fn split_off(&mut self, index: usize) -> Packed {
        let Some(at) = self.seek(index) else {
            return Packed::new();
        };
        let mut tail = Packed(Buffer::from(&self.data()[at.0..]));
        tail.0.set_count(self.len() - index);
        self.0.set_len(self.0.start() + at.0);
        self.0.set_count(index);
        self.shrink_to_fit();
        tail
    }

    /// Adds the elements of `other` at the end.
    pub fn append(&mut self, other: &Packed) {
        let end = self.0.len();
        self.grow(other.byte_len());
        self.0.all_mut()[end..end + other.byte_len()].copy_from_slice(other.data());
        self.0.set_count(self.len() + other.len());
    }

    /// Gives back spare room, at both ends.
    pub fn shrink_to_fit(&mut self) {
        self.remove_gap(self.0.start());
        self.0.set_capacity(0);
    }

    /// The elements in order, from both ends.
    pub fn iter(&self) -> Iter<'_> {
        Iter { data: self.data(), front: Pos(0), back: self.end(), left: self.len() }
    }

    /// The elements from this index on.
    pub fn iter_from(&self, index: usize) -> Iter<'_> {
        match self.seek(index) {
            Some(front) => Iter { front, left: self.len() - index, ..self.iter() },
            None => Iter { front: self.end(), left: 0, ..self.iter() },
        }
    }

    /// The elements up to and with this index; meant to be read backwards.
    pub fn iter_to(&self, index: usize) -> Iter<'_> {
        match self.seek(index) {
            Some(at) => {
                let back = Pos(at.0 + full_len(self.data(), at.0));
                Iter { back, left: index + 1, ..self.iter() }
            }
            None => self.iter(),
        }
    }

    #[inline]
    fn put(&mut self, at: usize, old: usize, entry: &PackedElement<'_>) {
        let len = entry.len();
        let full = len + back_len(len);
        let (start, end) = (self.0.start(), self.0.len());
        // At the end nothing moves; in front neither, if there is a gap.
        if start + at == end && self.0.capacity() - end >= full.max(HEAD) {
            entry.write_into(&mut self.0.all_mut()[end..]);
            return self.0.set_len(end + full);
        }
        if at == 0 && old == 0 && start >= full {
            self.0.set_start(start - full);
        } else {
            self.resize(at, old, full);
        }
        let at = self.0.start() + at;
        entry.write(&mut self.0.all_mut()[at..at + full]);
    }

    /// Makes `old` bytes at `at` into `new` bytes, moving the shorter side where there is room.
    fn resize(&mut self, at: usize, old: usize, new: usize) {
        let before = at;
        let after = self.byte_len() - at - old;
        if new > old {
            let more = new - old;
            if at == 0 && after > 0 && self.0.start() < more {
                self.open_gap(more);
            }
            let start = self.0.start();
            if before < after && start >= more {
                self.0.all_mut().copy_within(start..start + at, start - more);
                self.0.set_start(start - more);
            } else {
                self.move_tail(at + old, at + new);
            }
        } else if before < after {
            let start = self.0.start();
            let less = old - new;
            self.0.all_mut().copy_within(start..start + at, start + less);
            self.close_gap(start + less);
        } else {
            self.move_tail(at + old, at + new);
            self.give_back();
        }
    }

    /// Moves everything from `from` on so that it begins at `to`.
    fn move_tail(&mut self, from: usize, to: usize) {
        let (start, end) = (self.0.start(), self.0.len());
        if to > from {
            self.grow(to - from);
        }
        self.0.all_mut().copy_within(start + from..end, start + to);
        self.0.set_len(end + to - from);
    }

    /// Lengthens the buffer, with less to spare than doubling would leave: small collections are many.
    fn grow(&mut self, by: usize) {
        self.0.reserve(by);
        self.0.set_len(self.0.len() + by);
    }

    /// Leaves room for so many bytes in front, and for some more.
    fn open_gap(&mut self, by: usize) {
        if by > GAP_MAX {
            return;
        }
        let (start, end) = (self.0.start(), self.0.len());
        self.0.reserve(by);
        let more = ((end - start) / 4).clamp(16, 2048);
        let gap = (self.0.capacity() - end).min(by + more);
        self.0.all_mut().copy_within(start..end, start + gap);
        self.0.set_len(end + gap);
        self.0.set_start(start + gap);
    }

    #[inline]
    fn close_gap(&mut self, start: usize) {
        if start > GAP_MAX || start >= (self.0.len() - start).max(64) {
            self.remove_gap(start);
            self.give_back();
        } else {
            self.0.set_start(start);
        }
    }

    /// Moves the elements, which begin at `start`, to the front of the buffer.
    fn remove_gap(&mut self, start: usize) {
        let end = self.0.len();
        self.0.all_mut().copy_within(start..end, 0);
        self.0.set_len(end - start);
        self.0.set_start(0);
    }

    fn give_back(&mut self) {
        if self.0.capacity() > 64 + 4 * self.0.len() {
            self.0.set_capacity(self.0.len() * 2);
        }
    }
}

/// The element at a position.
#[inline]
fn get(data: &[u8], at: Pos) -> Item<'_> {
    let data = &data[at.0..];
    decode(&data[..entry_len(data)])
}

/// Position before `at`, which may be the end.
#[inline]
fn before(data: &[u8], at: Pos) -> Option<Pos> {
    if at.0 == 0 {
        return None;
    }
    let (mut len, mut shift, mut i) = (0, 0, at.0);
    loop {
        i -= 1;
        len |= usize::from(data[i] & 0x7f) << shift;
        shift += 7;
        if data[i] & 0x80 == 0 {
            return Some(Pos(i - len));
        }
    }
}

/// Length of the element at `at` with everything that belongs to it.
#[inline]
fn full_len(data: &[u8], at: usize) -> usize {
    match data[at] {
        // The common ones without a jump table: a search is a chain of these.
        0..0x80 => 2,
        head @ 0x80..0xc0 => 2 + usize::from(head & 0x3f),
        _ => {
            let len = entry_len(&data[at..]);
            len + back_len(len)
        }
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a Packed {
    type Item = Item<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The elements of a [`Packed`], from both ends.
#[derive(Clone)]
pub struct Iter<'a> {
    data: &'a [u8],
    front: Pos,
    back: Pos,
    left: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        self.left = self.left.checked_sub(1)?;
        let data = &self.data[self.front.0..];
        if let [head @ 0x80..0xc0, text @ ..] = data {
            // A short text, as most elements are, needs no jump table.
            let len = usize::from(head & 0x3f);
            self.front.0 += len + 2;
            return Some(Item::Bytes(&text[..len]));
        }
        let len = entry_len(data);
        self.front.0 += len + back_len(len);
        Some(decode(&data[..len]))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }

    /// What replies are read by: all that changes from element to element is where the next one begins.
    #[inline]
    fn fold<A, F: FnMut(A, Item<'a>) -> A>(self, start: A, f: F) -> A {
        let left = self.left;
        self.fold_up_to(left, start, f)
    }
}

impl<'a> Iter<'a> {
    /// As `fold`, but only of so many elements, from the front.
    #[inline]
    pub fn fold_up_to<A>(self, count: usize, start: A, mut f: impl FnMut(A, Item<'a>) -> A) -> A {
        let (mut folded, mut rest) = (start, &self.data[self.front.0..]);
        for _ in 0..self.left.min(count) {
            let (item, full) = match rest {
                [head @ 0x80..0xc0, text @ ..] => {
                    let len = usize::from(head & 0x3f);
                    (Item::Bytes(&text[..len]), len + 2)
                }
                _ => {
                    let len = entry_len(rest);
                    (decode(&rest[..len]), len + back_len(len))
                }
            };
            rest = &rest[full..];
            folded = f(folded, item);
        }
        folded
    }
}

impl DoubleEndedIterator for Iter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.back = before(self.data, self.back)?;
        Some(get(self.data, self.back))
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::super::testing::{any_text, texts};
    use super::*;
    use proptest::prelude::*;
    use redipy_conformance::server::{Flavor, Options, Server, missing};
    use redipy_conformance::wire::{Client, Reply};

    fn check(packed: &Packed, model: &[Vec<u8>]) {
        assert_eq!(texts(packed.iter()), model);
        let mut folded = Vec::new();
        packed.iter_from(model.len() / 2).for_each(|item| folded.push(item.to_vec()));
        assert_eq!(folded, model[model.len() / 2..]);
        let mut back = texts(packed.iter().rev());
        back.reverse();
        assert_eq!(back, model);
        assert_eq!(packed.len(), model.len());
        for i in 0..=model.len() {
            assert_eq!(packed.nth(i).map(Item::to_vec).as_ref(), model.get(i));
        }
        let (gap, most) = (packed.0.start(), packed.byte_len().max(2200));
        assert!(gap <= most, "gap {gap}");
    }

    #[test]
    fn sizes_are_those_of_listpack() {
        assert_eq!(size_of::<Packed>(), 8);
        let size = |text: &[u8]| {
            let mut packed = Packed::new();
            packed.push_back(Item::Bytes(text));
            assert!(packed.nth(0).is_some_and(|item| item.is(text)));
            assert_eq!(packed.last(), Some(Pos(0)));
            packed.byte_len()
        };
        let sizes = [
            ("0", 2),
            ("127", 2),
            ("128", 3),
            ("-1", 3),
            ("-4096", 3),
            ("4095", 3),
            ("4096", 4),
            ("-32768", 4),
            ("32768", 5),
            ("-8388608", 5),
            ("8388608", 6),
            ("2147483648", 10),
            ("-9223372036854775808", 10),
            ("", 2),
            ("007", 5),
        ];
        for (text, expected) in sizes {
            assert_eq!(size(text.as_bytes()), expected, "{text}");
        }
        for (len, overhead) in [
            (63, 2),
            (64, 3),
            (125, 3),
            (126, 4),
            (4095, 4),
            (4096, 7),
            (16377, 7),
            (16378, 8),
            (2_097_145, 8),
            (2_097_146, 9),
            (268_435_450, 10),
        ] {
            assert_eq!(size(&vec![b'x'; len]), len + overhead, "{len}");
        }
    }

    /// The elements of a server's listpack, as they are stored, of a hash with this field and value.
    fn dumped(client: &mut Client, field: &[u8], value: &[u8]) -> Vec<u8> {
        client.call(["DEL", "h"]).expect("a reply");
        client.call([&b"HSET"[..], b"h", field, value]).expect("a reply");
        let Ok(Reply::Bulk(payload)) = client.call(["DUMP", "h"]) else { panic!("no payload") };
        // What it is (a hash in a listpack), how long that is; two of version and eight of a checksum at the end.
        let prefix = match payload[..2] {
            [16, len] if len < 0x40 => 2,
            [16, len] if len < 0x80 => 3,
            [16, 0x80] => 6,
            _ => panic!("not as a listpack: {:?}", &payload[..2]),
        };
        let listpack = &payload[prefix..payload.len() - 10];
        assert_eq!(u32::from_le_bytes(listpack[..4].try_into().expect("four")) as usize, listpack.len());
        // Its length, the number of its elements, and a byte that ends it.
        listpack[6..listpack.len() - 1].to_vec()
    }

    /// One below and one above every boundary, and on it.
    fn elements() -> Vec<Vec<u8>> {
        let ends = [64_usize, 128, 4096, 0x4000, 0x20_0000];
        // A text has a head of one, two or five bytes.
        let lengths = ends.into_iter().flat_map(|end| end - 7..=end + 1).chain([0, 1]);
        let limits = [0_i64, 127, 4095, 4096, 0x7fff, 0x7f_ffff, 0x7fff_ffff, i64::MAX, -4096, -0x8000];
        let more = [-0x80_0000, -0x8000_0000, i64::MIN];
        let ints = limits.into_iter().chain(more).flat_map(|int| [int.saturating_sub(1), int, int.saturating_add(1)]);
        let odd = ["-0", "+1", "01", " 1", "9223372036854775808", "-9223372036854775809", "-"];
        let texts = lengths.map(|len| vec![b'x'; len]);
        texts.chain(ints.map(|int| int.to_string().into())).chain(odd.map(Into::into)).collect()
    }

    #[test]
    fn every_byte_is_that_of_a_servers_listpack() {
        if Flavor::Redis82.find().is_none() {
            return missing(Flavor::Redis82);
        }
        let args = ["--hash-max-listpack-value", "4194304", "--rdbcompression", "no"].map(str::to_owned).to_vec();
        let server = Server::start_with(Flavor::Redis82, Options { args, ..Options::default() }).expect("a server");
        let mut client = server.client().expect("a client");
        for value in elements() {
            let mut packed = Packed::new();
            packed.push_back(Item::Bytes(b"f"));
            packed.push_back(Item::Bytes(&value));
            let shown = value[..value.len().min(30)].escape_ascii();
            assert!(packed.data() == dumped(&mut client, b"f", &value), "{} bytes: {shown}", value.len());
            assert!(packed.iter().rev().map(Item::to_vec).eq([value.clone(), b"f".to_vec()]), "{shown}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn packed_is_a_vector(ops in prop::collection::vec((0..9_u8, any::<u16>(), any_text()), 0..200)) {
            let (mut packed, mut model) = (Packed::new(), Vec::<Vec<u8>>::new());
            for (op, at, text) in ops {
                let item = Item::Bytes(&text);
                let i = usize::from(at) % (model.len() + 1);
                let pos = packed.seek(i);
                match (op, pos) {
                    (0, _) => { packed.push_back(item); model.push(text); }
                    (1, _) => { packed.push_front(item); model.insert(0, text); }
                    (2, _) => prop_assert_eq!(packed.pop_back(|item| Ok(item.to_vec())), Ok(model.pop())),
                    (3, _) => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(packed.pop_front(|item| Ok(item.to_vec())), Ok(expected));
                    }
                    (4, _) => { packed.insert(pos.unwrap_or(packed.end()), item); model.insert(i, text); }
                    (5, Some(pos)) => { packed.replace(pos, item); model[i] = text; }
                    (6, Some(pos)) => {
                        let n = usize::from(at) % 4;
                        packed.remove(pos, n);
                        model.drain(i..(i + n).min(model.len()));
                    }
                    (7, Some(_)) => {
                        let tail = packed.split_off(i);
                        check(&tail, &model[i..]);
                        let mut head = packed.clone();
                        head.append(&tail);
                        packed = head;
                    }
                    _ => {
                        let found = packed.find(packed.first(), &PackedElement::new(item), 1);
                        let expected = model.iter().position(|other| *other == text);
                        prop_assert_eq!(found, expected.and_then(|i| packed.seek(i)));
                    }
                }
                check(&packed, &model);
            }
        }
    }
}
