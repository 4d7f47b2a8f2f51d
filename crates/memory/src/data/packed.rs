//! Many short elements in one buffer: the form of every small collection and of the chunks of a list.
//!
//! An element is `head | body | length backwards`, so the buffer reads from both ends. The sizes are those of Redis'
//! listpack, because a list changes its encoding at a number of *bytes*. Canonical decimal texts are integers of 1 to
//! 9 bytes; the encoding of a text is unique, so equal elements are equal bytes and a search compares only those.
//! A gap may be left in front, so that pushing and popping at the front costs as little as at the back.

use super::buffer::Buffer;
use super::bytes::parse_int;

pub use super::item::Item;

/// Where an element begins in a [`Packed`]; good until the next change before or at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pos(usize);

/// An element as it is stored, without the length at its end; also what a search looks for.
pub struct Encoded<'a> {
    /// Longer than any head, so that it can be copied by one instruction.
    head: [u8; HEAD],
    head_len: u8,
    body: &'a [u8],
}

const HEAD: usize = 16;

impl<'a> Encoded<'a> {
    /// The encoding of an element; the text of an integer becomes an integer.
    #[inline]
    pub fn new(item: Item<'a>) -> Self {
        match item {
            Item::Int(value) => Self::int(value),
            Item::Bytes(text) => parse_int(text).map_or_else(|| Self::raw(text), Self::int),
        }
    }

    /// The encoding of bytes that are no text: never an integer.
    pub fn raw(body: &'a [u8]) -> Self {
        let len = body.len();
        match len {
            0..64 => Self::with_head(&[0x80 | len as u8], body),
            64..4096 => Self::with_head(&[0xe0 | (len >> 8) as u8, len as u8], body),
            _ => {
                let [a, b, c, d] = (len as u32).to_le_bytes();
                Self::with_head(&[0xf0, a, b, c, d], body)
            }
        }
    }

    #[inline]
    fn int(value: i64) -> Self {
        let le = value.to_le_bytes();
        match value {
            0..128 => Self::with_head(&[value as u8], &[]),
            -4096..4096 => Self::with_head(&[0xc0 | (value >> 8 & 0x1f) as u8, value as u8], &[]),
            -0x8000..0x8000 => Self::with_tag(0xf1, &le[..2]),
            -0x80_0000..0x80_0000 => Self::with_tag(0xf2, &le[..3]),
            -0x8000_0000..0x8000_0000 => Self::with_tag(0xf3, &le[..4]),
            _ => Self::with_tag(0xf4, &le),
        }
    }

    #[inline]
    fn with_tag(tag: u8, le: &[u8]) -> Self {
        let mut head = [0; HEAD];
        head[0] = tag;
        head[1..=le.len()].copy_from_slice(le);
        Encoded { head, head_len: le.len() as u8 + 1, body: &[] }
    }

    #[inline]
    fn with_head(bytes: &[u8], body: &'a [u8]) -> Self {
        let mut head = [0; HEAD];
        head[..bytes.len()].copy_from_slice(bytes);
        Encoded { head, head_len: bytes.len() as u8, body }
    }

    #[inline]
    fn len(&self) -> usize {
        usize::from(self.head_len) + self.body.len()
    }

    /// Writes it as [`write`](Self::write) does, into more room than it needs: [`HEAD`] bytes at least.
    #[inline]
    fn write_into(&self, room: &mut [u8]) {
        let len = self.len();
        // What is too much of the head is overwritten, or lies behind the end.
        room[..HEAD].copy_from_slice(&self.head);
        if !self.body.is_empty() {
            room[usize::from(self.head_len)..len].copy_from_slice(self.body);
        }
        if len < 128 {
            room[len] = len as u8;
        } else {
            write_back(len, &mut room[len..len + back_len(len)]);
        }
    }

    #[inline]
    fn write(&self, out: &mut [u8]) {
        if out.len() >= HEAD {
            return self.write_into(out);
        }
        let (head, rest) = out.split_at_mut(usize::from(self.head_len));
        head.copy_from_slice(&self.head[..head.len()]);
        let (body, back) = rest.split_at_mut(self.body.len());
        body.copy_from_slice(self.body);
        write_back(self.len(), back);
    }

    /// The first and the last byte.
    #[inline]
    fn ends(&self) -> (u8, u8) {
        let last = self.body.last().copied();
        (self.head[0], last.unwrap_or(self.head[usize::from(self.head_len).saturating_sub(1)]))
    }

    #[inline]
    fn matches(&self, entry: &[u8]) -> bool {
        entry[0] == self.head[0] && entry.len() == self.len() && {
            let (head, body) = entry.split_at(usize::from(self.head_len));
            // The length of the body is all that a head says more, but for integers, which have no body.
            (!body.is_empty() || head == &self.head[..head.len()]) && body == self.body
        }
    }
}

/// What a text of at most this length has around it: a byte before and one after.
const SHORT_MAX: usize = 63;
const SHORT_FRAME: usize = 2;

/// The text of an element that is short and no integer, which most elements are: it is written without an [`Encoded`].
#[inline]
fn short_text(item: Item<'_>) -> Option<&[u8]> {
    match item {
        Item::Bytes(text) if text.len() <= SHORT_MAX && parse_int(text).is_none() => Some(text),
        _ => None,
    }
}

/// Writes a short text as an element; how many bytes that takes.
#[inline]
fn write_short(room: &mut [u8], text: &[u8]) -> usize {
    let len = text.len();
    let room = &mut room[..len + SHORT_FRAME];
    room[0] = 0x80 | len as u8;
    room[1..=len].copy_from_slice(text);
    room[len + 1] = len as u8 + 1;
    room.len()
}

/// Bytes taken by the length at the end of an element of `len` bytes.
#[inline]
fn back_len(len: usize) -> usize {
    match len {
        0..128 => 1,
        128..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        0x20_0000..0x1000_0000 => 4,
        _ => 5,
    }
}

/// Seven bits a byte, most significant first; every byte but the first says that more stand to its left.
fn write_back(len: usize, out: &mut [u8]) {
    let mut rest = len;
    for byte in out.iter_mut().skip(1).rev() {
        *byte = 0x80 | (rest & 0x7f) as u8;
        rest >>= 7;
    }
    if let Some(first) = out.first_mut() {
        *first = (rest & 0x7f) as u8;
    }
}

/// Length of the element at the start of `data`, without the length at its end.
#[inline]
fn entry_len(data: &[u8]) -> usize {
    match data[0] {
        0x00..0x80 => 1,
        head @ 0x80..0xc0 => 1 + usize::from(head & 0x3f),
        0xc0..0xe0 => 2,
        head @ 0xe0..0xf0 => 2 + (usize::from(head & 0xf) << 8 | usize::from(data[1])),
        0xf0 => 5 + u32::from_le_bytes([data[1], data[2], data[3], data[4]]) as usize,
        0xf1 => 3,
        0xf2 => 4,
        0xf3 => 5,
        _ => 9,
    }
}

/// Reads an element from exactly its bytes.
#[inline]
fn decode(entry: &[u8]) -> Item<'_> {
    match (entry[0], &entry[1..]) {
        (head @ 0x00..0x80, _) => Item::Int(i64::from(head)),
        (0x80..0xc0, text) => Item::Bytes(text),
        (head @ 0xc0..0xe0, rest) => {
            let bits = u16::from(head & 0x1f) << 8 | u16::from(rest[0]);
            Item::Int(i64::from((bits << 3) as i16 >> 3))
        }
        (0xe0..0xf0, rest) => Item::Bytes(&rest[1..]),
        (0xf0, rest) => Item::Bytes(&rest[4..]),
        (0xf1, &[a, b, ..]) => Item::Int(i16::from_le_bytes([a, b]).into()),
        (0xf2, &[a, b, c, ..]) => Item::Int((i32::from_le_bytes([0, a, b, c]) >> 8).into()),
        (0xf3, &[a, b, c, d, ..]) => Item::Int(i32::from_le_bytes([a, b, c, d]).into()),
        (_, le) => Item::Int(le.first_chunk().map_or(0, |le| i64::from_le_bytes(*le))),
    }
}

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

    #[inline]
    fn data(&self) -> &[u8] {
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
    pub fn find(&self, from: Option<Pos>, what: &Encoded<'_>, step: usize) -> Option<Pos> {
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
    pub fn is_at(&self, at: Pos, what: &Encoded<'_>) -> bool {
        let data = &self.data()[at.0..];
        what.matches(&data[..entry_len(data)])
    }

    /// Index of the first element equal to `what`.
    pub fn position(&self, what: &Encoded<'_>) -> Option<usize> {
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
        self.insert_encoded(at, &Encoded::new(item));
    }

    /// [`insert`](Self::insert) of something already encoded.
    pub fn insert_encoded(&mut self, at: Pos, entry: &Encoded<'_>) {
        self.put(at.0, 0, entry);
        self.0.set_count(self.len() + 1);
    }

    /// Replaces the element at `at`.
    pub fn replace(&mut self, at: Pos, item: Item<'_>) {
        self.replace_encoded(at, &Encoded::new(item));
    }

    /// [`replace`](Self::replace) by something already encoded.
    pub fn replace_encoded(&mut self, at: Pos, entry: &Encoded<'_>) {
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
        match short_text(item) {
            Some(text) if self.0.capacity() - end >= text.len() + SHORT_FRAME => {
                let len = write_short(&mut self.0.all_mut()[end..], text);
                self.0.set_len(end + len);
                self.0.set_count(self.len() + 1);
            }
            _ => self.insert(self.end(), item),
        }
    }

    /// Adds an element at the front.
    #[inline]
    pub fn push_front(&mut self, item: Item<'_>) {
        let start = self.0.start();
        match short_text(item) {
            Some(text) if start >= text.len() + SHORT_FRAME => {
                let start = start - text.len() - SHORT_FRAME;
                write_short(&mut self.0.all_mut()[start..], text);
                self.0.set_start(start);
                self.0.set_count(self.len() + 1);
            }
            _ => self.insert(Pos(0), item),
        }
    }

    /// Removes the last element and shows it to `f`.
    pub fn pop_back<R>(&mut self, f: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        let at = self.last()?;
        let result = f(self.get(at));
        if at.0 > 0 {
            // As `remove` does it, where there is something before and nothing after.
            self.0.set_count(self.len() - 1);
            self.0.set_len(self.0.start() + at.0);
            self.give_back();
        } else {
            self.remove(at, 1);
        }
        Some(result)
    }

    /// Removes the first element and shows it to `f`.
    pub fn pop_front<R>(&mut self, f: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        let at = self.first()?;
        let data = self.data();
        let (len, more) = (entry_len(data), data.len());
        let result = f(decode(&data[..len]));
        let full = len + back_len(len);
        if full < more {
            // As `remove` does it, where there is nothing before and something after.
            self.0.set_count(self.0.count() - 1);
            self.close_gap(self.0.start() + full);
        } else {
            self.remove(at, 1);
        }
        Some(result)
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
    fn put(&mut self, at: usize, old: usize, entry: &Encoded<'_>) {
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
        let len = entry_len(data);
        self.front.0 += len + back_len(len);
        Some(decode(&data[..len]))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
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

    fn check(packed: &Packed, model: &[Vec<u8>]) {
        assert_eq!(texts(packed.iter()), model);
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
            (16378, 7),
            (16379, 8),
            (1 << 21, 9),
            (1 << 28, 10),
        ] {
            assert_eq!(size(&vec![b'x'; len]), len + overhead, "{len}");
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
                    (2, _) => prop_assert_eq!(packed.pop_back(|item| item.to_vec()), model.pop()),
                    (3, _) => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(packed.pop_front(|item| item.to_vec()), expected);
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
                        let found = packed.find(packed.first(), &Encoded::new(item), 1);
                        let expected = model.iter().position(|other| *other == text);
                        prop_assert_eq!(found, expected.and_then(|i| packed.seek(i)));
                    }
                }
                check(&packed, &model);
            }
        }
    }
}
