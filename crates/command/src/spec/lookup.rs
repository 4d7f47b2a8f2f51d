//! Which command a name is: a hash table over all names, made when this is compiled.

use super::names::NAMES;

/// Slots of the table; a fifth of them is in use with all commands of a server.
const SLOTS: usize = 2048;

/// A name in the table.
#[derive(Clone, Copy)]
struct Slot {
    /// The [`folded`] name, and its length; of names up to eight bytes nothing else has to be compared.
    folded: u64,
    len: u16,
    /// Its place among all names.
    place: u16,
}

/// No name has no bytes.
const FREE: Slot = Slot { folded: 0, len: 0, place: 0 };

/// Each name in the slot of its hash, or in the next free one.
static TABLE: [Slot; SLOTS] = {
    let (mut table, mut place) = ([FREE; SLOTS], 0);
    while place < NAMES.len() {
        let name = NAMES[place].as_bytes();
        if is_one_word(name) {
            let mut slot = slot_of(folded(name), name.len());
            while table[slot].len != 0 {
                slot = (slot + 1) % SLOTS;
            }
            table[slot] = Slot { folded: folded(name), len: name.len() as u16, place: place as u16 };
        }
        place += 1;
    }
    table
};

const fn is_one_word(name: &[u8]) -> bool {
    let mut i = 0;
    while i < name.len() {
        if name[i] == b' ' {
            return false;
        }
        i += 1;
    }
    true
}

/// The first four bytes and the last four, which may be the same ones, in upper case; of a name with fewer all of them.
#[inline]
const fn folded(name: &[u8]) -> u64 {
    let bytes = match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (Some([a, b, c, d]), Some([w, x, y, z])) => [*a, *b, *c, *d, *w, *x, *y, *z],
        _ => match name {
            [a, b, c] => [*a, *b, *c, 0, 0, 0, 0, 0],
            [a, b] => [*a, *b, 0, 0, 0, 0, 0, 0],
            [a] => [*a, 0, 0, 0, 0, 0, 0, 0],
            _ => [0; 8],
        },
    };
    upper(u64::from_le_bytes(bytes))
}

/// Eight bytes with their ASCII letters in upper case.
#[inline]
const fn upper(bytes: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x80 * ONES;
    let low = bytes & !HIGHS;
    // The highest bit of each byte says whether its lower seven bits reach `a`, and whether they pass `z`.
    let (from_a, past_z) = (low + (0x80 - b'a' as u64) * ONES, low + (0x7f - b'z' as u64) * ONES);
    let letters = from_a & !past_z & !bytes & HIGHS;
    bytes ^ (letters >> 2)
}

/// Where the search for a name begins.
#[inline]
const fn slot_of(folded: u64, len: usize) -> usize {
    ((folded ^ len as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) as usize
}

/// The place among all names of this one, which has one word, in upper or lower case.
#[inline]
pub(crate) fn position(name: &[u8]) -> Option<usize> {
    let folded = folded(name);
    let mut at = slot_of(folded, name.len());
    loop {
        let slot = &TABLE[at];
        if slot.len == 0 {
            return None;
        }
        if slot.folded == folded && usize::from(slot.len) == name.len() {
            let place = usize::from(slot.place);
            if name.len() <= 8 || NAMES[place].as_bytes().eq_ignore_ascii_case(name) {
                return Some(place);
            }
        }
        at = (at + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_nothing_else_is() {
        for (place, name) in NAMES.iter().enumerate() {
            let found = is_one_word(name.as_bytes()).then_some(place);
            assert_eq!(position(name.as_bytes()), found, "{name}");
            assert_eq!(position(name.to_lowercase().as_bytes()), found, "{name}");
            assert_eq!(position(format!("{name}#").as_bytes()), None, "{name}");
            let shorter = NAMES.iter().position(|other| *other == &name[1..]);
            assert_eq!(position(&name.as_bytes()[1..]), shorter.filter(|_| found.is_some()), "{name}");
        }
        for byte in 0..=255 {
            let upper = upper(u64::from_le_bytes([byte; 8]));
            assert_eq!(upper, u64::from_le_bytes([byte.to_ascii_uppercase(); 8]));
        }
        for other in ["", "G", "GE", "G\u{7}T", "GET ", "GET\0", "7ET", "\u{7}ET", "GETT"] {
            assert_eq!(position(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn few_names_share_a_slot() {
        let probes = |name: &&&str| {
            let first = TABLE[slot_of(folded(name.as_bytes()), name.len())].place;
            is_one_word(name.as_bytes()) && NAMES[usize::from(first)] != **name
        };
        assert!(NAMES.iter().filter(probes).count() * 10 < NAMES.len());
    }
}
