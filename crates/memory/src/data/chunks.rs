//! The long form of a list: a deque of packed chunks. They are filled, split and merged by the rules
//! of Redis' quicklist, which are observable: a list is a `listpack` again when one small chunk is left.

use std::collections::VecDeque;

use redipy_command::Result;

use super::config::ChunkLimit;
use super::packed::{Item, Packed, PackedElement};
use super::packed_element::back_len;

/// An end of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The head, index 0: LPUSH, LPOP.
    Left,
    /// The tail: RPUSH, RPOP.
    Right,
}

/// Bytes of header and terminator that Redis counts into every chunk.
pub(super) const FRAME: usize = 7;
/// The head of an element of 4 KB or more.
const HEAD: usize = 5;
/// What Redis assumes an element needs beyond its text.
const ELEMENT: usize = 8;

/// A deque of chunks; none of them is empty.
#[derive(Debug, Clone)]
pub(super) struct Chunks {
    /// The size of a chunk.
    pub(super) limit: ChunkLimit,
    pub(super) chunks: VecDeque<Packed>,
    pub(super) len: usize,
}

/// Whether an element gets a chunk of its own.
fn is_large(text_len: usize, limit: ChunkLimit) -> bool {
    text_len > limit.bytes
}

/// Whether a chunk is a large element: longer than the encoding of the longest that shares one.
fn holds_large(chunk: &Packed, limit: ChunkLimit) -> bool {
    let head_and_text = HEAD + limit.bytes;
    chunk.len() == 1 && chunk.byte_len() > head_and_text + back_len(head_and_text)
}

/// Whether there is such a chunk with room for a text of this length.
fn has_room(chunk: Option<&Packed>, text_len: usize, limit: ChunkLimit) -> bool {
    let fits = |chunk: &Packed| limit.allows(chunk.byte_len() + FRAME + text_len + ELEMENT, chunk.len() + 1);
    chunk.is_some_and(|chunk| !holds_large(chunk, limit) && !is_large(text_len, limit) && fits(chunk))
}

fn chunk_of(item: Item<'_>) -> Packed {
    let mut chunk = Packed::new();
    chunk.push_back(item);
    chunk
}

impl Chunks {
    pub(super) fn of(chunk: Packed, limit: ChunkLimit) -> Self {
        let len = chunk.len();
        let chunks = if len == 0 { VecDeque::new() } else { VecDeque::from([chunk]) };
        Chunks { limit, chunks, len }
    }

    /// Whether a chunk, the last that there is, may be a list of one chunk again.
    pub(super) fn may_be_small(&self, chunk: &Packed) -> bool {
        !holds_large(chunk, self.limit) && self.limit.is_half(chunk.byte_len() + FRAME, chunk.len())
    }

    /// Chunk and offset in it of an index, counted from the nearer end.
    pub(super) fn locate(&self, index: usize) -> Option<(usize, usize)> {
        if index >= self.len {
            return None;
        }
        if index <= self.len / 2 {
            let mut rest = index;
            for (i, chunk) in self.chunks.iter().enumerate() {
                if rest < chunk.len() {
                    return Some((i, rest));
                }
                rest -= chunk.len();
            }
        } else {
            let mut rest = self.len - index;
            for (i, chunk) in self.chunks.iter().enumerate().rev() {
                if rest <= chunk.len() {
                    return Some((i, chunk.len() - rest));
                }
                rest -= chunk.len();
            }
        }
        None
    }

    pub(super) fn push(&mut self, end: End, item: Item<'_>) {
        let limit = self.limit;
        let chunk = match end {
            End::Left => self.chunks.front_mut(),
            End::Right => self.chunks.back_mut(),
        };
        match (chunk, end) {
            (Some(chunk), End::Left) if has_room(Some(chunk), item.text_len(), limit) => chunk.push_front(item),
            (Some(chunk), End::Right) if has_room(Some(chunk), item.text_len(), limit) => chunk.push_back(item),
            (full, _) => {
                if let Some(full) = full {
                    full.shrink_to_fit();
                }
                match end {
                    End::Left => self.chunks.push_front(chunk_of(item)),
                    End::Right => self.chunks.push_back(chunk_of(item)),
                }
            }
        }
        self.len += 1;
    }

    pub(super) fn pop<R>(&mut self, end: End, f: impl FnOnce(Item<'_>) -> Result<R>) -> Result<Option<R>> {
        let (chunk, at) = match end {
            End::Left => (self.chunks.front_mut(), 0),
            End::Right => (self.chunks.back_mut(), usize::MAX),
        };
        let Some(chunk) = chunk else { return Ok(None) };
        let popped = if at == 0 { chunk.pop_front(f) } else { chunk.pop_back(f) }?;
        let Some(result) = popped else { return Ok(None) };
        self.len -= 1;
        if chunk.is_empty() {
            self.chunks.remove(at.min(self.chunks.len() - 1));
        }
        Ok(Some(result))
    }

    /// Replaces an element. Small for small stays in its chunk, whatever size that gets.
    pub(super) fn set(&mut self, index: usize, item: Item<'_>) {
        let Some((i, offset)) = self.locate(index) else {
            return;
        };
        let large = is_large(item.text_len(), self.limit);
        let Some(chunk) = self.chunks.get_mut(i) else {
            return;
        };
        if large == holds_large(chunk, self.limit) {
            if let Some(at) = chunk.seek(offset) {
                chunk.replace(at, item);
            }
        } else if large {
            self.isolate(i, offset, item);
        } else {
            self.insert_at(i, 0, true, item);
            self.chunks.remove(i);
            self.len -= 1;
        }
    }

    /// Replaces a small element by a large one, which gets a chunk between those of its neighbours.
    fn isolate(&mut self, i: usize, offset: usize, item: Item<'_>) {
        let chunk = &mut self.chunks[i];
        let tail = chunk.split_off(offset + 1);
        if let Some(at) = chunk.seek(offset) {
            chunk.remove(at, 1);
        }
        if !tail.is_empty() {
            self.chunks.insert(i + 1, tail);
        }
        self.chunks.insert(i + 1, chunk_of(item));
        if self.chunks[i].is_empty() {
            self.chunks.remove(i);
        } else {
            self.merge_around(i + 1);
        }
    }

    pub(super) fn insert(&mut self, index: usize, after: bool, item: Item<'_>) {
        if let Some((i, offset)) = self.locate(index) {
            self.insert_at(i, offset, after, item);
        }
    }

    fn insert_at(&mut self, i: usize, offset: usize, after: bool, item: Item<'_>) {
        self.place(i, offset, after, item);
        self.len += 1;
    }

    fn place(&mut self, i: usize, offset: usize, after: bool, item: Item<'_>) {
        let text_len = item.text_len();
        let offset = offset + usize::from(after);
        let limit = self.limit;
        let chunk = &mut self.chunks[i];
        if has_room(Some(chunk), text_len, limit) {
            let at = chunk.seek(offset).unwrap_or(chunk.end());
            return chunk.insert(at, item);
        }
        // An end of the chunk counts as one only on the side where the element goes.
        let at_tail = after && offset == chunk.len();
        let at_head = !after && offset == 0;
        if at_tail && has_room(self.chunks.get(i + 1), text_len, limit) {
            self.chunks[i + 1].push_front(item);
        } else if at_head && i > 0 && has_room(self.chunks.get(i - 1), text_len, limit) {
            self.chunks[i - 1].push_back(item);
        } else if at_tail || at_head {
            self.chunks.insert(i + usize::from(at_tail), chunk_of(item));
        } else {
            self.split_for(i, offset, after, item);
        }
    }

    /// Splits a full chunk to insert in its middle.
    fn split_for(&mut self, i: usize, offset: usize, after: bool, item: Item<'_>) {
        let mut tail = self.chunks[i].split_off(offset);
        if is_large(item.text_len(), self.limit) {
            self.chunks.insert(i + 1, tail);
            self.chunks.insert(i + 1, chunk_of(item));
            return;
        }
        if after {
            tail.push_front(item);
        } else {
            self.chunks[i].push_back(item);
        }
        self.chunks.insert(i + 1, tail);
        self.merge_around(if after { i } else { i + 1 });
    }

    /// Merges small neighbours of a chunk where there was a split: two before it, two after it, then it with each side.
    fn merge_around(&mut self, center: usize) {
        let mut center = center;
        if center >= 2 && self.merge(center - 2) {
            center -= 1;
        }
        self.merge(center + 1);
        if center >= 1 && self.merge(center - 1) {
            center -= 1;
        }
        self.merge(center);
    }

    /// Merges chunk `i` with the next one if they fit into one.
    fn merge(&mut self, i: usize) -> bool {
        let (Some(a), Some(b)) = (self.chunks.get(i), self.chunks.get(i + 1)) else {
            return false;
        };
        let fits = self.limit.allows(a.byte_len() + b.byte_len() + FRAME, a.len() + b.len());
        if holds_large(a, self.limit) || holds_large(b, self.limit) || !fits {
            return false;
        }
        if let Some(b) = self.chunks.remove(i + 1) {
            self.chunks[i].append(&b);
        }
        true
    }

    pub(super) fn remove(&mut self, what: &PackedElement<'_>, limit: usize, from: End) -> usize {
        let mut left = limit;
        let visit = |chunk: &mut Packed| {
            if left > 0 {
                left -= remove_in(chunk, what, left, from);
            }
        };
        match from {
            End::Left => self.chunks.iter_mut().for_each(visit),
            End::Right => self.chunks.iter_mut().rev().for_each(visit),
        }
        self.chunks.retain(|chunk| !chunk.is_empty());
        self.len -= limit - left;
        limit - left
    }

    pub(super) fn trim(&mut self, start: usize, count: usize) {
        let start = start.min(self.len);
        let count = count.min(self.len - start);
        drop_front(self, start);
        while self.len > count {
            let over = self.len - count;
            let Some(chunk) = self.chunks.back_mut() else {
                return;
            };
            let gone = chunk.len().min(over);
            if gone == chunk.len() {
                self.chunks.pop_back();
            } else if let Some(at) = chunk.seek(chunk.len() - gone) {
                chunk.remove(at, gone);
            }
            self.len -= gone;
        }
    }
}

fn drop_front(list: &mut Chunks, count: usize) {
    let mut left = count;
    while left > 0 {
        let Some(chunk) = list.chunks.front_mut() else {
            return;
        };
        let gone = chunk.len().min(left);
        if gone == chunk.len() {
            list.chunks.pop_front();
        } else if let Some(at) = chunk.first() {
            chunk.remove(at, gone);
        }
        list.len -= gone;
        left -= gone;
    }
}

/// Removes up to `limit` elements equal to `what` from one chunk; returns how many.
pub(super) fn remove_in(chunk: &mut Packed, what: &PackedElement<'_>, limit: usize, from: End) -> usize {
    let mut removed = 0;
    match from {
        End::Left => {
            let mut at = chunk.first();
            while removed < limit
                && let Some(found) = chunk.find(at, what, 1)
            {
                chunk.remove(found, 1);
                removed += 1;
                at = Some(found);
            }
        }
        End::Right => {
            let mut at = chunk.last();
            while removed < limit
                && let Some(here) = at
            {
                at = chunk.prev(here);
                if chunk.is_at(here, what) {
                    chunk.remove(here, 1);
                    removed += 1;
                }
            }
        }
    }
    removed
}
