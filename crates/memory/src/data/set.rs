//! A set: a sorted array while all members are integers, one packed buffer while it is small, a table later.

use redipy_command::Result;
use redipy_command::sink::Whole;

use super::bytes::same;
use super::config::CollectionConfig;
use super::either::{Either, SmallOrLarge, SmallOrLargeMut};
use super::intset::Ints;
use super::packed::{self, Item, Packed, PackedElement};
use super::table::{self, HasText, Random, Table, below, hash_bytes};
use super::thin::ThinBytes;

/// A set of byte strings.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct Set(Either<Large>);

/// The forms that are not packed. Integers are many more than tables, which are large anyway: hence the box.
#[derive(Debug, Clone)]
enum Large {
    Ints(Ints),
    Texts(Box<Texts>),
}

#[derive(Debug, Clone)]
struct Texts {
    /// That of the hash function.
    seed: u64,
    table: Table<ThinBytes>,
}

impl Default for Set {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Ints> for Set {
    fn from(ints: Ints) -> Self {
        Set(Either::large(Large::Ints(ints)))
    }
}

impl Set {
    /// An empty set.
    pub fn new() -> Self {
        Ints::new().into()
    }

    /// An empty packed set, what the result of an intersection starts as.
    pub const fn new_packed() -> Self {
        Set(Either::small(Packed::new()))
    }

    /// The name OBJECT ENCODING gives.
    pub fn encoding(&self) -> &'static str {
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(_)) => "intset",
            SmallOrLarge::Small(_) => "listpack",
            SmallOrLarge::Large(Large::Texts(_)) => "hashtable",
        }
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(ints)) => ints.len(),
            SmallOrLarge::Small(packed) => packed.len(),
            SmallOrLarge::Large(Large::Texts(texts)) => texts.table.len(),
        }
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(ints)) => Either::<Large>::LARGE + ints.memory(),
            SmallOrLarge::Small(packed) => packed.memory(),
            SmallOrLarge::Large(Large::Texts(texts)) => {
                let members: usize = texts.table.iter().map(ThinBytes::memory).sum();
                Either::<Large>::LARGE + size_of::<Texts>() + texts.table.memory() + members
            }
        }
    }

    /// Chooses the encoding for a command that brings `members` members, as Redis does, before the first is inserted.
    /// Members that are there already count again. In a new set, `first` is the first of them.
    #[inline]
    pub fn expect(&mut self, members: usize, first: &[u8], config: &CollectionConfig) {
        if !matches!(self.0.form(), SmallOrLarge::Large(Large::Texts(_))) {
            self.expect_in_small(members, first, config);
        }
    }

    fn expect_in_small(&mut self, members: usize, first: &[u8], config: &CollectionConfig) {
        if self.is_empty() && matches!(self.0.form(), SmallOrLarge::Large(Large::Ints(_))) {
            if members <= config.set_max_intset_entries && Item::Bytes(first).as_int().is_some() {
                return;
            }
            *self = Self::new_packed();
        }
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(_)) if members > config.set_max_intset_entries => {
                self.convert(members, config.seed)
            }
            SmallOrLarge::Small(_) if members > config.set_max_listpack_entries => self.convert(members, config.seed),
            _ => {}
        }
    }

    /// Becomes an array of integers if it is packed and that is possible: the end of an intersection.
    pub fn settle(&mut self, config: &CollectionConfig) {
        let SmallOrLarge::Small(packed) = self.0.form() else {
            return;
        };
        let mut ints = Ints::new();
        for item in packed {
            match item {
                Item::Int(value) => ints.insert(value),
                Item::Bytes(_) => return,
            };
        }
        if ints.len() <= config.set_max_intset_entries {
            *self = ints.into();
        }
    }

    /// Whether it has this member.
    pub fn contains<'a>(&self, member: impl Into<Item<'a>>) -> bool {
        let member = member.into();
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(ints)) => member.as_int().is_some_and(|value| ints.contains(value)),
            SmallOrLarge::Small(packed) => packed.find(packed.first(), &PackedElement::new(member), 1).is_some(),
            SmallOrLarge::Large(Large::Texts(texts)) => member.with_text(|text| texts.find(text).is_some()),
        }
    }

    /// Adds a member; `false` if it was there.
    pub fn insert<'a>(&mut self, member: impl Into<Item<'a>>, config: &CollectionConfig) -> bool {
        let member = member.into();
        match self.0.form_mut() {
            SmallOrLargeMut::Large(Large::Ints(ints)) => match member.as_int() {
                Some(value) => {
                    let new = ints.insert(value);
                    if ints.len() > config.set_max_intset_entries {
                        self.convert(0, config.seed);
                    }
                    new
                }
                None => {
                    let longest = ints.longest_text().max(member.text_len());
                    if ints.len() < config.set_max_listpack_entries && longest <= config.set_max_listpack_value {
                        self.pack();
                    } else {
                        self.convert(0, config.seed);
                    }
                    self.insert(member, config)
                }
            },
            SmallOrLargeMut::Small(packed) => {
                let entry = PackedElement::new(member);
                if packed.find(packed.first(), &entry, 1).is_some() {
                    return false;
                }
                if packed.len() < config.set_max_listpack_entries && member.text_len() <= config.set_max_listpack_value
                {
                    packed.insert_encoded(packed.end(), &entry);
                    return true;
                }
                self.convert(0, config.seed);
                self.insert(member, config)
            }
            SmallOrLargeMut::Large(Large::Texts(texts)) => member.with_text(|text| texts.insert(text)),
        }
    }

    /// Adds a member that is not there.
    pub fn insert_new(&mut self, member: &[u8], config: &CollectionConfig) {
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed)
                if packed.len() < config.set_max_listpack_entries && member.len() <= config.set_max_listpack_value =>
            {
                packed.push_back(Item::Bytes(member));
            }
            SmallOrLargeMut::Large(Large::Texts(texts)) => texts.add(member.into()),
            SmallOrLargeMut::Small(_) | SmallOrLargeMut::Large(Large::Ints(_)) => _ = self.insert(member, config),
        }
    }

    /// Removes a member; `false` if it was not there.
    pub fn remove<'a>(&mut self, member: impl Into<Item<'a>>) -> bool {
        let member = member.into();
        match self.0.form_mut() {
            SmallOrLargeMut::Large(Large::Ints(ints)) => member.as_int().is_some_and(|value| ints.remove(value)),
            SmallOrLargeMut::Small(packed) => match packed.find(packed.first(), &PackedElement::new(member), 1) {
                Some(at) => {
                    packed.remove(at, 1);
                    true
                }
                None => false,
            },
            SmallOrLargeMut::Large(Large::Texts(texts)) => member.with_text(|text| {
                let seed = texts.seed;
                texts.table.remove(hash_bytes(seed, text), |other| same(other, text), hasher(seed)).is_some()
            }),
        }
    }

    /// The members: integers ascending, packed ones in the order of insertion, others in no useful order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(match self.0.form() {
            SmallOrLarge::Large(Large::Ints(ints)) => Walk::Ints(ints, 0),
            SmallOrLarge::Small(packed) => Walk::Small(packed.iter()),
            SmallOrLarge::Large(Large::Texts(texts)) => Walk::Large(texts.table.iter()),
        })
    }

    /// What all members together are known by.
    pub fn whole(&self) -> Whole<'_> {
        self.0.whole()
    }

    /// A member, all of them equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<Item<'_>> {
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(ints)) => ints.get(below(random, ints.len())).map(Item::Int),
            SmallOrLarge::Small(packed) => packed.nth(below(random, packed.len())),
            SmallOrLarge::Large(Large::Texts(texts)) => texts.table.random(random).map(|text| Item::Bytes(text)),
        }
    }

    /// Removes a member, all of them equally likely, and shows it to `f`; where `f` fails it stays.
    ///
    /// # Errors
    /// That of `f`.
    pub fn pop_random<R>(&mut self, random: Random<'_>, f: impl FnOnce(Item<'_>) -> Result<R>) -> Result<Option<R>> {
        match self.0.form_mut() {
            SmallOrLargeMut::Large(Large::Ints(ints)) => {
                ints.remove_at(below(random, ints.len())).map(|value| f(Item::Int(value))).transpose()
            }
            SmallOrLargeMut::Small(packed) => {
                let Some(at) = packed.seek(below(random, packed.len())) else { return Ok(None) };
                let result = f(packed.get(at))?;
                packed.remove(at, 1);
                Ok(Some(result))
            }
            SmallOrLargeMut::Large(Large::Texts(texts)) => {
                let Some(text) = texts.table.pop_random(random, hasher(texts.seed)) else { return Ok(None) };
                f(Item::Bytes(&text)).map(Some).inspect_err(|_| texts.add(text))
            }
        }
    }

    /// A step of SSCAN: shows about `count` members (all of them if small), returns the next cursor, 0 at the end.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Item<'_>)) -> u64 {
        match self.0.form() {
            SmallOrLarge::Large(Large::Ints(_)) | SmallOrLarge::Small(_) => {
                self.iter().for_each(visit);
                0
            }
            SmallOrLarge::Large(Large::Texts(texts)) => {
                texts.table.scan(cursor, count, |text| visit(Item::Bytes(text)))
            }
        }
    }

    fn pack(&mut self) {
        let mut packed = Packed::new();
        self.iter().for_each(|item| packed.push_back(item));
        self.0 = Either::small(packed);
    }

    fn convert(&mut self, room: usize, seed: u64) {
        let mut texts = Texts { seed, table: Table::with_capacity(room.max(self.len() + 1)) };
        for item in self.iter() {
            item.with_text(|text| texts.add(text.into()));
        }
        self.0 = Either::large(Large::Texts(Box::new(texts)));
    }
}

impl Texts {
    #[inline]
    fn find(&self, text: &[u8]) -> Option<&ThinBytes> {
        self.table.find_text(hash_bytes(self.seed, text), text)
    }

    /// Adds a text; `false` if it was there.
    fn insert(&mut self, text: &[u8]) -> bool {
        let hash = hash_bytes(self.seed, text);
        let new = self.table.find_text(hash, text).is_none();
        if new {
            self.table.insert_unique(hash, text.into(), hasher(self.seed));
        }
        new
    }

    /// Adds a text that is not there.
    fn add(&mut self, text: ThinBytes) {
        self.table.insert_unique(hash_bytes(self.seed, &text), text, hasher(self.seed));
    }
}

impl HasText for ThinBytes {
    #[inline]
    fn text(&self) -> &[u8] {
        self
    }
}

fn hasher(seed: u64) -> impl Fn(&ThinBytes) -> u64 {
    move |text| hash_bytes(seed, text)
}

/// The members of a [`Set`].
#[derive(Clone)]
pub struct Iter<'a>(Walk<'a>);

#[derive(Clone)]
enum Walk<'a> {
    Ints(&'a Ints, usize),
    Small(packed::Iter<'a>),
    Large(table::Iter<'a, ThinBytes>),
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

    const DEFAULT: &CollectionConfig = &CollectionConfig::DEFAULT;

    #[test]
    fn encodings_change_as_in_redis() {
        assert_eq!((size_of::<Set>(), size_of::<Large>()), (8, 32));
        let mut set = Set::new();
        (0..127).for_each(|i| assert!(set.insert(i, DEFAULT)));
        let ints = set.clone();
        assert!(set.insert(b"a".as_slice(), DEFAULT) && set.encoding() == "listpack");
        assert!(!set.insert(5, DEFAULT) && set.encoding() == "listpack");
        assert!(set.insert(b"b".as_slice(), DEFAULT) && set.encoding() == "hashtable" && set.len() == 129);
        let mut set = ints.clone();
        assert!(set.insert(127, DEFAULT) && set.insert(b"a".as_slice(), DEFAULT) && set.encoding() == "hashtable");
        let mut set = ints.clone();
        assert!(set.insert([7; 65].as_slice(), DEFAULT) && set.encoding() == "hashtable");
        let mut set = ints;
        (127..DEFAULT.set_max_intset_entries as i64).for_each(|i| assert!(set.insert(i, DEFAULT)));
        assert!(set.encoding() == "intset" && set.insert(-1, DEFAULT) && set.encoding() == "hashtable");
        let mut set = Set::new_packed();
        assert!(set.insert(2, DEFAULT) && set.insert(1, DEFAULT));
        set.settle(DEFAULT);
        assert!(set.encoding() == "intset" && texts(set.iter()) == [b"1", b"2"]);
    }

    /// A Redis 8.2 takes 38,323 bytes for these; redipy promises 34 KB.
    #[test]
    fn a_large_set_is_small() {
        let mut set = Set::new();
        (0..1000).for_each(|i| assert!(set.insert(format!("element:{i:08}").as_bytes(), DEFAULT)));
        assert!(set.memory() <= 34_000, "{}", set.memory());
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
            let (mut set, mut model) = (Set::new(), HashSet::<Vec<u8>>::new());
            let mut random = random(start as u64);
            for i in 0..start {
                let text = if text_start { format!("m{i}") } else { i.to_string() };
                prop_assert!(set.insert(text.as_bytes(), DEFAULT));
                model.insert(text.into_bytes());
            }
            for (op, text) in ops {
                match op {
                    0 | 1 => prop_assert_eq!(set.insert(text.as_slice(), DEFAULT), model.insert(text.clone())),
                    2 | 3 => prop_assert_eq!(set.remove(text.as_slice()), model.remove(&text)),
                    _ => {
                        prop_assert!(set.random(&mut random).is_none_or(|member| model.contains(&member.to_vec())));
                        let popped = set.pop_random(&mut random, |item| Ok(item.to_vec())).unwrap();
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
