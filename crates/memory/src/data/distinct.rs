//! Whether texts differ from each other: those that do need not be looked for in a new collection, of which a packed one
//! would be read from its start for each of them.

use std::ops::Deref;

use super::table::hash_bytes;

/// So many texts are looked for in less time than they are compared.
const FEW: usize = 8;

/// Whether all these texts are certain to differ from each other and from what is there; `seed` is that of the hash function.
#[inline]
pub fn are_new<T: Deref<Target = [u8]>>(
    texts: impl ExactSizeIterator<Item = T>,
    is_empty: impl FnOnce() -> bool,
    seed: u64,
) -> bool {
    texts.len() > FEW && is_empty() && are_distinct(texts, seed)
}

fn are_distinct<T: Deref<Target = [u8]>>(texts: impl ExactSizeIterator<Item = T>, seed: u64) -> bool {
    let mut seen = vec![0; (texts.len() * 2).next_power_of_two()];
    let mask = seen.len() - 1;
    for text in texts {
        let hash = hash_bytes(seed, &text) | 1;
        let mut place = (hash >> 32) as usize & mask;
        while seen[place] != 0 {
            // Equal hashes may be of two texts, whose collection is then filled as any other.
            if seen[place] == hash {
                return false;
            }
            place = (place + 1) & mask;
        }
        seen[place] = hash;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_are_told_from_those_that_do_not() {
        let mut texts: Vec<Vec<u8>> = (0..600).map(|n| n.to_string().into_bytes()).collect();
        let are_new = |texts: &[Vec<u8>], is_empty| are_new(texts.iter().map(Vec::as_slice), || is_empty, 7);
        for count in [0, 1, FEW] {
            assert!(!are_new(&texts[..count], true), "few are not compared");
        }
        for count in [FEW + 1, 100, 600] {
            assert!(are_new(&texts[..count], true) && !are_new(&texts[..count], false));
        }
        for at in [0, 300, 598] {
            texts[599] = texts[at].clone();
            assert!(!are_new(&texts, true));
        }
    }
}
