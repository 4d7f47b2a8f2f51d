//! The keys and values of all measurements, and the order in which keys are visited.

/// A key: a word of four letters and a number of twelve digits.
pub type Key = [u8; 16];

/// The value of every string, element and field.
pub const VALUE: &[u8; 64] = &[b'v'; 64];

/// The key of a number.
pub fn key(number: usize) -> Key {
    named(b"key:", number)
}

/// A key that begins with a word of its own.
pub fn named(word: &[u8; 4], number: usize) -> Key {
    let mut key = [b'0'; 16];
    key[..4].copy_from_slice(word);
    let mut rest = number;
    for digit in key[4..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    key
}

/// What an operation is done to.
#[derive(Clone, Copy)]
pub struct Item {
    /// A number below the length of the walk.
    pub number: usize,
    /// Its key.
    pub key: Key,
    /// How many items came before this one, on the whole walk.
    pub serial: usize,
}

/// Goes through the numbers below `len` in an order that no cache can guess: a congruence that comes to each of them once
/// before it comes to one again, provided that `len` is a power of ten.
#[derive(Clone)]
pub struct Walk {
    len: usize,
    at: usize,
    serial: usize,
    /// Whether it never gives more items at once than there are numbers.
    hot: bool,
}

impl Walk {
    /// A walk below `len`, which is a power of ten.
    pub fn new(len: usize) -> Self {
        Self { len, at: 1, serial: 0, hot: false }
    }

    /// A walk whose items are few and used again and again: a long list of them would push what they are about out of the
    /// caches.
    pub fn hot(len: usize) -> Self {
        Self { hot: true, ..Self::new(len) }
    }

    /// The next items, so many or, if they are hot, fewer. They are made before the clock starts, so that making them costs nobody anything.
    pub fn items(&mut self, count: usize) -> Vec<Item> {
        let count = if self.hot { count.min(self.len) } else { count };
        (0..count).map(|_| self.step()).collect()
    }

    fn step(&mut self) -> Item {
        self.at = (self.at * 421 + 54_773) % self.len;
        self.serial += 1;
        Item { number: self.at, key: key(self.at), serial: self.serial }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_comes_to_every_number_once() {
        for len in [10, 100, 1_000, 1_000_000] {
            let mut seen = vec![false; len];
            Walk::new(len).items(len).iter().for_each(|item| seen[item.number] = true);
            assert!(seen.iter().all(|seen| *seen), "{len}");
        }
    }

    #[test]
    fn a_key_has_sixteen_bytes() {
        assert_eq!(&key(123), b"key:000000000123");
        assert_eq!(&named(b"list", 7), b"list000000000007");
    }
}
