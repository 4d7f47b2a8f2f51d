//! A value that can be known again: by a number that it has until it is changed, and that nothing else has or had.

use std::sync::atomic::{AtomicU64, Ordering};

/// A value and its mark, 0 until somebody asks for it. Nobody changes the value but through `get_mut`, which takes the mark
/// away: whoever meets a mark again meets what he met then.
pub struct Marked<T> {
    mark: AtomicU64,
    value: T,
}

impl<T> Marked<T> {
    /// A value without a mark.
    pub const fn new(value: T) -> Self {
        Marked { mark: AtomicU64::new(0), value }
    }

    /// The value.
    #[inline]
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// The value, to be changed.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        *self.mark.get_mut() = 0;
        &mut self.value
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The mark, which only this value as it is now has.
    pub fn mark(&self) -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        match self.mark.load(Ordering::Relaxed) {
            // Where two threads get here at once, the value has had both marks: each of them is its own.
            0 => {
                let mark = LAST.fetch_add(1, Ordering::Relaxed) + 1;
                self.mark.store(mark, Ordering::Relaxed);
                mark
            }
            mark => mark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_lost_with_a_change_and_never_given_again() {
        let (mut one, other) = (Marked::new(1), Marked::new(1));
        let first = one.mark();
        assert_eq!(one.mark(), first);
        assert_ne!(other.mark(), first);
        assert_eq!((*one.get(), *one.get_mut()), (1, 1));
        assert_ne!(one.mark(), first);
        assert_eq!(one.into_inner(), 1);
    }
}
