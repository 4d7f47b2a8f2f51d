//! A set: a sorted array while all members are integers, one packed buffer while it is small, a table later.

use super::bytes::Bytes;
use super::intset::Ints;
use super::packed::{self, Encoded, Item, Packed};
use super::table::{Random, Table, below, hash_bytes};
use super::{PACKED_VALUE, SET_ENTRIES, SET_INTS};

/// A set of byte strings.
#[derive(Debug, Clone)]
pub struct Set {
    seed: u64,
    repr: Repr,
}

#[derive(Debug, Clone)]
enum Repr {
    Ints(Ints),
    Small(Packed),
    Large(Box<Table<Bytes>>),
}

impl Set {
    /// An empty set; `seed` is that of the hash function.
    pub const fn new(seed: u64) -> Self {
        Set { seed, repr: Repr::Ints(Ints::new()) }
    }

    /// An empty packed set, what the result of an intersection starts as.
    pub const fn new_packed(seed: u64) -> Self {
        Set { seed, repr: Repr::Small(Packed::new()) }
    }

    /// The name OBJECT ENCODING gives.
    pub fn encoding(&self) -> &'static str {
        match self.repr {
            Repr::Ints(_) => "intset",
            Repr::Small(_) => "listpack",
            Repr::Large(_) => "hashtable",
        }
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Ints(ints) => ints.len(),
            Repr::Small(packed) => packed.len(),
            Repr::Large(table) => table.len(),
        }
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        match &self.repr {
            Repr::Ints(ints) => ints.memory(),
            Repr::Small(packed) => packed.memory(),
            Repr::Large(table) => {
                let members: usize = table.iter().map(Bytes::memory).sum();
                size_of::<Table<Bytes>>() + table.memory() + members
            }
        }
    }

    /// Chooses the encoding for a command that brings `members` members, as Redis does, before the first is inserted.
    /// Members that are there already count again. In a new set, `first` is the first of them.
    pub fn expect(&mut self, members: usize, first: &[u8]) {
        if self.is_empty() && matches!(self.repr, Repr::Ints(_)) {
            if members <= SET_INTS && Item::Bytes(first).as_int().is_some() {
                return;
            }
            self.repr = Repr::Small(Packed::new());
        }
        match &self.repr {
            Repr::Ints(_) if members > SET_INTS => self.convert(members),
            Repr::Small(_) if members > SET_ENTRIES => self.convert(members),
            _ => {}
        }
    }

    /// Becomes an array of integers if it is packed and that is possible: the end of an intersection.
    pub fn settle(&mut self) {
        let Repr::Small(packed) = &self.repr else {
            return;
        };
        let mut ints = Ints::new();
        for item in packed {
            match item {
                Item::Int(value) => ints.insert(value),
                Item::Bytes(_) => return,
            };
        }
        if ints.len() <= SET_INTS {
            self.repr = Repr::Ints(ints);
        }
    }

    /// Whether it has this member.
    pub fn contains<'a>(&self, member: impl Into<Item<'a>>) -> bool {
        let member = member.into();
        match &self.repr {
            Repr::Ints(ints) => member.as_int().is_some_and(|value| ints.contains(value)),
            Repr::Small(packed) => packed.find(packed.first(), &Encoded::new(member), 1).is_some(),
            Repr::Large(table) => member.with_text(|text| find(table, self.seed, text).is_some()),
        }
    }

    /// Adds a member; `false` if it was there.
    pub fn insert<'a>(&mut self, member: impl Into<Item<'a>>) -> bool {
        let member = member.into();
        match &mut self.repr {
            Repr::Ints(ints) => match member.as_int() {
                Some(value) => {
                    let new = ints.insert(value);
                    if ints.len() > SET_INTS {
                        self.convert(0);
                    }
                    new
                }
                None => {
                    if ints.len() < SET_ENTRIES && member.text_len() <= PACKED_VALUE {
                        self.pack();
                    } else {
                        self.convert(0);
                    }
                    self.insert(member)
                }
            },
            Repr::Small(packed) => {
                let entry = Encoded::new(member);
                if packed.find(packed.first(), &entry, 1).is_some() {
                    return false;
                }
                if packed.len() < SET_ENTRIES && member.text_len() <= PACKED_VALUE {
                    packed.insert_encoded(packed.end(), &entry);
                    return true;
                }
                self.convert(0);
                self.insert(member)
            }
            Repr::Large(table) => {
                let seed = self.seed;
                member.with_text(|text| {
                    let new = find(table, seed, text).is_none();
                    if new {
                        table.insert_unique(hash_bytes(seed, text), Bytes::from(text), hasher(seed));
                    }
                    new
                })
            }
        }
    }

    /// Removes a member; `false` if it was not there.
    pub fn remove<'a>(&mut self, member: impl Into<Item<'a>>) -> bool {
        let (seed, member) = (self.seed, member.into());
        match &mut self.repr {
            Repr::Ints(ints) => member.as_int().is_some_and(|value| ints.remove(value)),
            Repr::Small(packed) => match packed.find(packed.first(), &Encoded::new(member), 1) {
                Some(at) => {
                    packed.remove(at, 1);
                    true
                }
                None => false,
            },
            Repr::Large(table) => member.with_text(|text| {
                table.remove(hash_bytes(seed, text), |other| other.as_slice() == text, hasher(seed)).is_some()
            }),
        }
    }

    /// The members: integers ascending, packed ones in the order of insertion, others in no useful order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(match &self.repr {
            Repr::Ints(ints) => Walk::Ints(ints, 0),
            Repr::Small(packed) => Walk::Small(packed.iter()),
            Repr::Large(table) => Walk::Large(table.iter()),
        })
    }

    /// A member, all of them equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<Item<'_>> {
        match &self.repr {
            Repr::Ints(ints) => ints.get(below(random, ints.len())).map(Item::Int),
            Repr::Small(packed) => packed.nth(below(random, packed.len())),
            Repr::Large(table) => table.random(random).map(|text| Item::Bytes(text)),
        }
    }

    /// Removes a member, all of them equally likely, and shows it to `f`.
    pub fn pop_random<R>(&mut self, random: Random<'_>, f: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        let seed = self.seed;
        match &mut self.repr {
            Repr::Ints(ints) => ints.remove_at(below(random, ints.len())).map(|value| f(Item::Int(value))),
            Repr::Small(packed) => {
                let at = packed.seek(below(random, packed.len()))?;
                let result = f(packed.get(at));
                packed.remove(at, 1);
                Some(result)
            }
            Repr::Large(table) => table.pop_random(random, hasher(seed)).map(|text| f(Item::Bytes(&text))),
        }
    }

    /// A step of SSCAN: shows about `count` members (all of them if small), returns the next cursor, 0 at the end.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Item<'_>)) -> u64 {
        match &self.repr {
            Repr::Ints(_) | Repr::Small(_) => {
                self.iter().for_each(visit);
                0
            }
            Repr::Large(table) => table.scan(cursor, count, |text| visit(Item::Bytes(text))),
        }
    }

    fn pack(&mut self) {
        let mut packed = Packed::new();
        self.iter().for_each(|item| packed.push_back(item));
        self.repr = Repr::Small(packed);
    }

    fn convert(&mut self, room: usize) {
        let seed = self.seed;
        let mut table = Table::with_capacity(room.max(self.len() + 1));
        for item in self.iter() {
            let text = item.with_text(|text| Bytes::from(text));
            table.insert_unique(hash_bytes(seed, &text), text, hasher(seed));
        }
        self.repr = Repr::Large(Box::new(table));
    }
}

fn hasher(seed: u64) -> impl Fn(&Bytes) -> u64 {
    move |text| hash_bytes(seed, text)
}

fn find<'a>(table: &'a Table<Bytes>, seed: u64, text: &[u8]) -> Option<&'a Bytes> {
    table.find(hash_bytes(seed, text), |other| other.as_slice() == text)
}

/// The members of a [`Set`].
#[derive(Clone)]
pub struct Iter<'a>(Walk<'a>);

#[derive(Clone)]
enum Walk<'a> {
    Ints(&'a Ints, usize),
    Small(packed::Iter<'a>),
    Large(hashbrown::hash_table::Iter<'a, Bytes>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        match &mut self.0 {
            Walk::Ints(ints, at) => {
                let value = ints.get(*at)?;
                *at += 1;
                Some(Item::Int(value))
            }
            Walk::Small(items) => items.next(),
            Walk::Large(members) => members.next().map(|text| Item::Bytes(text)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Walk::Ints(ints, at) => ints.len() - at,
            Walk::Small(items) => items.len(),
            Walk::Large(members) => members.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::super::testing::{any_text, few_texts, random, texts};
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn encodings_change_as_in_redis() {
        assert!(size_of::<Set>() <= 48);
        let mut set = Set::new(1);
        (0..127).for_each(|i| assert!(set.insert(i)));
        let ints = set.clone();
        assert!(set.insert(b"a".as_slice()) && set.encoding() == "listpack");
        assert!(!set.insert(5) && set.encoding() == "listpack");
        assert!(set.insert(b"b".as_slice()) && set.encoding() == "hashtable" && set.len() == 129);
        let mut set = ints.clone();
        assert!(set.insert(127) && set.insert(b"a".as_slice()) && set.encoding() == "hashtable");
        let mut set = ints.clone();
        assert!(set.insert([7; 65].as_slice()) && set.encoding() == "hashtable");
        let mut set = ints;
        (127..SET_INTS as i64).for_each(|i| assert!(set.insert(i)));
        assert!(set.encoding() == "intset" && set.insert(-1) && set.encoding() == "hashtable");
        let mut set = Set::new_packed(1);
        assert!(set.insert(2) && set.insert(1));
        set.settle();
        assert!(set.encoding() == "intset" && texts(set.iter()) == [b"1", b"2"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn set_is_a_set(
            start in 0..600_i64,
            text_start in any::<bool>(),
            ops in prop::collection::vec((0..5_u8, prop_oneof![few_texts(), any_text()]), 0..200),
            count in 1..100_usize,
        ) {
            let (mut set, mut model) = (Set::new(9), HashSet::<Vec<u8>>::new());
            let mut random = random(start as u64);
            for i in 0..start {
                let text = if text_start { format!("m{i}") } else { i.to_string() };
                prop_assert!(set.insert(text.as_bytes()));
                model.insert(text.into_bytes());
            }
            for (op, text) in ops {
                match op {
                    0 | 1 => prop_assert_eq!(set.insert(text.as_slice()), model.insert(text.clone())),
                    2 | 3 => prop_assert_eq!(set.remove(text.as_slice()), model.remove(&text)),
                    _ => {
                        prop_assert!(set.random(&mut random).is_none_or(|member| model.contains(&member.to_vec())));
                        let popped = set.pop_random(&mut random, |item| item.to_vec());
                        prop_assert!(popped.map_or(model.is_empty(), |member| model.remove(&member)));
                    }
                }
                prop_assert_eq!(set.contains(text.as_slice()), model.contains(&text));
                prop_assert_eq!(set.len(), model.len());
            }
            prop_assert_eq!(set.iter().len(), model.len());
            prop_assert_eq!(&texts(set.clone().iter()).into_iter().collect::<HashSet<_>>(), &model);
            let (mut seen, mut cursor) = (HashSet::new(), 0);
            loop {
                cursor = set.scan(cursor, count, &mut |member| { seen.insert(member.to_vec()); });
                if cursor == 0 { break; }
            }
            prop_assert_eq!(&seen, &model);
        }
    }
}
