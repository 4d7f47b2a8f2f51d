//! Many short elements in one buffer: the form of every small collection and of the chunks of a list.
//!
//! An element is `head | body | length backwards`, so the buffer reads from both ends. The sizes are those of Redis'
//! listpack, because a list changes its encoding at a number of *bytes*. Canonical decimal texts are integers of 1 to
//! 9 bytes; the encoding of a text is unique, so equal elements are equal bytes and a search compares only those.
//! A gap may be left in front, so that pushing and popping at the front costs as little as at the back.

use super::bytes::{IntText, parse_int};

/// One element, borrowed from where it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// An integer; its text is its decimal form.
    Int(i64),
    /// A byte string. As an argument it may well be the text of an integer.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a [u8]> for Item<'a> {
    fn from(text: &'a [u8]) -> Self {
        Item::Bytes(text)
    }
}

impl From<i64> for Item<'_> {
    fn from(value: i64) -> Self {
        Item::Int(value)
    }
}

impl Item<'_> {
    /// Calls `f` with the text, without an allocation.
    #[inline]
    pub fn with_text<R>(self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Item::Int(value) => f(IntText::new(value).as_slice()),
            Item::Bytes(text) => f(text),
        }
    }

    /// Length of the text.
    pub fn text_len(self) -> usize {
        self.with_text(<[u8]>::len)
    }

    /// Whether the text is `text`.
    pub fn is(self, text: &[u8]) -> bool {
        match self {
            Item::Int(value) => parse_int(text) == Some(value),
            Item::Bytes(own) => own == text,
        }
    }

    /// The integer whose canonical text this is.
    pub fn as_int(self) -> Option<i64> {
        match self {
            Item::Int(value) => Some(value),
            Item::Bytes(text) => parse_int(text),
        }
    }

    /// Appends the text.
    pub fn push_to(self, out: &mut Vec<u8>) {
        self.with_text(|text| out.extend_from_slice(text));
    }

    /// A copy of the text.
    pub fn to_vec(self) -> Vec<u8> {
        self.with_text(<[u8]>::to_vec)
    }

    /// Bytewise order of the texts.
    pub fn cmp_text(self, other: &[u8]) -> std::cmp::Ordering {
        self.with_text(|text| text.cmp(other))
    }
}

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

    /// Adds it at the end of a buffer, as [`write`](Self::write) would have it there.
    #[inline]
    fn append(&self, out: &mut Vec<u8>) {
        let (len, end) = (self.len(), out.len());
        // What is too much of the head is cut off or overwritten.
        out.extend_from_slice(&self.head);
        out.truncate(end + usize::from(self.head_len));
        if !self.body.is_empty() {
            out.extend_from_slice(self.body);
        }
        if len < 128 {
            out.push(len as u8);
        } else {
            let back = out.len();
            out.resize(back + back_len(len), 0);
            write_back(len, &mut out[back..]);
        }
    }

    fn write(&self, out: &mut [u8]) {
        let (head, rest) = out.split_at_mut(usize::from(self.head_len));
        head.copy_from_slice(&self.head[..head.len()]);
        let (body, back) = rest.split_at_mut(self.body.len());
        body.copy_from_slice(self.body);
        write_back(self.len(), back);
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

/// Elements in one buffer.
#[derive(Clone, Default)]
pub struct Packed {
    buf: Vec<u8>,
    /// Where the first element begins in `buf`.
    start: u32,
    count: u32,
}

/// The gap in front is closed when it is longer than this, or than the elements.
const GAP_MAX: usize = 1 << 20;

impl Packed {
    /// No elements, no allocation.
    pub const fn new() -> Self {
        Packed { buf: Vec::new(), start: 0, count: 0 }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes taken by the elements.
    pub fn byte_len(&self) -> usize {
        self.buf.len() - self.start as usize
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        self.buf.capacity()
    }

    #[inline]
    fn data(&self) -> &[u8] {
        &self.buf[self.start as usize..]
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
        if at.0 == 0 {
            return None;
        }
        let data = self.data();
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
            for _ in index..len {
                at = self.prev(at)?;
            }
            Some(at)
        }
    }

    /// The element at a position.
    #[inline]
    pub fn get(&self, at: Pos) -> Item<'_> {
        let data = &self.data()[at.0..];
        decode(&data[..entry_len(data)])
    }

    /// The element with this index.
    pub fn nth(&self, index: usize) -> Option<Item<'_>> {
        self.seek(index).map(|at| self.get(at))
    }

    /// The first of the elements `from`, `from + step`, .. that is equal to `what`.
    pub fn find(&self, from: Option<Pos>, what: &Encoded<'_>, step: usize) -> Option<Pos> {
        let data = self.data();
        let mut at = from?.0;
        while at < data.len() {
            if data[at] == what.head[0] && what.matches(&data[at..at + entry_len(&data[at..])]) {
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
        self.count += 1;
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
        self.resize(at.0, end - at.0, 0);
        self.count -= gone as u32;
    }

    /// Adds an element at the end.
    pub fn push_back(&mut self, item: Item<'_>) {
        self.insert(self.end(), item);
    }

    /// Adds an element at the front.
    pub fn push_front(&mut self, item: Item<'_>) {
        self.insert(Pos(0), item);
    }

    /// Removes the last element and shows it to `f`.
    pub fn pop_back<R>(&mut self, f: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        let at = self.last()?;
        let result = f(self.get(at));
        self.remove(at, 1);
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
            self.close_gap(self.start as usize + full);
            self.count -= 1;
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
        let tail = Packed { buf: self.data()[at.0..].to_vec(), start: 0, count: self.count - index as u32 };
        self.buf.truncate(self.start as usize + at.0);
        self.count -= tail.count;
        self.shrink_to_fit();
        tail
    }

    /// Adds the elements of `other` at the end.
    pub fn append(&mut self, other: &Packed) {
        self.buf.extend_from_slice(other.data());
        self.count += other.count;
    }

    /// Gives back spare room, at both ends.
    pub fn shrink_to_fit(&mut self) {
        self.buf.drain(..self.start as usize);
        self.start = 0;
        self.buf.shrink_to_fit();
    }

    /// The elements in order, from both ends.
    pub fn iter(&self) -> Iter<'_> {
        Iter { packed: self, front: Pos(0), back: self.end(), left: self.len() }
    }

    /// The elements from this index on.
    pub fn iter_from(&self, index: usize) -> Iter<'_> {
        match self.seek(index) {
            Some(front) => Iter { packed: self, front, back: self.end(), left: self.len() - index },
            None => Iter { packed: self, front: self.end(), back: self.end(), left: 0 },
        }
    }

    /// The elements up to and with this index; meant to be read backwards.
    pub fn iter_to(&self, index: usize) -> Iter<'_> {
        match self.seek(index) {
            Some(at) => {
                let back = Pos(at.0 + full_len(self.data(), at.0));
                Iter { packed: self, front: Pos(0), back, left: index + 1 }
            }
            None => self.iter(),
        }
    }

    #[inline]
    fn put(&mut self, at: usize, old: usize, entry: &Encoded<'_>) {
        let len = entry.len();
        let full = len + back_len(len);
        // At the end nothing moves; in front neither, if there is a gap.
        if at == self.byte_len() && self.buf.capacity() - self.buf.len() >= full + HEAD {
            return entry.append(&mut self.buf);
        }
        if at == 0 && old == 0 && self.start as usize >= full {
            self.start -= full as u32;
        } else {
            self.resize(at, old, full);
        }
        let at = self.start as usize + at;
        entry.write(&mut self.buf[at..at + full]);
    }

    /// Makes `old` bytes at `at` into `new` bytes, moving the shorter side where there is room.
    fn resize(&mut self, at: usize, old: usize, new: usize) {
        let before = at;
        let after = self.byte_len() - at - old;
        if new > old {
            let more = new - old;
            if at == 0 && after > 0 && (self.start as usize) < more {
                self.open_gap(more + (after / 4).clamp(16, 2048));
            }
            if before < after && self.start as usize >= more {
                let start = self.start as usize;
                self.buf.copy_within(start..start + at, start - more);
                self.start -= more as u32;
            } else {
                self.move_tail(at + old, at + new);
            }
        } else if before < after {
            let start = self.start as usize;
            let less = old - new;
            self.buf.copy_within(start..start + at, start + less);
            self.close_gap(start + less);
        } else {
            self.move_tail(at + old, at + new);
            self.give_back();
        }
    }

    /// Moves everything from `from` on so that it begins at `to`.
    fn move_tail(&mut self, from: usize, to: usize) {
        let start = self.start as usize;
        let end = self.buf.len();
        if to > from {
            self.grow(to - from);
            self.buf.copy_within(start + from..end, start + to);
        } else {
            self.buf.copy_within(start + from..end, start + to);
            self.buf.truncate(end - (from - to));
        }
    }

    /// Lengthens the buffer, with less to spare than doubling would leave: small collections are many.
    fn grow(&mut self, by: usize) {
        let len = self.buf.len();
        if self.buf.capacity() - len < by {
            self.buf.reserve_exact(by + (len / 4).min(1 << 16));
        }
        self.buf.resize(len + by, 0);
    }

    fn open_gap(&mut self, by: usize) {
        if by > GAP_MAX {
            return;
        }
        let start = self.start as usize;
        let end = self.buf.len();
        self.grow(by);
        self.buf.copy_within(start..end, start + by);
        self.start += by as u32;
    }

    fn close_gap(&mut self, start: usize) {
        if start > GAP_MAX || start >= (self.buf.len() - start).max(64) {
            self.buf.drain(..start);
            self.start = 0;
            self.give_back();
        } else {
            self.start = start as u32;
        }
    }

    fn give_back(&mut self) {
        if self.buf.capacity() > 64 + 4 * self.buf.len() {
            self.buf.shrink_to(self.buf.len() * 2);
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
    packed: &'a Packed,
    front: Pos,
    back: Pos,
    left: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        self.left = self.left.checked_sub(1)?;
        let data = &self.packed.data()[self.front.0..];
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
        self.back = self.packed.prev(self.back)?;
        Some(self.packed.get(self.back))
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
        assert!(packed.start as usize <= packed.byte_len().max(2200), "gap {}", packed.start);
    }

    #[test]
    fn sizes_are_those_of_listpack() {
        assert_eq!(size_of::<Packed>(), 32);
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
