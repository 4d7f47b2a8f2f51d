//! A sorted array of integers, all of the width the widest one needs: the form of a set of few integers.

use super::buffer::size_class;
use super::item::Item;

/// A sorted array without duplicates. It widens as needed and never narrows.
#[derive(Debug, Clone)]
pub enum Ints {
    /// All fit 16 bits.
    I16(Vec<i16>),
    /// All fit 32 bits.
    I32(Vec<i32>),
    /// Any.
    I64(Vec<i64>),
}

impl Default for Ints {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs one expression for the array at hand, whatever its width.
macro_rules! each {
    ($ints:expr, $array:ident => $body:expr) => {
        match $ints {
            Ints::I16($array) => $body,
            Ints::I32($array) => $body,
            Ints::I64($array) => $body,
        }
    };
}

impl Ints {
    /// No integers, no allocation.
    pub const fn new() -> Self {
        Ints::I16(Vec::new())
    }

    /// Number of integers.
    pub fn len(&self) -> usize {
        each!(self, array => array.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        each!(self, array => array.capacity() * array.first().map_or(0, size_of_val))
    }

    /// The integer with this index in ascending order.
    pub fn get(&self, index: usize) -> Option<i64> {
        match self {
            Ints::I16(array) => array.get(index).map(|&value| i64::from(value)),
            Ints::I32(array) => array.get(index).map(|&value| i64::from(value)),
            Ints::I64(array) => array.get(index).copied(),
        }
    }

    /// Length of the longest text of an integer that is in it.
    pub fn longest_text(&self) -> usize {
        let ends = [self.get(0), self.len().checked_sub(1).and_then(|last| self.get(last))];
        ends.into_iter().flatten().map(|value| Item::Int(value).text_len()).max().unwrap_or(0)
    }

    fn search(&self, value: i64) -> Result<usize, usize> {
        match self {
            Ints::I16(array) => array.binary_search_by(|&other| i64::from(other).cmp(&value)),
            Ints::I32(array) => array.binary_search_by(|&other| i64::from(other).cmp(&value)),
            Ints::I64(array) => array.binary_search(&value),
        }
    }

    /// Whether `value` is in it.
    pub fn contains(&self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    /// Adds `value`; `false` if it was there.
    pub fn insert(&mut self, value: i64) -> bool {
        let Err(at) = self.search(value) else {
            return false;
        };
        self.widen(value);
        match self {
            Ints::I16(array) => insert(array, at, value as i16),
            Ints::I32(array) => insert(array, at, value as i32),
            Ints::I64(array) => insert(array, at, value),
        }
        true
    }

    /// Removes `value`; `false` if it was not there.
    pub fn remove(&mut self, value: i64) -> bool {
        match self.search(value) {
            Ok(at) => {
                self.remove_at(at);
                true
            }
            Err(_) => false,
        }
    }

    /// Removes and returns the integer with this index.
    pub fn remove_at(&mut self, index: usize) -> Option<i64> {
        let value = self.get(index)?;
        each!(self, array => {
            array.remove(index);
            if array.capacity() > 16 + 4 * array.len() {
                array.shrink_to(array.len() * 2);
            }
        });
        Some(value)
    }

    /// Makes room for the width of `value`.
    fn widen(&mut self, value: i64) {
        let wide = match self {
            Ints::I16(array) if i16::try_from(value).is_err() => {
                if i32::try_from(value).is_ok() {
                    Ints::I32(array.iter().map(|&value| value.into()).collect())
                } else {
                    Ints::I64(array.iter().map(|&value| value.into()).collect())
                }
            }
            Ints::I32(array) if i32::try_from(value).is_err() => {
                Ints::I64(array.iter().map(|&value| value.into()).collect())
            }
            _ => return,
        };
        *self = wide;
    }
}

/// Inserts, with less to spare than doubling would leave.
fn insert<T>(array: &mut Vec<T>, at: usize, value: T) {
    if array.len() == array.capacity() {
        let bytes = size_class((array.len() + 1) * size_of::<T>());
        array.reserve_exact(bytes / size_of::<T>() - array.len());
    }
    array.insert(at, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ints_are_a_sorted_set(ops in prop::collection::vec((any::<bool>(), any::<i64>(), 0..64), 0..300)) {
            let (mut ints, mut model) = (Ints::new(), BTreeSet::new());
            for (insert, value, shift) in ops {
                let value = value >> shift;
                if insert {
                    prop_assert_eq!(ints.insert(value), model.insert(value));
                } else {
                    let value = model.range(value..).next().copied().unwrap_or(value);
                    prop_assert_eq!(ints.contains(value), model.contains(&value));
                    prop_assert_eq!(ints.remove(value), model.remove(&value));
                }
                prop_assert!((0..=ints.len()).map_while(|i| ints.get(i)).eq(model.iter().copied()));
            }
        }
    }
}
