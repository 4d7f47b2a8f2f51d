//! Values in pages, known by 32-bit handles that are reused: nodes and members of sorted sets.
//! Growing moves no more than one page.

use std::ops::{Index, IndexMut};

/// Values in pages.
#[derive(Debug, Clone)]
pub struct Arena<T> {
    pages: Vec<Vec<T>>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Arena<T> {
    /// Pages of 16 tree nodes or 256 small values: some 10 KB.
    const BITS: u32 = if size_of::<T>() > 256 { 4 } else { 8 };
    const PAGE: usize = 1 << Self::BITS;

    /// No values, no allocation.
    pub const fn new() -> Self {
        Arena { pages: Vec::new(), free: Vec::new() }
    }

    /// Stores a value; returns its handle. There are 2^32 of them, more than fit the memory of any machine we know.
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(id) = self.free.pop() {
            self[id] = value;
            return id;
        }
        match self.pages.last_mut() {
            Some(page) if page.len() < Self::PAGE => page.push(value),
            last => {
                // The first page grows from small; whoever needs a second one will fill it.
                let mut page = Vec::with_capacity(if last.is_some() { Self::PAGE } else { 1 });
                page.push(value);
                self.pages.push(page);
            }
        }
        let before = (self.pages.len() - 1) * Self::PAGE;
        (before + self.pages.last().map_or(0, Vec::len) - 1) as u32
    }

    /// Gives a handle back. The value is dropped when the handle is used again.
    pub fn remove(&mut self, id: u32) {
        self.free.push(id);
    }

    /// Bytes on the heap, without what the values own.
    pub fn memory(&self) -> usize {
        let pages: usize = self.pages.iter().map(|page| page.capacity() * size_of::<T>()).sum();
        pages + self.pages.capacity() * size_of::<Vec<T>>() + self.free.capacity() * size_of::<u32>()
    }
}

impl<T> Index<u32> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, id: u32) -> &T {
        &self.pages[(id >> Self::BITS) as usize][id as usize % Self::PAGE]
    }
}

impl<T> IndexMut<u32> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.pages[(id >> Self::BITS) as usize][id as usize % Self::PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_reused() {
        let mut arena = Arena::new();
        let ids: Vec<u32> = (0..1000).map(|i| arena.insert(i)).collect();
        assert!(ids.iter().all(|&id| arena[id] == id));
        arena.remove(500);
        arena[999] = 7;
        assert_eq!((arena.insert(42), arena[500], arena[999]), (500, 42, 7));
    }
}
