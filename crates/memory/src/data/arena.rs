//! Values in pages, known by 32-bit handles that are reused: nodes and members of sorted sets.
//! Neither growing nor giving back moves more than one page.

use std::ops::{Index, IndexMut};

/// Values in pages.
#[derive(Debug, Clone)]
pub struct Arena<T> {
    /// `SMALL_PAGES` small ones, then large ones: all but the last are full. Large ones keep this vector short.
    pages: Vec<Vec<T>>,
    /// How many values are in them.
    len: u32,
    free: Stack,
}

/// How many small pages there are, and how many of them a large page is, as powers of two.
const SMALL_PAGES: u32 = 8;
const LARGE: u32 = 4;

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Arena<T> {
    /// Small pages of 16 tree nodes or 256 small values: some 10 KB.
    const BITS: u32 = if size_of::<T>() > 256 { 4 } else { 8 };

    /// No values, no allocation.
    pub const fn new() -> Self {
        Arena { pages: Vec::new(), len: 0, free: Stack { pages: Vec::new() } }
    }

    /// The page of a handle, the bits of its offset in it, and the offset.
    #[inline]
    fn locate(id: u32) -> (usize, u32, usize) {
        let (page, bits) = if id >> (Self::BITS + SMALL_PAGES) == 0 {
            (id >> Self::BITS, Self::BITS)
        } else {
            let before = (1 << SMALL_PAGES) - (1 << (SMALL_PAGES - LARGE));
            ((id >> (Self::BITS + LARGE)) + before, Self::BITS + LARGE)
        };
        (page as usize, bits, id as usize & ((1 << bits) - 1))
    }

    /// Stores a value; returns its handle. There are 2^32 of them, more than fit the memory of any machine we know.
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(id) = self.free.pop() {
            self[id] = value;
            return id;
        }
        let id = self.len;
        let (page, bits, _) = Self::locate(id);
        if page == self.pages.len() {
            // The first page grows from small; whoever needs a second one will fill it.
            self.pages.push(Vec::with_capacity(if page == 0 { 1 } else { 1 << bits }));
        }
        self.pages[page].push(value);
        self.len += 1;
        id
    }

    /// Gives a handle back. The value is dropped when the handle is used again.
    pub fn remove(&mut self, id: u32) {
        self.free.push(id);
    }

    /// How many values there are, those that were given back included.
    pub fn slots(&self) -> usize {
        self.len as usize
    }

    /// Bytes on the heap, without what the values own.
    pub fn memory(&self) -> usize {
        let pages: usize = self.pages.iter().map(|page| page.capacity() * size_of::<T>()).sum();
        pages + self.pages.capacity() * size_of::<Vec<T>>() + self.free.memory()
    }
}

/// Handles that were given back: the last one is used first.
#[derive(Debug, Clone)]
struct Stack {
    /// None is empty, and all but the last are full.
    pages: Vec<Vec<u32>>,
}

impl Stack {
    const PAGE: usize = 1024;

    fn push(&mut self, id: u32) {
        match self.pages.last_mut() {
            Some(page) if page.len() < Self::PAGE => page.push(id),
            _ => self.pages.push(vec![id]),
        }
    }

    fn pop(&mut self) -> Option<u32> {
        let page = self.pages.last_mut()?;
        let id = page.pop();
        if page.is_empty() {
            self.pages.pop();
        }
        id
    }

    fn memory(&self) -> usize {
        let pages: usize = self.pages.iter().map(|page| page.capacity() * size_of::<u32>()).sum();
        pages + self.pages.capacity() * size_of::<Vec<u32>>()
    }
}

impl<T> Index<u32> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, id: u32) -> &T {
        let (page, _, offset) = Self::locate(id);
        &self.pages[page][offset]
    }
}

impl<T> IndexMut<u32> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut T {
        let (page, _, offset) = Self::locate(id);
        &mut self.pages[page][offset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_filled_one_after_the_other() {
        let mut arena = Arena::new();
        let end = 1 << (Arena::<u32>::BITS + SMALL_PAGES);
        assert!((0..2 * end).all(|i| arena.insert(i) == i));
        assert!((0..2 * end).all(|i| arena[i] == i));
        assert!(arena.pages.len() < 300 && arena.pages.iter().all(|page| page.len() == page.capacity()));
    }

    #[test]
    fn handles_are_reused() {
        let mut arena = Arena::new();
        let ids: Vec<u32> = (0..1000).map(|i| arena.insert(i)).collect();
        assert!(ids.iter().all(|&id| arena[id] == id));
        arena.remove(500);
        arena[999] = 7;
        assert_eq!((arena.insert(42), arena[500], arena[999]), (500, 42, 7));
        (0..1000).for_each(|id| arena.remove(id));
        (1000..3000).for_each(|i| assert_eq!(arena.insert(i), if i < 2000 { 1999 - i } else { i - 1000 }));
    }
}
